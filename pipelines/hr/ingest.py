"""From a drop folder to an applied roster: read, map, check, find managers, apply; or say why not."""

import asyncio
import csv
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
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
    find_import,
    reject_roster,
)
from pipelines.hr import held, managers
from pipelines.hr.applying import apply
from pipelines.hr.contract import People, reason_of
from pipelines.hr.mapping import Mapping, load_mapping
from pipelines.hr.reading import LINE, Drop, UnusableFile, find_drop, read_lines, require_columns
from pipelines.hr.transforms import columns_of, to_people

T = TypeVar("T")
ROSTER_FIELDS = [name for name in RosterRow.__dataclass_fields__ if name != "manager_number"]
FIND = {"number": managers.by_number, "name": managers.by_name, "node": managers.by_node}


def sources(settings: Settings) -> list[str]:
    """The drop folders, one a source."""
    return sorted(path.name for path in settings.hr_dir.glob("*") if path.is_dir()) if settings.hr_dir.exists() else []


def pending(settings: Settings, source: str) -> Drop | None:
    """What lies in the folder of a source, whole and quiet; applied already or not."""
    folder = settings.hr_dir / source
    return find_drop(folder, load_mapping(folder))


def ingest(settings: Settings, source: str) -> ImportOutcome | None:
    """Apply what lies in the folder of a source; None where nothing whole is there.

    Either all of it is applied, in batches, or nothing: `rejected` (unusable) or `held` (waits for a decision).
    Raises MappingError where the mapping itself is wrong.
    """
    folder = settings.hr_dir / source
    mapping = load_mapping(folder)
    drop = find_drop(folder, mapping)
    if drop is None:
        return None
    try:
        roster = read_roster(drop, mapping)
        outcome = apply(settings, roster)
    except (UnusableFile, ProblemError) as error:
        return _reject(settings, drop, mapping, str(error))
    _write_quarantine(folder / "quarantine", drop, mapping, roster.refused)
    return outcome


def apply_approved(settings: Settings, import_id: uuid.UUID) -> ImportOutcome:
    """Exactly what was looked at; it is held again if it would do something else by now. Raises DeliveryLost."""
    record = _run(settings, lambda session: find_import(session, import_id))
    if record.status not in ("approved", "applying"):
        return ImportOutcome(record.id, record.status, record.reason, dict(record.counts))
    return apply(settings, held.take(settings, import_id), decided=True)


def approve(settings: Settings, import_id: uuid.UUID) -> ImportOutcome:
    """As the machine's operator, and at once."""
    _run(settings, lambda session: approve_import(session, import_id))
    return apply_approved(settings, import_id)


def read_roster(drop: Drop, mapping: Mapping) -> Roster:
    """The source's people as our contract wants them; what breaks it is in `refused`, by line."""
    lines = read_lines(drop, mapping)
    require_columns(lines, columns_of(mapping), drop, mapping)
    people = to_people(lines, mapping).unique(subset=pl.exclude("line"), keep="first", maintain_order=True)
    good, failure = People.filter(people, cast=True)
    file_name = drop.paths[mapping.lines].name
    raw = {row[LINE]: row for row in lines.iter_rows(named=True)}
    refused = _refused(failure, file_name, raw)
    found, remarks = _managers(good, mapping, file_name, raw)
    rows = [
        RosterRow(**{name: row[name] for name in ROSTER_FIELDS}, manager_number=found.get(row["employee_number"]))
        for row in good.iter_rows(named=True)
    ]
    if not rows:
        raise UnusableFile(f"{file_name}: no line can be used; the first: {refused[0].reason}.")
    return Roster(
        source=drop.source,
        as_of=drop.as_of,
        file_name=file_name,
        content_hash=drop.content_hash,
        rows=rows,
        org_units=_org_units(good),
        refused=[*refused, *remarks, *_shared_addresses(good, file_name, raw)],
        limits=mapping.hold.limits(),
    )


def _refused(failure: dy.FailureInfo, file_name: str, raw: dict[int, dict[str, Any]]) -> list[Refused]:
    """Each line that broke the contract, with all rules it broke in one sentence."""
    rules = list(failure.counts())
    refused = []
    for row in failure.details().iter_rows(named=True) if rules else []:
        reason = reason_of([rule for rule in rules if row[rule] == "invalid"], row["unreadable"] or None)
        number = row["employee_number"] or None
        refused.append(Refused(file_name, row["line"], reason, _plain(raw[row["line"]]), number))
    return refused


def _managers(
    people: pl.DataFrame, mapping: Mapping, file_name: str, raw: dict[int, dict[str, Any]]
) -> tuple[dict[str, str | None], list[Refused]]:
    """(manager number by employee number, remarks): somebody whose manager isn't known is kept and reported."""
    if mapping.manager is None:
        return {}, []
    columns = people.select("employee_number", "display_name", "manager", "line").iter_rows()
    latest = {number: (name, manager, line) for number, name, manager, line in columns}
    given = {number: manager for number, (_, manager, _) in latest.items()}
    names = {number: name for number, (name, _, _) in latest.items()}
    if mapping.manager.by == "node":
        found, complaints = managers.by_node(given)
    else:
        found, complaints = FIND[mapping.manager.by](names, given)  # type: ignore[operator]
    return found, [
        Refused(file_name, latest[number][2], reason, _plain(raw[latest[number][2]]), number, is_kept=True)
        for number, reason in complaints.items()
    ]


def _shared_addresses(people: pl.DataFrame, file_name: str, raw: dict[int, dict[str, Any]]) -> list[Refused]:
    """Remarks: an address of several people is nobody's, so they are kept without one and can't sign in by it."""
    address = pl.col("email").str.to_lowercase()
    shared = people.filter(address.is_not_null(), pl.col("employee_number").n_unique().over(address) > 1)
    columns = shared.select("line", "employee_number", "email").unique(
        "employee_number", keep="first", maintain_order=True
    )
    return [
        Refused(file_name, line, f"several people share the address {email}", _plain(raw[line]), number, is_kept=True)
        for line, number, email in columns.iter_rows()
    ]


def _org_units(people: pl.DataFrame) -> list[OrgUnitRow]:
    units = people.select("org_unit_code", "org_unit_name", "org_unit_parent_code").unique(
        subset="org_unit_code", keep="first", maintain_order=True
    )
    return [OrgUnitRow(*row) for row in units.iter_rows()]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != LINE}


def _reject(settings: Settings, drop: Drop, mapping: Mapping, reason: str) -> ImportOutcome:
    name = drop.paths[mapping.lines].name
    return _run(
        settings,
        lambda session: reject_roster(
            session,
            source=drop.source,
            file_name=name,
            content_hash=drop.content_hash,
            as_of=drop.as_of,
            reason=reason,
        ),
    )


def _write_quarantine(folder: Path, drop: Drop, mapping: Mapping, refused: list[Refused]) -> None:
    """Beside the file, for a human to correct and drop again: the lines as they came, with the reason."""
    if not refused:
        return
    folder.mkdir(exist_ok=True)
    path = folder / drop.paths[mapping.lines].name
    fresh = path.with_suffix(".part")
    with fresh.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, ["line", "kept", "reason", *refused[0].raw], extrasaction="ignore")
        writer.writeheader()
        for line in refused:
            writer.writerow(
                {"line": line.line, "kept": "yes" if line.is_kept else "no", "reason": line.reason, **line.raw}
            )
    fresh.replace(path)


def _run(settings: Settings, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
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
