"""Links in mails that end those mails: signed, without an end, for one kind or for all."""

import base64
import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.errors import NotFound
from api.core.secrets import keep_secret
from api.core.settings import Settings
from api.notifications.models import NotificationChoice
from api.notifications.rules import KINDS

ALL = "all"


@dataclass(frozen=True, slots=True)
class Wish:
    person_id: uuid.UUID
    kind: str
    """One of KINDS, or all."""

    @property
    def kinds(self) -> list[str]:
        return list(KINDS) if self.kind == ALL else [self.kind]


def link(settings: Settings, wish: Wish) -> str:
    told = f"{wish.person_id.hex}.{wish.kind}"
    return f"{settings.api_url}/unsubscribe/{told}.{_signature(settings, told)}"


def read(settings: Settings, token: str) -> Wish:
    """NotFound for a link that we didn't write."""
    told, _, signature = token.rpartition(".")
    person, _, kind = told.partition(".")
    if not hmac.compare_digest(signature.encode(), _signature(settings, told).encode()):
        raise NotFound("This link isn't whole: copy it from the mail again, or choose at /notifications/choices.")
    if kind != ALL and kind not in KINDS:
        raise NotFound("There are no such mails any more.")
    return Wish(uuid.UUID(hex=person), kind)


async def end_mails(session: AsyncSession, wish: Wish) -> None:
    """No mail of these kinds from now on; in the app they are shown as before. Again: nothing."""
    for kind in wish.kinds:
        statement = insert(NotificationChoice).values(
            person_id=wish.person_id, kind=kind, app=KINDS[kind].app, mail=False
        )
        await session.execute(
            statement.on_conflict_do_update(index_elements=["person_id", "kind"], set_={"mail": False})
        )


def _signature(settings: Settings, told: str) -> str:
    key = keep_secret(settings.secrets_dir / "unsubscribe_key", lambda: secrets.token_hex(32))
    signed = hmac.digest(bytes.fromhex(key), f"unsubscribe {told}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(signed[:16]).decode().rstrip("=")
