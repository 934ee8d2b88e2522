"""What a held import brought, kept as Parquet until somebody decided: so exactly that is applied, whatever came since.

One folder an import: `rows`, `units` and `refused`, and `roster.json` for the rest.
"""

import dataclasses
import json
import shutil
import time
import uuid
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from api.core.settings import Settings
from api.people.service import Limit, Limits, OrgUnitRow, Refused, Roster, RosterRow

YOUNG_S = 3600
ROWS = {
    name: pl.Date if name in ("started_on", "ended_on", "valid_from") else pl.String
    for name in RosterRow.__dataclass_fields__
}
UNITS = dict.fromkeys(OrgUnitRow.__dataclass_fields__, pl.String)
REFUSED = {**dict.fromkeys(Refused.__dataclass_fields__, pl.String), "line": pl.Int64, "is_kept": pl.Boolean}


class DeliveryLost(Exception):
    """What was approved isn't here: it was kept on another machine, or deleted."""


def keep(settings: Settings, import_id: uuid.UUID, roster: Roster) -> None:
    """Written before the transaction that holds the import commits; again is harmless."""
    folder = _folder(settings, import_id)
    fresh = folder.with_suffix(".part")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    refused = [{**_plain(line), "raw": json.dumps(line.raw, default=str)} for line in roster.refused]
    pl.DataFrame([_plain(row) for row in roster.rows], schema=ROWS).write_parquet(fresh / "rows.parquet")
    pl.DataFrame([_plain(unit) for unit in roster.org_units], schema=UNITS).write_parquet(fresh / "units.parquet")
    pl.DataFrame(refused, schema=REFUSED).write_parquet(fresh / "refused.parquet")
    rest = {**_plain(roster), "limits": dataclasses.asdict(roster.limits)}
    for name in ("rows", "org_units", "refused"):
        del rest[name]
    (fresh / "roster.json").write_text(json.dumps(rest, default=str), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)


def take(settings: Settings, import_id: uuid.UUID) -> Roster:
    """Raises DeliveryLost."""
    folder = _folder(settings, import_id)
    try:
        rest: dict[str, Any] = json.loads((folder / "roster.json").read_text(encoding="utf-8"))
        rows, units, refused = (pl.read_parquet(folder / f"{name}.parquet") for name in ("rows", "units", "refused"))
    except FileNotFoundError as error:
        raise DeliveryLost(
            f"{folder} is not there: reject the import and deliver the roster again, with another day or change in it."
        ) from error
    cycles = rest["limits"].pop("cycles")
    limits = {name: Limit(**given) for name, given in rest.pop("limits").items()}
    return Roster(
        **{**rest, "as_of": date.fromisoformat(rest["as_of"])},
        rows=[RosterRow(**row) for row in rows.iter_rows(named=True)],
        org_units=[OrgUnitRow(**row) for row in units.iter_rows(named=True)],
        refused=[Refused(**{**row, "raw": json.loads(row["raw"])}) for row in refused.iter_rows(named=True)],
        limits=Limits(**limits, cycles=cycles),
    )


def forget_all_but(settings: Settings, waiting: Iterable[uuid.UUID]) -> None:
    """Decided ones are personal data without a purpose. The youngest stay: their transaction may still be open."""
    kept = {str(import_id) for import_id in waiting}
    for folder in (settings.home / "hr-held").glob("*"):
        if folder.name not in kept and time.time() - folder.stat().st_mtime > YOUNG_S:
            shutil.rmtree(folder, ignore_errors=True)


def _folder(settings: Settings, import_id: uuid.UUID) -> Path:
    return settings.home / "hr-held" / str(import_id)


def _plain(value: Any) -> dict[str, Any]:
    """Its own fields, not copied in depth."""
    return {name: getattr(value, name) for name in value.__dataclass_fields__}
