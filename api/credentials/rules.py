"""Codes, days and states of certificates: plain values in, decisions out."""

import calendar
import secrets
from datetime import UTC, datetime, time, timedelta
from typing import Literal

State = Literal["valid", "renewed", "expired", "revoked"]

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U to misread."""

RENEWAL = timedelta(days=60)
"""So long before its end a certificate can be renewed by taking the course again."""


def new_code() -> str:
    """60 random bits to type from paper: PRX-XXXX-XXXX-XXXX."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(12))
    return "-".join(["PRX", letters[:4], letters[4:8], letters[8:]])


def normal_code(typed: str) -> str:
    """As a human typed it: any case, dashes or none, O for 0, I and L for 1."""
    letters = "".join(c for c in typed.upper() if c.isalnum()).removeprefix("PRX")
    letters = letters.translate(str.maketrans("OIL", "011"))
    return "-".join(["PRX", letters[:4], letters[4:8], letters[8:]])


def expiry(issued_at: datetime, months: int | None) -> datetime | None:
    """The end of the day (UTC) so many calendar months later: a certificate of 31 January holds till 28 February."""
    if months is None:
        return None
    issued = issued_at.astimezone(UTC).date()
    year, month = divmod(issued.year * 12 + issued.month - 1 + months, 12)
    day = min(issued.day, calendar.monthrange(year, month + 1)[1])
    return datetime.combine(issued.replace(year, month + 1, day), time(23, 59, 59), UTC)


def state_of(*, expires_at: datetime | None, revoked_at: datetime | None, is_renewed: bool, now: datetime) -> State:
    """What whoever checks it must know first. One that was renewed counts until its own end; the newer says more."""
    if revoked_at:
        return "revoked"
    if is_renewed:
        return "renewed"
    return "expired" if expires_at and expires_at < now else "valid"


def begins_anew(*, expires_at: datetime | None, revoked_at: datetime | None, now: datetime) -> bool:
    """Whether whoever holds it, or lost it, takes the course again by enrolling."""
    return revoked_at is not None or (expires_at is not None and now >= expires_at - RENEWAL)
