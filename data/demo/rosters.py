"""A snapshot as the HR file that the company's HR system would have sent, and as the roster read from it."""

import csv
import hashlib
import io
from datetime import date

from api.people.service import OrgUnitRow, Roster, RosterRow
from data.demo.company import Company
from data.demo.people import Seat

SOURCE = "demo"
COLUMNS = [
    "employee_number",
    "name",
    "email",
    "job_title",
    "org_unit_code",
    "org_unit_name",
    "org_unit_parent_code",
    "manager_number",
    "location",
    "country",
    "cost_center",
    "started_on",
    "ended_on",
]


def file_name(as_of: date) -> str:
    return f"employees-{as_of:%Y-%m-%d}.csv"


def csv_of(company: Company, seats: list[Seat]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for seat in seats:
        unit = company.units[seat.unit]
        writer.writerow(
            [
                seat.number,
                seat.name,
                seat.email,
                seat.title,
                unit.code,
                unit.name,
                unit.parent or "",
                seat.manager or "",
                seat.location,
                seat.country,
                _cost_center(seat),
                seat.started_on,
                seat.ended_on or "",
            ]
        )
    return text.getvalue().encode()


def _cost_center(seat: Seat) -> str:
    return f"{seat.country}-{seat.unit}"


def roster_of(company: Company, as_of: date, seats: list[Seat]) -> Roster:
    return Roster(
        source=SOURCE,
        as_of=as_of,
        file_name=file_name(as_of),
        content_hash=hashlib.sha256(csv_of(company, seats)).hexdigest(),
        rows=[_row(seat) for seat in seats],
        org_units=[OrgUnitRow(unit.code, unit.name, unit.parent) for unit in company.units.values()],
    )


def _row(seat: Seat) -> RosterRow:
    return RosterRow(
        employee_number=seat.number,
        display_name=seat.name,
        started_on=seat.started_on,
        job_title=seat.title,
        org_unit_code=seat.unit,
        email=seat.email,
        ended_on=seat.ended_on,
        manager_number=seat.manager,
        location=seat.location,
        country=seat.country,
        cost_center=_cost_center(seat),
    )
