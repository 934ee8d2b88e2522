"""What managers and creators are told. Days are UTC dates; rates are shares from 0 to 1, null where nothing counts."""

import uuid
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

ID = "01a20a22-a1b4-734c-96fd-dad3b48bf5f3"
MOMENT = "2026-11-23T12:00:00Z"
Status = Literal["compliant", "overdue", "due_soon", "open", "waived"]


def example(value: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"example": value})


class MartFreshness(BaseModel):
    """Which state of the lake was read, and what was added to it."""

    lake_snapshot: int = Field(description="DuckLake snapshot: reading it again gives the same mart.")
    as_of_xid: int = Field(description="Every event up to this transaction is in the mart.")
    tail_events: int = Field(description="Newer events that were added from Postgres.")
    read_at: datetime


class Freshness(MartFreshness):
    """The evidence: of which state all rows of this answer are, the same on every form of it."""

    snapshot: int = Field(description="Its number: `?snapshot=` repeats the answer, of whom you may see by then.")
    watermark: str = Field(
        description="Events of these transactions are in: a pg_snapshot, `xmin:xmax:those between that ran then`."
    )
    taken_at: datetime = Field(description="When the snapshot was taken.")
    row_count: int = Field(description="Rows that match, however many are shown.")
    checksum: str = Field(description="Of these rows, see docs/reports.md; the same rows give the same one.")


LAKE_FRESHNESS = {"lake_snapshot": 41, "as_of_xid": 90210, "tail_events": 3, "read_at": MOMENT}
FRESHNESS = {
    **LAKE_FRESHNESS,
    "snapshot": 7,
    "watermark": "90217:90221:90219",
    "taken_at": MOMENT,
    "row_count": 1,
    "checksum": "00c0ffee00c0ffee",
}


class Point(BaseModel):
    day: date
    value: float | None


class Kpi(BaseModel):
    value: float | None
    change: float | None = Field(description="Against 4 weeks ago for rates, a week ago for counts.")
    series: list[Point] = Field(description="Weekly, oldest first, the last one is today.")


class ComplianceKpis(BaseModel):
    compliance_rate: Kpi = Field(description="compliant / (compliant + overdue): of what had to be done by now.")
    overdue: Kpi
    due_soon: Kpi = Field(description="Not done and due within 14 days.")
    completions: Kpi = Field(description="Obligations met in the seven days before.")


class Ref(BaseModel):
    id: uuid.UUID
    name: str


class UnitOut(Ref):
    depth: int = Field(description="0 at the top.")
    people: int = Field(description="In it and below, of those whom the caller sees.")


class MatrixCell(BaseModel):
    """One unit, with all below it, and one required course."""

    unit: Ref
    team: str = Field(description="The unit's name, with the one above it where two have the same.")
    course: str
    compliant: int
    overdue: int
    due_soon: int
    total: int
    rate: float | None


class TrendPoint(BaseModel):
    unit: Ref
    team: str
    day: date
    rate: float | None


class Obligation(BaseModel):
    person: Ref
    team: str
    course: Ref
    due_on: date
    status: Status
    progress_percent: int | None = Field(description="Null on a past day for what was not completed by then.")
    days_late: int = Field(description="Days since the due day for what is overdue, else 0.")
    completed_at: datetime | None


KPI = {"value": 0.6, "change": 0.024, "series": [{"day": "2026-11-16", "value": 0.58}]}
PERSON = {"id": ID, "name": "Ada Lovelace"}
UNIT = {"id": ID, "name": "Plant North"}
COURSE = {"id": ID, "name": "Fire safety"}


class ComplianceReport(BaseModel):
    model_config = example(
        {
            "freshness": FRESHNESS,
            "kpis": {"compliance_rate": KPI, "overdue": KPI, "due_soon": KPI, "completions": KPI},
            "matrix": [
                {
                    "unit": UNIT,
                    "team": "Plant North",
                    "course": "Fire safety",
                    "compliant": 7,
                    "overdue": 3,
                    "due_soon": 1,
                    "total": 12,
                    "rate": 0.7,
                }
            ],
            "trend": [{"unit": UNIT, "team": "Plant North", "day": "2026-11-16", "rate": 0.68}],
            "units": [{**UNIT, "depth": 0, "people": 12}],
            "teams": ["Plant North"],
            "courses": [COURSE],
            "total": 1,
            "items": [
                {
                    "person": PERSON,
                    "team": "Plant North",
                    "course": COURSE,
                    "due_on": "2026-09-24",
                    "status": "overdue",
                    "progress_percent": 26,
                    "days_late": 60,
                    "completed_at": None,
                }
            ],
        }
    )

    freshness: Freshness
    kpis: ComplianceKpis
    matrix: list[MatrixCell] = Field(
        description="By unit and course: the units asked for, else those into which these people first part."
    )
    trend: list[TrendPoint] = Field(description="26 weeks by unit, of the 24 that are furthest behind today.")
    units: list[UnitOut] = Field(description="As a tree, whatever the report is narrowed to; of many the upper levels.")
    teams: list[str]
    courses: list[Ref]
    total: int = Field(description="Items that match, of which `items` has the first `limit`, the latest first.")
    items: list[Obligation]


class TeamPerson(BaseModel):
    person: Ref
    team: str
    job_title: str
    manager: str | None = Field(description="Null where the caller may not see them.")
    depth: int | None = Field(description="1 is a direct report; null for who is seen by a role alone.")
    via: Literal["team", "dotted", "delegated", "role"] = Field(description="Why the caller may see them.")
    enrolled: int
    completed: int
    average_percent: float | None
    last_activity_at: datetime | None


class TeamEnrollment(BaseModel):
    person: Ref
    team: str
    course: Ref
    progress_percent: int
    score_percent: int | None
    enrolled_at: datetime
    last_activity_at: datetime | None
    completed_at: datetime | None


class TeamProgress(BaseModel):
    model_config = example(
        {
            "freshness": FRESHNESS,
            "people_total": 1,
            "units": [{**UNIT, "depth": 0, "people": 12}],
            "people": [
                {
                    "person": PERSON,
                    "team": "Plant North",
                    "job_title": "Operator",
                    "manager": "Grace Hopper",
                    "depth": 1,
                    "via": "team",
                    "enrolled": 3,
                    "completed": 1,
                    "average_percent": 55.0,
                    "last_activity_at": MOMENT,
                }
            ],
            "total": 1,
            "items": [
                {
                    "person": PERSON,
                    "team": "Plant North",
                    "course": COURSE,
                    "progress_percent": 26,
                    "score_percent": None,
                    "enrolled_at": MOMENT,
                    "last_activity_at": MOMENT,
                    "completed_at": None,
                }
            ],
        }
    )

    freshness: Freshness
    people_total: int
    people: list[TeamPerson] = Field(description="By name, `limit` of them from `offset` on.")
    total: int
    items: list[TeamEnrollment] = Field(description="The latest activity first, at most `limit`.")
    units: list[UnitOut]
