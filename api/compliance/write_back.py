"""Records for the HR systems: what is due, and what each system said to it.

Idempotent by a key that never changes (`kind:subject_id`); marked as sent before it is sent, so that after a kill in
between the sender knows to look first whether it arrived.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

GIVEN_UP = 20
"""Attempts; with the pauses between them, about three days."""

# The employment of that day in this source, else the last one: a course may be finished after the last day worked.
_EMPLOYED = """
    join lateral (
        select e.employee_number from employment e
        where e.person_id = c.person_id and e.source = :source
        order by (e.started_on <= c.day and (e.ended_on is null or e.ended_on >= c.day)) desc, e.started_on desc limit 1
    ) e on true
    where not exists (
        select from hr_record r where r.source = :source and r.kind = c.kind and r.subject_id = c.id
    )
    on conflict do nothing
"""
_INSERT = """
    insert into hr_record (id, source, kind, subject_id, person_id, employee_number, body)
    select uuidv7(), :source, c.kind, c.id, c.person_id, e.employee_number, c.body
"""
COMPLETIONS = text(
    f"""
    {_INSERT} from (
        select 'completion' as kind, n.id, n.person_id, (n.completed_at at time zone 'UTC')::date as day,
            jsonb_build_object(
                'course_id', n.course_id, 'title', v.title, 'completed_at', n.completed_at,
                'completed_on', (n.completed_at at time zone 'UTC')::date, 'score_percent', n.score_percent,
                'hours', (
                    select round(coalesce(sum(m.duration_s * p.percent), 0) / 360000.0, 2)
                    from module_progress p join module m on m.id = p.module_id where p.enrollment_id = n.id
                )
            ) as body
        from enrollment n join course_version v on v.id = n.version_id
        where n.completed_at >= :since
    ) c {_EMPLOYED}
    """  # noqa: S608 (texts of ours)
)
CERTIFICATES = text(
    f"""
    {_INSERT} from (
        select k.kind, t.id, t.person_id, (t.issued_at at time zone 'UTC')::date as day,
            jsonb_build_object(
                'code', t.code, 'title', t.course_title, 'course_id', t.course_id, 'path_id', t.path_id,
                'issued_on', (t.issued_at at time zone 'UTC')::date,
                'expires_on', (t.expires_at at time zone 'UTC')::date,
                'revoked_on', (t.revoked_at at time zone 'UTC')::date, 'revoked_reason', t.revoked_reason
            ) as body
        from certificate t
        join unnest(array['certificate', 'revocation']) as k (kind)
            on k.kind = 'certificate' or t.revoked_at is not null
        where t.issued_at >= :since and k.kind = any(:kinds)
    ) c {_EMPLOYED}
    """  # noqa: S608 (texts of ours)
)
CLAIM = text(
    """
    update hr_record r set state = 'sent', attempts = r.attempts + 1, sent_at = now(),
        next_at = now() + least(make_interval(mins => 2) * power(2, least(r.attempts, 10)), interval '6 hours')
    from (
        select id from hr_record
        where source = :source and state in ('waiting', 'sent') and next_at <= now()
        order by next_at, id limit :most for update skip locked
    ) due
    where r.id = due.id
    returning r.id, r.kind, r.kind || ':' || r.subject_id as key, r.employee_number, r.body, r.attempts, r.reference
    """
)
ANSWER = text(
    """
    update hr_record r set
        state = case when g.state = 'waiting' and r.attempts >= :given_up then 'refused' else g.state end,
        reason = g.reason, reference = coalesce(g.reference, r.reference),
        answered_at = case when g.state in ('accepted', 'refused') then now() end,
        next_at = case when g.state = 'sent' then 'infinity' else r.next_at end
    from unnest(cast(:keys as text[]), cast(:states as text[]), cast(:reasons as text[]), cast(:references as text[]))
        as g (key, state, reason, reference)
    where r.source = :source and r.kind = split_part(g.key, ':', 1)
        and r.subject_id = cast(split_part(g.key, ':', 2) as uuid) and r.state in ('waiting', 'sent')
    """
)
REFERENCE_OF = text(
    """
    select c.reference from certificate t join hr_record c on c.subject_id = t.enrollment_id
    where t.code = :code and c.source = :source and c.kind = 'completion'
    """
)
LISTED = text(
    """
    select r.id, r.source, r.kind, p.display_name as person, r.employee_number, r.body ->> 'title' as title, r.state,
        r.reason, r.reference, r.attempts, r.created_at, r.sent_at, r.answered_at
    from hr_record r join person p on p.id = r.person_id
    where (cast(:source as text) is null or r.source = :source) and (cast(:state as text) is null or r.state = :state)
        and (cast(:before as uuid) is null or r.id < :before)
    order by r.id desc limit :limit
    """
)
COUNTS = text("select source, state, count(*) as records from hr_record group by source, state order by source, state")
AGAIN = text(
    """
    update hr_record set state = 'waiting', attempts = 0, reason = null, answered_at = null, next_at = now()
    where id = :id and state = 'refused' returning id
    """
)


@dataclass(frozen=True, slots=True)
class Due:
    """One record to be sent now. Above one attempt, perhaps it arrived before: look first."""

    id: uuid.UUID
    kind: str
    key: str
    employee_number: str
    body: dict[str, Any]
    attempts: int
    reference: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What an HR system said to a record."""

    key: str
    state: str
    """waiting | sent (a file that lies there; its answer may come later) | accepted | refused"""
    reason: str | None = None
    reference: str | None = None


async def collect_records(session: AsyncSession, *, source: str, kinds: Sequence[str], since: date) -> int:
    """Records that this source doesn't have yet, of what was completed or issued since that day; returns how many."""
    found = 0
    asked = {"source": source, "since": since}
    if "completion" in kinds:
        found += int(getattr(await session.execute(COMPLETIONS, asked), "rowcount", 0))
    if set(kinds) & {"certificate", "revocation"}:
        made = await session.execute(CERTIFICATES, asked | {"kinds": list(kinds)})
        found += int(getattr(made, "rowcount", 0))
    return found


async def claim_records(session: AsyncSession, *, source: str, most: int) -> list[Due]:
    """Those due, marked as sent: commit before sending. Who is killed in between has them back after the pause."""
    return [Due(*row) for row in (await session.execute(CLAIM, {"source": source, "most": most})).tuples()]


async def answer_records(session: AsyncSession, *, source: str, answers: Sequence[Answer]) -> None:
    """What became of them; of one that is accepted or refused already nothing changes."""
    columns = {
        "keys": [one.key for one in answers],
        "states": [one.state for one in answers],
        "reasons": [one.reason for one in answers],
        "references": [one.reference for one in answers],
    }
    await session.execute(ANSWER, {"source": source, "given_up": GIVEN_UP, **columns})


async def reference_of_completion(session: AsyncSession, *, source: str, code: str) -> str | None:
    """What the HR system calls the completion that earned this certificate."""
    found: str | None = await session.scalar(REFERENCE_OF, {"source": source, "code": code})
    return found


async def send_again(session: AsyncSession, record_id: uuid.UUID) -> bool:
    """A refused one, once somebody mended the reason."""
    return await session.scalar(AGAIN, {"id": record_id}) is not None


async def hr_records(
    reader: AsyncConnection | AsyncSession,
    *,
    source: str | None,
    state: str | None,
    before: uuid.UUID | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """The newest first."""
    return (await reader.execute(LISTED, {"source": source, "state": state, "before": before, "limit": limit})).all()


async def hr_record_counts(reader: AsyncConnection | AsyncSession) -> Sequence[Row[Any]]:
    return (await reader.execute(COUNTS)).all()
