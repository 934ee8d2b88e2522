"""Applying a roster: one transaction that takes all of it, or holds it, and never half of it."""

import dataclasses
from datetime import UTC, datetime
from typing import Any

import asyncpg
from sqlalchemy import Date, Text, TextClause, bindparam, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import TypeEngine

from api.core import events
from api.core.db import new_id
from api.core.errors import Conflict
from api.identity import audit
from api.identity import service as identity
from api.identity.rules import Principal
from api.people import breaker, quarantine
from api.people import roster_sql as sql
from api.people.models import HrImport
from api.people.rules import ImportOutcome, Refused, Roster, cycles

WAITING = ("held", "approved")


class OutdatedRoster(Conflict):
    title = "The roster is older than what is applied"


async def apply_roster(session: AsyncSession, roster: Roster, *, decided: bool = False) -> ImportOutcome:
    """Make persons, employments, versions, units and hierarchy agree with the roster.

    The same content again changes nothing. What trips the breaker is held until somebody decided (`decided=True`), and
    held again if it would do something else by then. Raises OutdatedRoster for a day before the newest applied one.
    """
    await session.execute(text("select pg_advisory_xact_lock(hashtext('roster ' || :s))"), {"s": roster.source})
    known = await session.scalar(
        select(HrImport).where(HrImport.source == roster.source, HrImport.content_hash == roster.content_hash)
    )
    if known and (known.status not in WAITING or not decided):
        return _outcome(known)
    await _refuse_outdated(session, roster)
    roster = _without_circles(roster)
    await _stage(session, roster)
    scope = {"source": roster.source, "as_of": roster.as_of}
    record = known or HrImport(id=new_id(), source=roster.source, content_hash=roster.content_hash, status="applying")
    record.file_name, record.as_of = roster.file_name, roster.as_of
    session.add(record)
    await session.flush()
    accounts: dict[str, int] = {}
    if reason := await _reason_to_hold(session, record, roster, scope, decided=decided):
        record.status, record.reason, record.decided_at, record.decided_by = "held", reason, None, None
        what = "held"
    else:
        record.counts, accounts = await _apply(session, roster, scope)
        record.counts["refused"] = sum(not line.is_kept for line in roster.refused)
        record.status, record.reason, record.applied_at = "applied", None, datetime.now(UTC)
        record.decided_at = record.decided_at or (record.applied_at if decided else None)
        await session.flush()
        await quarantine.take(session, record, roster)
        what = "approved" if decided else "applied"
    await _supersede(session, record, roster)
    await _unstage(session)
    await record_import(session, f"people.roster_{what}", record, accounts=accounts)
    return _outcome(record)


async def _reason_to_hold(
    session: AsyncSession, record: HrImport, roster: Roster, scope: dict[str, Any], *, decided: bool
) -> str | None:
    """Why the staged roster must wait; keeps what it would do. Approved is only what somebody looked at."""
    trips = await breaker.check(session, roster, scope)
    looked_at = record.diff_checksum
    if not (trips or looked_at) or (decided and looked_at is None):
        return None
    checksum = await breaker.keep_diff(session, record.id, roster.refused)
    if decided and checksum == looked_at:
        return None
    record.trips, record.diff_checksum = [dataclasses.asdict(trip) for trip in trips], checksum
    record.counts = await breaker.counts(session, roster)
    again = ["It would no longer do what was approved: look again."] if decided else []
    return " ".join([*again, *(trip.says for trip in trips)])


async def _supersede(session: AsyncSession, record: HrImport, roster: Roster) -> None:
    """A newer whole roster says all that older ones say which still wait: nobody need decide on those."""
    if roster.is_whole:
        older = (HrImport.source == roster.source, HrImport.id != record.id, HrImport.as_of <= roster.as_of)
        waiting = update(HrImport).where(HrImport.status.in_(WAITING), *older)
        await session.execute(waiting.values(status="superseded"))


