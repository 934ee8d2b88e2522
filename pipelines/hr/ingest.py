"""From what a source says to an applied roster: fetch, map, check, find managers, apply; or say why not."""

import asyncio
import csv
import hashlib
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import dataframely as dy
import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.errors import ProblemError
from api.core.settings import Settings
from api.people.service import (
    ImportOutcome,
    OrgUnitRow,
    Refused,
    Roster,
    RosterRow,
    approve_import,
    cursor_of,
    find_import,
    reject_roster,
    source_answered,
    source_failed,
    source_told,
)
from pipelines.hr import held, managers
from pipelines.hr.applying import apply
from pipelines.hr.connectors import connector
from pipelines.hr.connectors.base import LINE, Connector, Delivery, Place, Unreachable, UnusableFile
from pipelines.hr.contract import People, reason_of
from pipelines.hr.mapping import Mapping, load_mapping
from pipelines.hr.reading import joined_lines, require_columns
from pipelines.hr.transforms import columns_of, to_people

T = TypeVar("T")
Raw = Callable[[int], dict[str, Any]]
ROSTER_FIELDS = [name for name in RosterRow.__dataclass_fields__ if name != "manager_number"]
FIND = {"number": managers.by_number, "name": managers.by_name, "node": managers.by_node}


def sources(settings: Settings) -> list[str]:
    """The folders below PRAXIS_HOME/hr, one a source."""
    return sorted(path.name for path in settings.hr_dir.glob("*") if path.is_dir()) if settings.hr_dir.exists() else []


def place_of(settings: Settings, source: str) -> Place:
    """Raises MappingError."""
    folder = settings.hr_dir / source
    return Place(source, folder, load_mapping(folder))


def connected(settings: Settings, source: str) -> Connector:
    """How to ask this source; MappingError where its mapping is wrong."""
    return connector(place_of(settings, source))


def ingest(settings: Settings, source: str) -> ImportOutcome | None:
    """Apply what a source says; None where it says nothing whole, or nothing new.

    Either all of it is applied, in batches, or nothing: `rejected` (unusable) or `held` (waits for a decision).
    Raises MappingError where the mapping itself is wrong, Unreachable where the system doesn't answer: both are kept
    with the source, and so is from where to ask next time, once all until then is applied.
    """
    place = place_of(settings, source)
    try:
        cursor = in_transaction(settings, lambda session: cursor_of(session, source))
        delivery = connector(place).fetch(cursor)
    except UnusableFile as error:
        return _reject(settings, place, error.delivery or _unknown(source, error), str(error))
    except Unreachable as error:
        message = str(error)
        in_transaction(settings, lambda session: source_failed(session, source, message))
        raise
    if delivery is None:
        in_transaction(settings, lambda session: source_answered(session, source))
        return None
    try:
        roster = read_roster(delivery, place.mapping)
        outcome = apply(settings, roster, cursor=delivery.cursor)
    except (UnusableFile, ProblemError) as error:
        return _reject(settings, place, delivery, str(error))
    _write_quarantine(place, delivery, roster.refused)
    return outcome


def _unknown(source: str, error: UnusableFile) -> Delivery:
    """An answer of which nothing can be said but what is wrong with it: the same complaint of a day is one import."""
    return Delivery(source, {}, {}, hashlib.sha256(str(error).encode()).hexdigest(), datetime.now(UTC).date())


def apply_approved(settings: Settings, import_id: uuid.UUID) -> ImportOutcome:
    """Exactly what was looked at; it is held again if it would do something else by now. Raises DeliveryLost."""
    record = in_transaction(settings, lambda session: find_import(session, import_id))
    if record.status not in ("approved", "applying"):
        return ImportOutcome(record.id, record.status, record.reason, dict(record.counts))
    return apply(settings, held.take(settings, import_id), decided=True)


def approve(settings: Settings, import_id: uuid.UUID) -> ImportOutcome:
    """As the machine's operator, and at once."""
    in_transaction(settings, lambda session: approve_import(session, import_id))
    return apply_approved(settings, import_id)


def read_roster(delivery: Delivery, mapping: Mapping) -> Roster:
    """The source's people as our contract wants them; what breaks it is in `refused`, by line."""
    lines = joined_lines(delivery, mapping)
    require_columns(lines, columns_of(mapping), delivery, mapping)
    people = to_people(lines, mapping).unique(subset=pl.exclude("line"), keep="first", maintain_order=True)
    good, failure = People.filter(people, cast=True)
    file_name = delivery.names[mapping.lines]
    raw = _raw(lines)
    refused = _refused(failure, file_name, raw)
    found, remarks = _managers(good, delivery, mapping, raw)
    rows = [
        RosterRow(**{name: row[name] for name in ROSTER_FIELDS}, manager_number=found.get(row["employee_number"]))
        for row in good.iter_rows(named=True)
    ]
    if not rows:
        raise UnusableFile(f"{file_name}: no line can be used; the first: {refused[0].reason}.")
    return Roster(
        source=delivery.source,
        as_of=delivery.as_of,
        file_name=file_name,
        content_hash=delivery.content_hash,
        is_whole=delivery.is_whole,
        rows=rows,
        org_units=_org_units(good),
        refused=[*refused, *remarks, *_shared_addresses(good, file_name, raw)],
        limits=mapping.hold.limits(),
    )


