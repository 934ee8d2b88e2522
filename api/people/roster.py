"""Applying a roster: all of it or, where it waits for a decision, none; who leaves first, in batches.

Each batch is the difference to what is there, so whoever commits between batches may be killed anywhere: the same
roster again finds only what is left to do.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from api.core import events
from api.core.db import new_id
from api.identity import audit
from api.identity import service as identity
from api.identity.rules import Principal
from api.people import breaker, observations_sql, quarantine, roster_sql
from api.people.models import HrImport
from api.people.roster_replay import replay_batch
from api.people.roster_stage import Staged, begin, driver, stage, typed, unstage, without_circles
from api.people.rules import ImportOutcome, Roster

NOTHING = {"joined": 0, "rehired": 0, "changed": 0, "left": 0, "unchanged": 0, "refused": 0}
LEAVERS_END = 2_000_000
WAITING = ("held", "approved")


async def apply_roster(session: AsyncSession, roster: Roster, *, decided: bool = False) -> ImportOutcome:
    """The whole roster in this one transaction; see `apply_in_batches`."""
    return [outcome async for outcome in apply_in_batches(session, roster, decided=decided)][-1]


async def apply_in_batches(
    session: AsyncSession, roster: Roster, *, decided: bool = False
) -> AsyncIterator[ImportOutcome]:
    """Make persons, employments, versions, units and hierarchy agree with all that was ever said, this included.

    Yields after each batch, which the caller may commit then; on one connection all the time (temporary tables).
    The same content of the same day again changes nothing, and an older day than others corrects the past. What
    trips the breaker is held until somebody decided (`decided=True`), and held again if it would do something else
    by then.
    """
    lock = {"source": f"roster {roster.source}"}
    await session.execute(text("select pg_advisory_lock(hashtext(:source))"), lock)
    try:
        record = await _record(session, roster)
        if record.status in ("", "applying") or (record.status in WAITING and decided):
            async for _ in _apply(session, without_circles(roster), record, decided=decided):
                yield _outcome(record)
        else:
            yield _outcome(record)
    finally:
        with suppress(SQLAlchemyError):
            await session.execute(text("select pg_advisory_unlock(hashtext(:source))"), lock)


async def _apply(session: AsyncSession, roster: Roster, record: HrImport, *, decided: bool) -> AsyncIterator[None]:
    scope = await stage(session, roster, record)
    if record.status != "applying" and not await _may_begin(session, roster, record, scope, decided=decided):
        await unstage(session)
        await record_import(session, "people.roster_held", record)
        yield
        return
    staged = await begin(session, scope)
    accounts: Counter[str] = Counter()
    async for opened_and_closed in _batches(session, staged, record):
        accounts.update(opened_and_closed)
        yield
    record.status, record.reason, record.applied_at = "applied", None, datetime.now(UTC)
    await session.flush()
    await quarantine.take(session, record, roster)
    await unstage(session)
    await record_import(session, "people.roster_applied", record, accounts=accounts)
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
    accounts = await identity.ensure_selected_accounts(session, roster_sql.ACCOUNTS)
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


async def _may_begin(
    session: AsyncSession, roster: Roster, record: HrImport, scope: dict[str, Any], *, decided: bool
) -> bool:
    """Whether the breaker lets it pass, or somebody has; the import says so from now on."""
    trips = await breaker.check(session, roster, scope)
    looked_at = record.diff_checksum
    is_held = bool(trips) if not decided else looked_at is not None
    record.status = record.status or "applying"
    session.add(record)
    await session.flush()
    if is_held:
        checksum = await breaker.keep_diff(session, record.id, roster.refused)
        is_held = not decided or checksum != looked_at
    if is_held:
        again = ["It would no longer do what was approved: look again."] if decided else []
        record.status, record.decided_at, record.decided_by = "held", None, None
        record.reason = " ".join([*again, *(trip.says for trip in trips)])
        record.trips, record.diff_checksum = [asdict(trip) for trip in trips], checksum
        record.counts = await breaker.counts(session, roster)
    else:
        news = int(await session.scalar(text("select count(*) from seat")) or 0)
        refused = sum(not line.is_kept for line in roster.refused)
        unchanged = len({row.employee_number for row in roster.rows}) - news
        record.status, record.counts = "applying", {**NOTHING, "refused": refused, "unchanged": unchanged}
        record.decided_at = record.decided_at or (datetime.now(UTC) if decided else None)
    await _supersede(session, record)
    await session.flush()
    return not is_held


async def _supersede(session: AsyncSession, record: HrImport) -> None:
    """A newer whole roster says all that older ones say which still wait: nobody need decide on those."""
    if record.is_whole:
        older = (HrImport.source == record.source, HrImport.id != record.id, HrImport.as_of <= record.as_of)
        waiting = update(HrImport).where(HrImport.status.in_(WAITING), *older)
        await session.execute(waiting.values(status="superseded"))


async def record_import(
    session: AsyncSession,
    action: str,
    record: HrImport,
    *,
    actor: Principal | None = None,
    note: str | None = None,
    accounts: Mapping[str, int] | None = None,
) -> None:
    """One entry an import, whoever it concerns: persons are in the import's own rows, which can be erased."""
    await audit.record(
        session,
        action=action,
        actor=actor,
        target_type="hr_import",
        target_id=record.id,
        after={
            "source": record.source,
            "file_name": record.file_name,
            "file_sha256": record.content_hash,
            "as_of": record.as_of,
            "counts": {**record.counts, **(accounts or {})},
        },
        note=note,
    )


def _outcome(record: HrImport) -> ImportOutcome:
    return ImportOutcome(record.id, record.status, record.reason, dict(record.counts))
