"""Taking a certificate back, and saying once of each that its time is over."""

import uuid
from datetime import UTC, datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core import events
from api.core.errors import NotFound
from api.credentials.models import Certificate
from api.credentials.rules import normal_code
from api.credentials.service import Held, fact_of, verify
from api.identity.audit import record
from api.identity.rules import Principal
from api.people.service import check_within


async def revoke(session: AsyncSession, who: Principal, *, code: str, reason: str, now: datetime | None = None) -> Held:
    """By a compliance officer, of a person whom they reach. The second time says what the first one did.

    Not by the course's authors: they see no learner's name, and what somebody proved is not theirs to take.
    """
    moment = now or datetime.now(UTC)
    asked = select(Certificate).where(Certificate.code == normal_code(code)).with_for_update()
    certificate = await session.scalar(asked)
    if certificate is None:
        raise NotFound("No certificate carries this code: check it for a mistyped letter.")
    await check_within(session, who, certificate.person_id, "officer")
    if certificate.revoked_at is None:
        certificate.revoked_at, certificate.revoked_reason = moment, reason
        certificate.revoked_by = who.person
        await events.record(
            session,
            "learning.certificate_revoked",
            subject_id=certificate.person_id,
            actor_id=who.person,
            payload=fact_of(certificate),
            occurred_at=moment,
        )
        await record(
            session,
            action="learning.certificate_revoked",
            actor=who,
            target_type="certificate",
            target_id=certificate.id,
            after={"person_id": certificate.person_id, "code": certificate.code},
            note=reason,
        )
    return await verify(session, certificate.code, now=moment)


OVER = text(
    """
    update certificate set expiry_recorded_at = :now
    where expires_at < :now and expiry_recorded_at is null and revoked_at is null
    returning id
    """
)
FACT = """
    select 'learning.certificate_expired' as type, c.person_id as subject_id, c.expires_at as occurred_at,
        jsonb_strip_nulls(jsonb_build_object('enrollment_id', c.enrollment_id, 'course_id', c.course_id,
            'path_id', c.path_id, 'certificate_id', c.id, 'code', c.code, 'expires_at', c.expires_at,
            'is_renewed', exists (
                select from certificate n where n.person_id = c.person_id and n.revoked_at is null
                and n.issued_at > c.issued_at
                and coalesce(n.course_id, n.path_id) = coalesce(c.course_id, c.path_id)
            ))) as payload
    from certificate c where c.id = any(cast(:ids as uuid[]))
"""


async def record_expired(session: AsyncSession, now: datetime) -> int:
    """How many certificates have ended since this was last asked; each has its fact, once."""
    ids: list[uuid.UUID] = list((await session.execute(OVER, {"now": now})).scalars())
    if ids:
        await events.record_selected(session, FACT, {"ids": ids})
    return len(ids)