def _refused(failure: dy.FailureInfo, file_name: str, raw: Raw) -> list[Refused]:
    """Each line that broke the contract, with all rules it broke in one sentence."""
    rules = list(failure.counts())
    refused = []
    for row in failure.details().iter_rows(named=True) if rules else []:
        reason = reason_of([rule for rule in rules if row[rule] == "invalid"], row["unreadable"] or None)
        number = row["employee_number"] or None
        refused.append(Refused(file_name, row["line"], reason, raw(row["line"]), number))
    return refused


def _managers(
    people: pl.DataFrame, delivery: Delivery, mapping: Mapping, raw: Raw
) -> tuple[dict[str, str | None], list[Refused]]:
    """(manager number by employee number, remarks): somebody whose manager isn't known is kept and reported."""
    if mapping.manager is None:
        return {}, []
    if not delivery.is_whole and mapping.manager.by != "number":
        raise UnusableFile("A source that tells only changes must name managers by number: others aren't in it.")
    file_name = delivery.names[mapping.lines]
    columns = people.select("employee_number", "display_name", "manager", "line").iter_rows()
    latest = {number: (name, manager, line) for number, name, manager, line in columns}
    given = {number: manager for number, (_, manager, _) in latest.items()}
    names = {number: name for number, (name, _, _) in latest.items()}
    if not delivery.is_whole:
        return given, []
    if mapping.manager.by == "node":
        found, complaints = managers.by_node(given)
    else:
        found, complaints = FIND[mapping.manager.by](names, given)  # type: ignore[operator]
    return found, [
        Refused(file_name, latest[number][2], reason, raw(latest[number][2]), number, is_kept=True)
        for number, reason in complaints.items()
    ]


def _shared_addresses(people: pl.DataFrame, file_name: str, raw: Raw) -> list[Refused]:
    """Remarks: an address of several people is nobody's, so they are kept without one and can't sign in by it."""
    address = pl.col("email").str.to_lowercase()
    shared = people.filter(address.is_not_null(), pl.col("employee_number").n_unique().over(address) > 1)
    columns = shared.select("line", "employee_number", "email").unique(
        "employee_number", keep="first", maintain_order=True
    )
    return [
        Refused(file_name, line, f"several people share the address {email}", raw(line), number, is_kept=True)
        for line, number, email in columns.iter_rows()
    ]


def _org_units(people: pl.DataFrame) -> list[OrgUnitRow]:
    units = people.select("org_unit_code", "org_unit_name", "org_unit_parent_code").unique(
        subset="org_unit_code", keep="first", maintain_order=True
    )
    return [OrgUnitRow(*row) for row in units.iter_rows()]


def _raw(lines: pl.DataFrame) -> Raw:
    """The line as it came, by its number: looked up only for the few that somebody has to see."""
    position = {number: index for index, number in enumerate(lines[LINE])}
    columns = lines.drop(LINE)
    return lambda number: columns.row(position[number], named=True)


def _reject(settings: Settings, place: Place, delivery: Delivery, reason: str) -> ImportOutcome:
    name = delivery.names.get(place.mapping.lines, delivery.source)

    async def reject(session: AsyncSession) -> ImportOutcome:
        outcome = await reject_roster(
            session,
            source=delivery.source,
            file_name=name,
            content_hash=delivery.content_hash,
            as_of=delivery.as_of,
            reason=reason,
        )
        await source_told(session, outcome, source=delivery.source, cursor=None)
        return outcome

    return in_transaction(settings, reject)


def _write_quarantine(place: Place, delivery: Delivery, refused: list[Refused]) -> None:
    """In the source's folder, for a human to correct and drop again: the lines as they came, with the reason."""
    if not refused:
        return
    folder = place.folder / "quarantine"
    folder.mkdir(parents=True, exist_ok=True)
    name = delivery.names[place.mapping.lines].replace("/", "_")
    path = folder / (name if name.endswith(".csv") else f"{name}.csv")
    fresh = path.with_suffix(".part")
    with fresh.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, ["line", "kept", "reason", *refused[0].raw], extrasaction="ignore")
        writer.writeheader()
        for line in refused:
            writer.writerow(
                {"line": line.line, "kept": "yes" if line.is_kept else "no", "reason": line.reason, **line.raw}
            )
    fresh.replace(path)


def in_transaction(settings: Settings, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """One transaction, committed here at the edge."""

    async def run() -> T:
        engine = make_engine(settings.database_url, pool_size=1)
        try:
            async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
                return await work(session)
        finally:
            await engine.dispose()

    return asyncio.run(run())


def summary(outcome: ImportOutcome) -> str:
    """One line for a log: 'applied: joined 3, left 1'."""
    counts = ", ".join(f"{name} {count}" for name, count in outcome.counts.items() if count)
    return f"{outcome.status}: {outcome.reason or counts or 'nothing changed'}"
