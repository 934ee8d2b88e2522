"""The exchange with HR systems as the data team's page needs it."""

import uuid
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.people.schemas import ID, MOMENT, example

Status = Literal["applying", "applied", "held", "approved", "superseded", "rejected"]
Kind = Literal["left", "changed", "rehired", "joined", "refused"]
CHECKSUM = "9f86d081" * 8
TRIP = {
    "check": "ends",
    "found": 60,
    "of": 100,
    "says": "60 of 100 people (60%) would leave at once, more than 10%.",
}
COUNTS = {"joined": 0, "rehired": 0, "changed": 2, "left": 60, "refused": 0}
IMPORT = {
    "id": ID,
    "source": "demo",
    "file_name": "employees-2026-11-23.csv",
    "as_of": "2026-11-23",
    "status": "held",
    "reason": TRIP["says"],
    "counts": COUNTS,
    "trips": [TRIP],
    "diff_checksum": CHECKSUM,
    "created_at": MOMENT,
    "decided_at": None,
    "decided_by": None,
    "applied_at": None,
}
ROW = {
    "number": 1,
    "kind": "left",
    "employee_number": "10042",
    "display_name": "Ada Lovelace",
    "before": {"job_title": "Engineer", "org_unit": "it"},
    "after": {"ended_on": "2026-11-22"},
}
LINE = {
    "id": ID,
    "source": "demo",
    "file_name": "employees-2026-11-23.csv",
    "line": 17,
    "employee_number": "10042",
    "reason": "started_on is missing",
    "is_kept": False,
    "raw": {"employee_number": "10042", "started_on": None},
    "created_at": MOMENT,
    "last_seen_at": MOMENT,
    "healed_at": None,
}


class TripOut(BaseModel):
    check: Literal["ends", "orphans", "cycles", "nulled", "halved", "refused"]
    found: int
    of: int
    says: str


class ImportOut(BaseModel):
    model_config = example(IMPORT)

    id: uuid.UUID
    source: str
    file_name: str
    as_of: date
    status: Status = Field(description="held waits for a decision; approved is applied within a minute.")
    reason: str | None
    counts: dict[str, int] = Field(description="People by what became of them; of a held one, what would.")
    trips: list[TripOut] = Field(description="Why it was held.")
    diff_checksum: str | None = Field(description="Of its rows; who approves sends it along.")
    created_at: datetime
    decided_at: datetime | None
    decided_by: str | None = Field(description="Null where it was decided at the terminal.")
    applied_at: datetime | None


class ImportPage(BaseModel):
    model_config = example({"items": [IMPORT], "next": None})

    items: list[ImportOut]
    next: uuid.UUID | None = Field(description="`before` of the next page.")


class DiffRow(BaseModel):
    number: int
    kind: Kind
    employee_number: str | None
    display_name: str | None
    before: dict[str, Any]
    after: dict[str, Any]


class ImportDetail(ImportOut):
    model_config = example({**IMPORT, "rows": [ROW], "next": None})

    rows: list[DiffRow] = Field(description="What it would do, or would have done, to whom; only what would differ.")
    next: int | None = Field(description="`after` of the next page.")


class ApproveIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"diff_checksum": CHECKSUM}})

    diff_checksum: str = Field(pattern="^[0-9a-f]{64}$", description="What was looked at.")


class RejectIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"note": "The export broke off."}})

    note: str | None = Field(None, max_length=500, pattern=r"^[^\x00]*$", description="For the audit log.")


class QuarantineRow(BaseModel):
    id: uuid.UUID
    source: str
    file_name: str
    line: int
    employee_number: str | None
    reason: str
    is_kept: bool = Field(description="The row was applied, without what is wrong with it.")
    raw: dict[str, Any]
    created_at: datetime = Field(description="First seen.")
    last_seen_at: datetime
    healed_at: datetime | None


class QuarantinePage(BaseModel):
    model_config = example({"items": [LINE], "next": None})

    items: list[QuarantineRow]
    next: uuid.UUID | None = Field(description="`before` of the next page.")


DAY = {"day": "2026-11-23", "joined": 3, "rehired": 0, "changed": 12, "left": 1}
SOURCE = {
    "source": "demo",
    "employed": 1200,
    "last_sync_at": MOMENT,
    "as_of": "2026-11-23",
    "import": IMPORT,
    "waiting": 1,
    "quarantined": 4,
    "fresh_until": MOMENT,
    "is_fresh": True,
    "problems": [{"kind": "waits", "says": f"A delivery waits for a decision. {TRIP['says']}"}],
    "changes": [DAY],
}


class ProblemOut(BaseModel):
    kind: Literal["waits", "rejected", "stuck", "silent", "stale", "kept_out"]
    says: str


class ChangesOfDay(BaseModel):
    day: date
    joined: int
    rehired: int
    changed: int
    left: int


class SourceOut(BaseModel):
    model_config = example(SOURCE)

    source: str
    employed: int = Field(description="People whom it employs today.")
    last_sync_at: datetime | None = Field(description="When it was last asked or read, and all of it was applied.")
    as_of: date | None = Field(description="The day for which its people are known.")
    newest: ImportOut | None = Field(alias="import", description="What came last, whatever became of it.")
    waiting: int = Field(description="Imports that wait for a decision.")
    quarantined: int = Field(description="Rows that it has not mended yet.")
    fresh_until: datetime | None
    is_fresh: bool
    problems: list[ProblemOut] = Field(description="What somebody should do something about.")
    changes: list[ChangesOfDay] = Field(description="By the day on which they were applied, of the last 30.")


class SourcePage(BaseModel):
    model_config = example({"items": [SOURCE]})

    items: list[SourceOut]
