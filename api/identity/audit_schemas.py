"""The audit log as its readers get it."""

import uuid
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

ID = "0199a9c1-7f3e-7c3a-8000-3f2a5b6c7d8e"


class Actor(BaseModel):
    """Who did it; all null for what the machine's operator did at the terminal, or nobody who was known."""

    account_id: uuid.UUID | None
    person_id: uuid.UUID | None
    name: str | None = Field(description="As it is now; the log itself holds no names.")
    client_id: str | None = Field(description="The application through which it was done.")


class AuditEntryOut(BaseModel):
    seq: int = Field(description="Without gaps, from 1.")
    recorded_at: datetime
    actor: Actor
    on_behalf_of: uuid.UUID | None = Field(description="The person whose delegation the actor used.")
    on_behalf_of_name: str | None = None
    action: str
    target_type: str
    target_id: str | None
    target_name: str | None = Field(description="Of an account or a person, as it is now.")
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    note: str | None
    ip: str | None
    user_agent: str | None
    request_id: str | None
    hash: str = Field(description="SHA-256 over the hash of the entry before and this entry's text, in hex.")


class AuditPage(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [
                    {
                        "seq": 1742,
                        "recorded_at": "2026-11-23T12:00:00Z",
                        "actor": {
                            "account_id": ID,
                            "person_id": ID,
                            "name": "Ada Ito",
                            "client_id": "praxis-dashboards",
                        },
                        "on_behalf_of": None,
                        "action": "identity.role_granted",
                        "target_type": "account",
                        "target_id": ID,
                        "target_name": "Bo Berg",
                        "before": None,
                        "after": {"role": "officer"},
                        "note": None,
                        "ip": "10.0.0.7",
                        "user_agent": "Mozilla/5.0",
                        "request_id": "4f2a5b6c7d8e4f2a5b6c7d8e4f2a5b6c",
                        "hash": "9a908c47fdd2f7ba574e850b36bb35889c05af7f1572ece898bbeea25a8cca3f",
                    }
                ],
                "next": "1742",
            }
        }
    )

    items: list[AuditEntryOut]
    next: str | None = Field(description="`cursor` of the next page; null on the last.")
