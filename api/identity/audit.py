"""The audit log's table, and the one way to write to it. audit_search reads and exports it, audit_chain proves it."""

import json
import re
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, FetchedValue, LargeBinary, insert
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base
from api.core.origin import origin
from api.identity.models import Account
from api.identity.rules import WEB, Principal

ACTION = re.compile(r"[a-z_]+\.[a-z_]+")
SECRET = re.compile(r"password|secret|token|hash", re.IGNORECASE)
LONGEST_TEXT = 2000


class AuditEntry(Base):
    """One row per act, never changed. Names nobody: whoever reads it looks names up, so erasing a person works.

    No foreign keys: the log stands for itself, whatever becomes of what it speaks of.
    """

    __tablename__ = "audit_entry"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, server_default=FetchedValue())
    recorded_at: Mapped[datetime] = mapped_column(server_default=FetchedValue(), index=True)
    actor_account_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    actor_person_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    client_id: Mapped[str | None]
    on_behalf_of: Mapped[uuid.UUID | None]
    """The person for whom the actor acted, by delegation."""
    action: Mapped[str]
    target_type: Mapped[str]
    target_id: Mapped[str | None] = mapped_column(index=True)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    note: Mapped[str | None]
    ip: Mapped[str | None]
    user_agent: Mapped[str | None]
    request_id: Mapped[str | None]
    previous: Mapped[bytes] = mapped_column(LargeBinary, server_default=FetchedValue())
    hash: Mapped[bytes] = mapped_column(LargeBinary, server_default=FetchedValue())


async def record(
    session: AsyncSession,
    *,
    action: str,
    actor: Principal | Account | None = None,
    target_type: str,
    target_id: str | uuid.UUID | None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    on_behalf_of: uuid.UUID | None = None,
    client_id: str | None = None,
    note: str | None = None,
) -> None:
    """Append `domain.past_tense` to the log, in the transaction that makes it true.

    Call it last: from here to the end of the transaction all others who record wait, so a row locked after it may
    deadlock. `actor` is an account where the person is at our own sign-in pages. Keys of `before` and `after` that
    sound like a secret are left out. Give ids rather than names: nothing here can be erased later.
    """
    if not ACTION.fullmatch(action):
        raise ValueError(f"{action!r} is no action: write it as domain.past_tense")
    here = origin()
    if isinstance(actor, Account):
        actor = Principal(actor.id, actor.person_id, frozenset(), frozenset(), WEB)
    values = {
        "action": action,
        "actor_account_id": actor.account_id if actor else None,
        "actor_person_id": actor.person if actor else None,
        "client_id": client_id or (actor.client_id if actor else here.client_id),
        "on_behalf_of": on_behalf_of,
        "target_type": target_type,
        "target_id": _storable(str(target_id)) if target_id is not None else None,
        "before": _plain(before),
        "after": _plain(after),
        "note": _storable(note) if note is not None else None,
        "ip": here.ip,
        "user_agent": here.user_agent,
        "request_id": here.request_id,
    }
    await session.flush()  # what it speaks of comes first: a refused change must not have waited for the lock
    await session.execute(insert(AuditEntry).values(values))


def without_secrets(value: Any) -> Any:
    """The same without what a key calls a password, secret, token or hash, at any depth."""
    if isinstance(value, dict):
        return {str(key): without_secrets(kept) for key, kept in value.items() if not SECRET.search(str(key))}
    if isinstance(value, list | tuple | set | frozenset):
        return [without_secrets(kept) for kept in (sorted(value) if isinstance(value, set | frozenset) else value)]
    return _storable(value) if isinstance(value, str) else value


def _plain(value: dict[str, Any] | None) -> dict[str, Any] | None:
    """As JSON: ids and moments as texts."""
    return None if value is None else json.loads(json.dumps(without_secrets(value), default=str, allow_nan=False))


def _storable(text: str) -> str:
    """Postgres takes neither NUL nor half a surrogate, and what is guessed at sign-in may hold either."""
    return text[:LONGEST_TEXT].replace("\0", "\ufffd").encode("utf-8", "replace").decode()
