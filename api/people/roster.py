"""Applying a roster: all of it or, where it waits for a decision, none; who leaves first, in batches.

Each batch is the difference to what is there, so whoever commits between batches may be killed anywhere: the same
roster again finds only what is left to do.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from api.core import events
from api.core.db import new_id
from api.identity import audit
from api.identity import service as identity
from api.people import observations_sql, roster_sql
from api.people.models import HrImport, HrQuarantine
from api.people.roster_replay import replay_batch
from api.people.roster_stage import Staged, begin, driver, stage, typed, unstage, without_circles
from api.people.rules import ImportOutcome, Refused, Roster, must_ask

NOTHING = {"joined": 0, "rehired": 0, "changed": 0, "left": 0, "unchanged": 0, "refused": 0}
LEAVERS_END = 2_000_000
ACTIVE_AND_LEAVING = """
select count(*) as active, (select count(*) from leaving where employment_id is not null) as leaving
from employment e where e.source = :source and e.ended_on is null
"""


async def apply_roster(session: AsyncSession, roster: Roster, *, decided: bool = False) -> ImportOutcome:
    """The whole roster in this one transaction; see `apply_in_batches`."""
    return [outcome async for outcome in apply_in_batches(session, roster, decided=decided)][-1]


async def apply_in_batches(
    session: AsyncSession, roster: Roster, *, decided: bool = False
) -> AsyncIterator[ImportOutcome]:
    """Make persons, employments, versions, units and hierarchy agree with all that was ever said, this included.

    Yields after each batch, which the caller may commit then; on one connection all the time (temporary tables).
    The same content of the same day again changes nothing, and an older day than others corrects the past. What
    trips the breaker is held until somebody decided (`decided=True`).
    """
    lock = {"source": f"roster {roster.source}"}
    await session.execute(text("select pg_advisory_lock(hashtext(:source))"), lock)
    try:
        record = await _record(session, roster)
        if record.status in ("", "applying") or (record.status == "held" and decided):
            async for _ in _apply(session, without_circles(roster), record, decided=decided):
                yield _outcome(record)
        else:
            yield _outcome(record)
    finally:
        with suppress(SQLAlchemyError):
            await session.execute(text("select pg_advisory_unlock(hashtext(:source))"), lock)


async def _apply(session: AsyncSession, roster: Roster, record: HrImport, *, decided: bool) -> AsyncIterator[None]:
    scope = await stage(session, roster, record)
    if record.status != "applying":
        reason = None if decided else await _reason_to_ask(session, roster, scope)
        await _begin_record(session, roster, record, reason, decided=decided)
        if reason:
            await unstage(session)
            await record_import(session, "people.roster_held", record)
            yield
            return
    staged = await begin(session, scope)
    accounts: Counter[str] = Counter()
    async for opened_and_closed in _batches(session, staged, record):
        accounts.update(opened_and_closed)
        yield
    record.status = "applied"
    await session.flush()
    await unstage(session)
    await record_import(session, f"people.roster_{'approved' if record.decided_at else 'applied'}", record, **accounts)
    yield


async def _batches(session: AsyncSession, staged: Staged, record: HrImport) -> AsyncIterator[dict[str, int]]:
    """Leavers; then the new people's rows, which managers' links need; then the rest. What became of accounts."""
    urgent = [batch for batch in staged.batches if batch < LEAVERS_END]
    for batch in urgent:
        yield await _apply_batch(session, {**staged.scope, "batch": batch}, record)
    for batch in staged.people:
        await _run(session, [roster_sql.SAME_HUMAN, *roster_sql.PEOPLE], {**staged.scope, "batch": batch})
        yield {}
    for batch in staged.batches[len(urgent) :]:
        yield await _apply_batch(session, {**staged.scope, "batch": batch}, record)


async def _apply_batch(session: AsyncSession, scope: dict[str, Any], record: HrImport) -> dict[str, int]:
    words = observations_sql.WORDS if scope["is_newest"] else [*observations_sql.WORDS, *observations_sql.LATE]
    names = [roster_sql.NAMES_NEWEST, *roster_sql.NAMES]
    await _run(session, [*roster_sql.PIECE, *words, *names, roster_sql.FIRST_VERSIONS, *roster_sql.DESIRED], scope)
    await replay_batch(session, scope)
    await _run(session, roster_sql.VERSIONS, scope)
    await events.record_selected(session, roster_sql.FACTS, {"source": scope["source"], "as_of": scope["as_of"]})
    accounts = await identity.ensure_selected_accounts(
        session, roster_sql.ACCOUNTS.format(people="select person_id from touched")
    )
    found = (await session.execute(text(roster_sql.COUNTS))).one()._mapping
    record.counts = {**record.counts, **{name: record.counts[name] + int(count) for name, count in found.items()}}
    await session.flush()
    await (await driver(session)).execute(roster_sql.UNPIECE)
    return accounts


async def _run(session: AsyncSession, statements: Iterable[str], scope: dict[str, Any]) -> None:
    for statement in statements:
        await session.execute(typed(statement), scope)


async def _record(session: AsyncSession, roster: Roster) -> HrImport:
    """The import of this content and day, whatever became of it, or a new one without a status."""
    known = await session.scalar(
        select(HrImport).where(
            HrImport.source == roster.source,
            HrImport.content_hash == roster.content_hash,
            HrImport.as_of == roster.as_of,
        )
    )
    return known or HrImport(
        id=new_id(),
        source=roster.source,
        file_name=roster.file_name,
        content_hash=roster.content_hash,
        as_of=roster.as_of,
        said_at=roster.said_at or datetime.now(UTC),
        is_whole=roster.is_whole,
        status="",
        counts={},
    )


async def _begin_record(
    session: AsyncSession, roster: Roster, record: HrImport, reason: str | None, *, decided: bool
) -> None:
    is_new = record.status == ""
    record.status, record.reason = ("held" if reason else "applying"), reason
    record.decided_at = datetime.now(UTC) if decided else None
    record.counts = {**NOTHING, "refused": sum(not line.is_kept for line in roster.refused)}
    if reason is None:
        news = int(await session.scalar(text("select count(*) from seat")) or 0)
        record.counts["unchanged"] = len({row.employee_number for row in roster.rows}) - news
    session.add(record)
    await session.flush()
    if is_new:
        session.add_all(_quarantined(record, line) for line in roster.refused)
        await session.flush()


async def record_import(session: AsyncSession, action: str, record: HrImport, **accounts: int) -> None:
    """One entry an import, whoever it concerns: persons are in the import's own rows, which can be erased."""
    await audit.record(
        session,
        action=action,
        target_type="hr_import",
        target_id=record.id,
        after={
            "source": record.source,
            "file_name": record.file_name,
            "file_sha256": record.content_hash,
            "as_of": record.as_of,
            "counts": {**record.counts, **accounts},
        },
    )


async def _reason_to_ask(session: AsyncSession, roster: Roster, scope: dict[str, Any]) -> str | None:
    row = (await session.execute(typed(ACTIVE_AND_LEAVING), scope)).one()
    if not must_ask(active=row.active, leaving=row.leaving, hold_share=roster.hold_share, hold_least=roster.hold_least):
        return None
    share = row.leaving / row.active
    return (
        f"{row.leaving} of {row.active} people ({share:.0%}) would leave at once, more than {roster.hold_share:.0%}: "
        "check the file, then approve or reject the import."
    )


def _quarantined(record: HrImport, line: Refused) -> HrQuarantine:
    return HrQuarantine(
        import_id=record.id,
        file_name=line.file_name,
        line=line.line,
        reason=line.reason,
        is_kept=line.is_kept,
        raw=line.raw,
    )


def _outcome(record: HrImport) -> ImportOutcome:
    return ImportOutcome(record.id, record.status, record.reason, dict(record.counts))
