"""Searching the audit log, and exporting what was found so that anybody can check it without us."""

import csv
import io
import json
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, Text, column, func, literal_column, or_, select, table
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from api.core.errors import Forbidden
from api.identity.audit import AuditEntry
from api.identity.models import Account, RoleGrant
from api.identity.rules import Principal

READERS = ("officer", "auditor")
BATCH = 500
PERSON = table("person", column("id"), column("display_name"))
"""Another domain's table, named and not imported; only the name to show is read."""

TEXT = literal_column("audit_text(audit_entry)", Text).label("text")
READABLE = ("seq", "recorded_at", "actor_name", "action", "target_type", "target_id", "note", "ip")


class WholeCompanyOnly(Forbidden):
    title = "The audit log is for the whole company"


@dataclass(frozen=True, slots=True)
class Filters:
    """`actor` is an account or a person; `action` a beginning such as `identity.`; `to` is exclusive."""

    actor: uuid.UUID | None = None
    action: str | None = None
    target_type: str | None = None
    target: str | None = None
    since: datetime | None = None
    to: datetime | None = None

    def given(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}


async def refuse_narrowed(reader: AsyncConnection | AsyncSession, who: Principal) -> None:
    """WholeCompanyOnly for somebody whose every reading role is narrowed to org units.

    An entry names people, units, addresses and other entries of any part of the company: there is no honest half of it.
    """
    live = or_(RoleGrant.valid_until.is_(None), RoleGrant.valid_until > func.now())
    held = select(func.bool_and(RoleGrant.org_unit_id.is_not(None))).where(
        RoleGrant.account_id == who.account_id,
        RoleGrant.role.in_([role for role in READERS if role in who.roles]),
        live,
    )
    if (await reader.execute(held)).scalar():
        raise WholeCompanyOnly(
            "Your role is narrowed to org units, and the log speaks of all of them: "
            "ask an officer or auditor of the whole company."
        )


async def search(
    reader: AsyncConnection, filters: Filters, *, cursor: int | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """(entries, cursor of the next page), the newest first."""
    statement = _chosen(filters, *AuditEntry.__table__.columns, _actor_name()).order_by(AuditEntry.seq.desc())
    if cursor is not None:
        statement = statement.where(AuditEntry.seq < cursor)
    rows = (await reader.execute(statement.limit(limit + 1))).mappings().all()
    following = str(rows[limit - 1]["seq"]) if len(rows) > limit else None
    return [_shown(dict(row)) for row in rows[:limit]], following


async def export(engine: AsyncEngine, filters: Filters, kind: str) -> AsyncIterator[bytes]:
    """Everything that matches, the oldest first, as it is read: `jsonl` or `csv`.

    Each line has the canonical text, the hash of the entry before and the entry's own: hash = sha256(previous + text).
    """
    columns = [getattr(AuditEntry, name) for name in READABLE if name != "actor_name"]
    statement = _chosen(filters, *columns, _actor_name(), TEXT, AuditEntry.previous, AuditEntry.hash)
    if kind == "csv":
        yield _csv([[*READABLE, "text", "previous", "hash"]])
    lines: Callable[[Any], bytes] = _csv_lines if kind == "csv" else _json_lines
    async with engine.connect() as connection, connection.stream(statement.order_by(AuditEntry.seq)) as stream:
        async for rows in stream.partitions(BATCH):
            yield lines(rows)


def _chosen(filters: Filters, *columns: Any) -> Select[Any]:
    actor, action = filters.actor, filters.action
    conditions = (
        actor and or_(AuditEntry.actor_account_id == actor, AuditEntry.actor_person_id == actor),
        action and AuditEntry.action.startswith(action, autoescape=True),
        filters.target_type and AuditEntry.target_type == filters.target_type,
        filters.target and AuditEntry.target_id == filters.target,
        filters.since and AuditEntry.recorded_at >= filters.since,
        filters.to and AuditEntry.recorded_at < filters.to,
    )
    joined = (
        select(*columns)
        .select_from(AuditEntry)
        .outerjoin(Account, Account.id == AuditEntry.actor_account_id)
        .outerjoin(PERSON, PERSON.c.id == AuditEntry.actor_person_id)
    )
    return joined.where(*(condition for condition in conditions if condition is not None))


def _actor_name() -> Any:
    return func.coalesce(PERSON.c.display_name, Account.email.cast(Text)).label("actor_name")


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    actor = {
        "account_id": row.pop("actor_account_id"),
        "person_id": row.pop("actor_person_id"),
        "name": row.pop("actor_name"),
        "client_id": row.pop("client_id"),
    }
    return {**row, "actor": actor, "hash": row["hash"].hex()}


def _json_lines(rows: Any) -> bytes:
    return b"".join(
        json.dumps({"seq": row.seq, "text": row.text, "previous": row.previous.hex(), "hash": row.hash.hex()}).encode()
        + b"\n"
        for row in rows
    )


def _csv_lines(rows: Any) -> bytes:
    return _csv(
        [
            *(_harmless(_cell(getattr(row, name))) for name in READABLE),
            row.text,
            row.previous.hex(),
            row.hash.hex(),
        ]
        for row in rows
    )


def _csv(rows: Any) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def _cell(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _harmless(cell: Any) -> Any:
    """A text that begins like a formula gets an apostrophe (OWASP: CSV injection); the canonical text begins with {."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
