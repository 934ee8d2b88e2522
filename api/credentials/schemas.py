"""What goes over the wire about certificates."""

import uuid
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

ID = "01990000-0000-7000-8000-000000000001"
MOMENT = "2026-11-28T09:00:00Z"
CODE = "PRX-7K2M-9QXD-41TB"


def example(value: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"example": value})


HELD = {
    "state": "valid",
    "kind": "course",
    "code": CODE,
    "person_name": "Ada Lovelace",
    "course_title": "Working at height",
    "score_percent": 94,
    "issued_at": MOMENT,
    "expires_at": "2028-11-28T23:59:59Z",
    "revoked_at": None,
    "revoked_reason": None,
    "renewed_by": None,
    "verify_url": f"https://praxis.example.com/verify/{CODE}",
    "credential_url": f"https://praxis.example.com/certificates/{CODE}/credential",
}


class VerificationOut(BaseModel):
    model_config = example({"genuine": True, **HELD})

    genuine: bool = Field(description="We issued it and did not revoke it. Whether it still counts, `state` says.")
    state: Literal["valid", "renewed", "expired", "revoked"] = Field(
        description="`renewed`: its holder has a newer one, `renewed_by`; this one counts until its own end."
    )
    kind: Literal["course", "path"]
    code: str
    person_name: str
    course_title: str = Field(description="Of the course, or of the learning path.")
    score_percent: int | None
    issued_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    revoked_reason: str | None
    renewed_by: str | None = Field(description="The code of the newer certificate.")
    verify_url: str = Field(description="The same for people.")
    credential_url: str = Field(description="The same, signed: an Open Badges 3.0 credential.")


MINE = {
    "genuine": True,
    **HELD,
    "course_id": ID,
    "path_id": None,
    "pdf_url": f"https://praxis.example.com/certificate?code={CODE}",
    "renewable_from": "2028-09-29T23:59:59Z",
}


class HeldOut(VerificationOut):
    model_config = example(MINE)

    course_id: uuid.UUID | None
    path_id: uuid.UUID | None
    pdf_url: str | None = Field(description="None where it was revoked.")
    renewable_from: datetime | None = Field(description="From then on `POST /enroll` begins the course anew.")


class HeldPage(BaseModel):
    model_config = example({"items": [MINE]})

    items: list[HeldOut]


class RevokeIn(BaseModel):
    model_config = example({"code": CODE, "reason": "The exam was sat by somebody else."})

    code: str = Field(min_length=1, max_length=40)
    reason: str = Field(
        min_length=3, max_length=500, description="Everybody who checks the certificate reads it: name nobody else."
    )