async def record_import(
    session: AsyncSession,
    action: str,
    record: HrImport,
    *,
    actor: Principal | None = None,
    note: str | None = None,
    accounts: dict[str, int] | None = None,
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


async def _refuse_outdated(session: AsyncSession, roster: Roster) -> None:
    newest = await session.scalar(
        select(HrImport.as_of)
        .where(HrImport.source == roster.source, HrImport.status == "applied")
        .order_by(HrImport.as_of.desc())
        .limit(1)
    )
    if newest and roster.as_of < newest:
        raise OutdatedRoster(
            f"{roster.file_name} is of {roster.as_of}, but a roster of {newest} is applied already: drop a newer one."
        )


def _without_circles(roster: Roster) -> Roster:
    """Lines on a manager circle are kept out: a wrong hierarchy would show people to the wrong managers."""
    latest = {row.employee_number: row.manager_number for row in roster.rows}
    circles = cycles(latest)
    if not circles:
        return roster
    circle_of = {number: circle for circle in circles for number in circle}
    refused = [
        Refused(
            roster.file_name,
            0,
            "manager circle: " + " -> ".join([*circle, circle[0]]) + "; correct one of these managers",
            {"employee_number": number},
            number,
        )
        for number, circle in circle_of.items()
    ]
    rows = [row for row in roster.rows if row.employee_number not in circle_of]
    return dataclasses.replace(roster, rows=rows, refused=[*roster.refused, *refused])


async def _driver(session: AsyncSession) -> asyncpg.Connection:
    """asyncpg's own connection of this session's transaction: COPY is not in SQLAlchemy."""
    raw = await (await session.connection()).get_raw_connection()
    connection: asyncpg.Connection = raw.driver_connection
    return connection


async def _stage(session: AsyncSession, roster: Roster) -> None:
    connection = await _driver(session)
    await connection.execute(sql.STAGE)
    rows = [tuple(getattr(row, name) for name in sql.ROW_COLUMNS) for row in roster.rows]
    await connection.copy_records_to_table("roster_row", records=rows, columns=sql.ROW_COLUMNS)
    units = [(unit.code, unit.name, unit.parent_code) for unit in roster.org_units]
    await connection.copy_records_to_table("roster_unit", records=units)
    held = [(line.employee_number,) for line in roster.refused if line.employee_number and not line.is_kept]
    await connection.copy_records_to_table("roster_refused", records=held)
    await session.execute(text(sql.SEATS))
    await connection.execute("analyze roster_row; analyze seat")


def _typed(statement: str) -> TextClause:
    """Postgres can't guess the type of a parameter in `:as_of - 1`."""
    types: dict[str, TypeEngine[Any]] = {"as_of": Date(), "source": Text()}
    return text(statement).bindparams(*(bindparam(n, type_=t) for n, t in types.items() if f":{n}" in statement))


async def _unstage(session: AsyncSession) -> None:
    """A transaction may apply several rosters: each begins with its own temporary tables."""
    connection = await _driver(session)
    await connection.execute("drop table if exists roster_row, roster_unit, roster_refused, seat, leaving, desired")


async def _apply(session: AsyncSession, roster: Roster, scope: dict[str, Any]) -> tuple[dict[str, int], dict[str, int]]:
    """What became of people, and of their accounts."""
    steps = [*sql.UNITS, *sql.PERSONS, sql.LEAVERS, *sql.EMPLOYMENTS, *sql.LINKS, sql.DESIRED]
    connection = await _driver(session)
    for step in steps:
        await session.execute(_typed(step), scope)
        if step in (sql.PERSONS[-1], sql.EMPLOYMENTS[-1]):
            await connection.execute("analyze seat")
    await connection.execute("analyze desired")
    for step in [*sql.CLOSE_LEAVERS, *sql.VERSIONS]:
        await session.execute(_typed(step), scope)
    await events.record_selected(session, sql.FACTS, scope)
    accounts = (await session.execute(_typed(sql.ACCOUNTS), {"as_of": scope["as_of"]})).all()
    changed = await identity.ensure_accounts(session, [(row.id, row.email, row.is_active) for row in accounts])
    counts = (await session.execute(text(sql.COUNTS))).one()
    return {name: int(value) for name, value in counts._mapping.items()}, changed


def _outcome(record: HrImport) -> ImportOutcome:
    return ImportOutcome(record.id, record.status, record.reason, dict(record.counts))
