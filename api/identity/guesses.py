"""Wrong passwords make the next try wait, longer each time (NIST SP 800-63B, 5.2.2).

Counted by what was typed, so an e-mail that nobody has is treated like any other. Each try is counted before the
password is looked at: a hundred at the same moment are still five. While it waits, no password is looked at, so a
refusal costs one statement and no argon2, and says nothing about whether the account exists.
A browser that signed in before has a budget of its own (OWASP: device cookies): whoever guesses elsewhere can't lock
its person out.
"""

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Mapping

import structlog
from sqlalchemy import ARRAY, Integer, bindparam, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from api.core.errors import ProblemError
from api.core.secrets import keep_secret
from api.core.settings import Settings
from api.identity.rules import MOST_GUESSES, wait_after
from api.identity.sessions import cookie_name

log = structlog.get_logger()
WAITS = [wait_after(failures) for failures in range(1, MOST_GUESSES + 1)]
HASH = "sha256(convert_to(lower(:subject), 'UTF8'))"

TRY = text(
    f"""
    with tried as (
        insert into sign_in_guess as g (subject_hash, failures, open_at)
        values ({HASH}, 1, now() + make_interval(secs => (:waits)[1]))
        on conflict (subject_hash) do update set (failures, open_at) = (
            select n, now() + make_interval(secs => (:waits)[least(n, cardinality(:waits))])
            from (select case when g.open_at < now() - interval '1 day' then 1 else g.failures + 1 end as n) next
        )
        where g.open_at <= now()
        returning failures
    )
    select (select failures from tried) as failures,
           (select ceil(extract(epoch from open_at - now()))::int
            from sign_in_guess where subject_hash = {HASH}) as wait_s
    """
).bindparams(bindparam("waits", type_=ARRAY(Integer)))

RIGHT = text(f"delete from sign_in_guess where subject_hash = {HASH} or open_at < now() - interval '1 day'")
"""What nobody guessed at for a day goes too."""


class TooManyGuesses(ProblemError):
    status = 429
    title = "Too many wrong passwords"

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.extensions["retry_after_s"])}


def of_email(email: str, device: str | None) -> str:
    """Whom the tries are counted for at the sign-in: the e-mail, apart for a browser that it signed in with before."""
    return f"{email} {device}" if device else email


def of_account(account_id: uuid.UUID) -> str:
    """For who is signed in and must show the password again."""
    return f"account {account_id}"


async def begin(engine: AsyncEngine, subject: str) -> None:
    """Counts one more try as wrong until `succeeded`; TooManyGuesses says how long to wait.

    On a connection that commits at once and is given back before the password is looked at: argon2 takes 50 ms, and
    whoever tries at the same moment must see this try.
    """
    async with engine.connect() as connection:
        row = (await connection.execute(TRY, {"subject": subject, "waits": WAITS})).one()
    if row.failures is None:
        wait = max(1, row.wait_s or 1)
        log.warning("password not looked at", reason="too many wrong ones", wait_s=wait)
        raise TooManyGuesses(
            f"Too many wrong passwords were given here. Wait {_words(wait)}, then try again. "
            "In a browser that you signed in with before, you need not wait.",
            retry_after_s=wait,
        )


async def succeeded(session: AsyncSession, subject: str) -> None:
    """The password was right: what was wrong before is forgotten."""
    await session.execute(RIGHT, {"subject": subject})


def _words(seconds: int) -> str:
    for size, name in ((3600, "hour"), (60, "minute")):
        if seconds > size:
            return f"{-(-seconds // size)} {name}s"
    return f"{seconds} second{'s' if seconds > 1 else ''}"


def device_cookie_name(settings: Settings) -> str:
    """`praxis_8000` is the session's; this one stays after the sign-off."""
    return f"{cookie_name(settings)}_device"


def device_of(cookies: Mapping[str, str], settings: Settings, email: str) -> str | None:
    """The browser's own name, if we gave it one when this e-mail signed in there."""
    nonce, _, mac = cookies.get(device_cookie_name(settings), "").partition(".")
    return nonce if nonce and hmac.compare_digest(mac.encode(), _mac(settings, email, nonce).encode()) else None


def device_cookie(settings: Settings, email: str, known: str | None) -> str:
    """For a browser in which this e-mail just signed in; the name that it has already stays."""
    nonce = known or secrets.token_urlsafe(16)
    return f"{nonce}.{_mac(settings, email, nonce)}"


def _mac(settings: Settings, email: str, nonce: str) -> str:
    key = keep_secret(settings.secrets_dir / "device_key", lambda: secrets.token_urlsafe(32))
    return hmac.new(key.encode(), f"{nonce} {email.lower()}".encode(), hashlib.sha256).hexdigest()
