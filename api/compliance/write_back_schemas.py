"""Records for the HR systems over the wire."""

import uuid
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

ID = "01a20a22-a1b4-734c-96fd-dad3b48bf5f3"
MOMENT = "2026-11-23T12:00:00Z"
State = Literal["waiting", "sent", "accepted", "refused"]


class HrRecordOut(BaseModel):
    id: uuid.UUID
    source: str
    kind: Literal["completion", "certificate", "revocation"]
    person: str
    employee_number: str
    title: str
    state: State
    reason: str | None = Field(description="Why it was refused, or didn't go through last time.")
    reference: str | None = Field(description="What the HR system calls it.")
    attempts: int
    created_at: datetime
    sent_at: datetime | None
    answered_at: datetime | None


class HrRecordCount(BaseModel):
    source: str
    state: State
    records: int


class HrRecordPage(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [
                    {
                        "id": ID,
                        "source": "bamboohr",
                        "kind": "completion",
                        "person": "Ada Lovelace",
                        "employee_number": "10042",
                        "title": "Fire safety",
                        "state": "accepted",
                        "reason": None,
                        "reference": "21",
                        "attempts": 1,
                        "created_at": MOMENT,
                        "sent_at": MOMENT,
                        "answered_at": MOMENT,
                    }
                ],
                "counts": [{"source": "bamboohr", "state": "accepted", "records": 1}],
                "next": None,
            }
        }
    )

    items: list[HrRecordOut]
    counts: list[HrRecordCount] = Field(description="Of all records, by source and state.")
    next: uuid.UUID | None = Field(description="`before` of the next page.")
