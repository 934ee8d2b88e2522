"""How the exchange with each HR system stands: the page, Dagster's checks and the notices all say this."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.people.imports import import_of

Reader = AsyncConnection | AsyncSession
FRESH_FOR = timedelta(hours=26)
"""A source is read each night: one that has said nothing for longer has missed one."""

KEPT_OUT_SHARE = 0.01
ProblemKind = Literal["waits", "rejected", "stuck", "silent", "stale", "kept_out"]
APPLIED_WITHIN = timedelta(minutes=5)
"""After this an approved import is not on its way any more: something keeps the pipelines."""

SOURCES = text(
    """
    with newest as (
        select distinct on (source) source, id, status, reason, created_at, decided_at from hr_import
        order by source, created_at desc, id desc
    ),
    applied as (select source, max(applied_at) as last_sync_at, max(as_of) as as_of from hr_import
        where status = 'applied' group by source),
    waiting as (select source, count(*) as waiting, min(decided_at) filter (where status = 'approved') as approved_at
        from hr_import where status in ('held', 'approved') group by source),
    quarantined as (select source, count(*) as quarantined, count(*) filter (where not is_kept) as kept_out
        from hr_quarantine where healed_at is null group by source),
    employed as (
        select source, count(*) as employed from employment
        where started_on <= :today and (ended_on is null or ended_on >= :today) group by source
    )
    select source, n.id, n.status, n.reason, n.decided_at, a.as_of, s.problem, s.asked_at,
        greatest(a.last_sync_at, case when n.status = 'applied' and s.problem is null then s.answered_at end)
            as last_sync_at, coalesce(w.waiting, 0) as waiting,
        w.approved_at, coalesce(q.quarantined, 0) as quarantined, coalesce(q.kept_out, 0) as kept_out,
        coalesce(e.employed, 0) as employed
    from newest n left join applied a using (source) left join waiting w using (source)
    left join quarantined q using (source) left join employed e using (source)
    full join hr_source s using (source)
    order by source
    """
)
CHANGES = text(
    """
    select source, (applied_at at time zone 'UTC')::date as day,
        coalesce(sum((counts ->> 'joined')::int), 0) as joined,
        coalesce(sum((counts ->> 'rehired')::int), 0) as rehired,
        coalesce(sum((counts ->> 'changed')::int), 0) as changed,
        coalesce(sum((counts ->> 'left')::int), 0) as left
    from hr_import where status = 'applied' and applied_at >= :since group by 1, 2 order by 1, 2
    """
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What somebody should do something about; `subject` is the same as long as it is the same."""

    kind: ProblemKind
    says: str
    subject: str


@dataclass(frozen=True, slots=True)
class SourceStatus:
    source: str
    employed: int
    last_sync_at: datetime | None
    as_of: date | None
    newest: Row[Any] | None
    waiting: int
    quarantined: int
    fresh_until: datetime | None
    is_fresh: bool
    problems: list[Problem]
    changes: list[dict[str, Any]]


async def hr_sources(reader: Reader, *, now: datetime | None = None) -> list[SourceStatus]:
    """Each source that ever brought something, by name."""
    moment = now or datetime.now(UTC)
    rows = (await reader.execute(SOURCES, {"today": moment.date()})).all()
    changes: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in (await reader.execute(CHANGES, {"since": moment - timedelta(days=30)})).mappings():
        changes[row["source"]].append({name: value for name, value in row.items() if name != "source"})
    return [await _status(reader, row, changes[row.source], moment) for row in rows]


async def _status(reader: Reader, row: Row[Any], changes: Sequence[dict[str, Any]], now: datetime) -> SourceStatus:
    fresh_until = row.last_sync_at + FRESH_FOR if row.last_sync_at else None
    is_fresh = fresh_until is not None and now <= fresh_until
    return SourceStatus(
        source=row.source,
        employed=row.employed,
        last_sync_at=row.last_sync_at,
        as_of=row.as_of,
        newest=await import_of(reader, row.id) if row.id else None,
        waiting=row.waiting,
        quarantined=row.quarantined,
        fresh_until=fresh_until,
        is_fresh=is_fresh,
        problems=_problems(row, is_fresh, now),
        changes=list(changes),
    )


def _problems(row: Row[Any], is_fresh: bool, now: datetime) -> list[Problem]:
    found = []
    since = f"{row.last_sync_at:%d %b %Y, %H:%M} UTC" if row.last_sync_at else None
    if row.status == "held":
        found.append(Problem("waits", f"A delivery waits for a decision. {row.reason}", str(row.id)))
    elif row.waiting and not row.approved_at:
        found.append(Problem("waits", "An older delivery waits for a decision.", str(row.id)))
    if row.status == "rejected" and row.decided_at is None:
        found.append(
            Problem("rejected", f"The newest delivery was not applied. {row.reason or ''}".strip(), str(row.id))
        )
    if row.approved_at and now - row.approved_at > APPLIED_WITHIN:
        found.append(Problem("stuck", "An approved delivery is not applied yet: look at the pipelines.", str(row.id)))
    if row.problem:
        found.append(Problem("silent", f"The source does not answer. {row.problem}", f"{row.asked_at:%Y-%m-%d}"))
    if not is_fresh and (row.last_sync_at or not row.waiting):
        says = f"Nothing came since {since}." if since else "Nothing of it was ever applied."
        found.append(Problem("stale", says, str(since)))
    if row.kept_out > KEPT_OUT_SHARE * row.employed:
        says = f"{row.kept_out:,} rows are kept out, more than {KEPT_OUT_SHARE:.0%} of {row.employed:,} people."
        found.append(Problem("kept_out", says, f"{now:%G-%V}"))
    return found
