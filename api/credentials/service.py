"""Certificates are issued here, found, shown and revoked; each change with its fact, in the caller's transaction."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from api.core import events
from api.core.db import new_id
from api.core.errors import Conflict, NotFound
from api.credentials.models import Certificate
from api.credentials.queries import certificates
from api.credentials.rules import State, begins_anew, expiry, new_code, normal_code, state_of

__all__ = ["Held", "ended", "issue", "mine", "my_certificate", "verify"]


class Revoked(Conflict):
    title = "This certificate was revoked"


@dataclass(frozen=True, slots=True)
class Held:
    """A certificate and what became of it by now."""

    certificate: Certificate
    state: State
    renewed_by: str | None = None


async def issue(
    session: AsyncSession,
    *,
    person_id: uuid.UUID,
    person_name: str,
    title: str,
    score_percent: int | None,
    kind: Literal["course", "path"] = "course",
    enrollment_id: uuid.UUID | None = None,
    course_id: uuid.UUID | None = None,
    path_id: uuid.UUID | None = None,
    valid_months: int | None = None,
    summary: str = "",
    about: dict[str, str] | None = None,
    now: datetime,
) -> Certificate:
    """A certificate with its fact; once, because the caller holds a lock on what was finished.

    `about`: what else the fact is to say, such as the version of the course.
    """
    certificate = Certificate(
        id=new_id(),
        person_id=person_id,
        kind=kind,
        enrollment_id=enrollment_id,
        course_id=course_id,
        path_id=path_id,
        code=new_code(),
        person_name=person_name,
        course_title=title,
        summary=summary,
        score_percent=score_percent,
        issued_at=now,
        expires_at=expiry(now, valid_months),
    )
    session.add(certificate)
    await events.record(
        session,
        "learning.certificate_issued",
        subject_id=person_id,
        actor_id=person_id,
        payload=fact_of(certificate) | (about or {}),
        occurred_at=now,
    )
    return certificate


def fact_of(certificate: Certificate) -> dict[str, Any]:
    """What each fact about a certificate says: only ids and codes that there are, and its end where it has one."""
    ids = {name: getattr(certificate, name) for name in ("enrollment_id", "course_id", "path_id")}
    ends = {"expires_at": certificate.expires_at.isoformat()} if certificate.expires_at else {}
    known = {name: str(value) for name, value in ids.items() if value}
    return known | {"certificate_id": str(certificate.id), "code": certificate.code} | ends


def _held(certificate: Certificate, renewed_by: str | None, now: datetime | None) -> Held:
    moment = now or datetime.now(UTC)
    ends, revoked = certificate.expires_at, certificate.revoked_at
    state = state_of(expires_at=ends, revoked_at=revoked, is_renewed=renewed_by is not None, now=moment)
    return Held(certificate, state, renewed_by)


async def ended(session: AsyncSession, enrollment_id: uuid.UUID, now: datetime) -> bool:
    """Whether what this enrollment earned is over, or soon, or was taken back: then the course can be taken anew."""
    found = await certificates(session, Certificate.enrollment_id == enrollment_id)
    one = found[0][0] if found else None
    return one is not None and begins_anew(expires_at=one.expires_at, revoked_at=one.revoked_at, now=now)


async def mine(session: AsyncSession, person_id: uuid.UUID, *, now: datetime | None = None) -> list[Held]:
    """The newest first, revoked and expired ones too."""
    return [_held(*row, now) for row in await certificates(session, Certificate.person_id == person_id)]


async def my_certificate(
    session: AsyncSession, *, person_id: uuid.UUID, course_id: uuid.UUID | None = None, code: str | None = None
) -> Certificate:
    """The newest of a course that was not revoked: of an enrollment before too, while it is being taken again; or
    the one with this code.
    """
    asked = Certificate.code == normal_code(code) if code else Certificate.course_id == course_id
    found = [row[0] for row in await certificates(session, Certificate.person_id == person_id, asked)]
    if not found:
        raise NotFound("There is no certificate yet: complete every module of the course first.")
    standing = next((one for one in found if one.revoked_at is None), None)
    if standing is None:
        raise Revoked(f"It was revoked: {found[0].revoked_reason} Take the course again for a new one: POST /enroll.")
    return standing


async def verify(session: AsyncSession, code: str, *, now: datetime | None = None) -> Held:
    """The certificate behind a code, typed in any case and with or without dashes."""
    found = await certificates(session, Certificate.code == normal_code(code))
    if not found:
        raise NotFound("No certificate carries this code: it is not genuine, or the code is mistyped.", genuine=False)
    return _held(*found[0], now)
