"""The signed-in person, as their pages need it."""

import uuid

from pydantic import BaseModel, ConfigDict, Field


class Ref(BaseModel):
    id: uuid.UUID
    name: str


class MeOut(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "person": {"id": "01a20a22-a1b4-734c-96fd-dad3b48bf5f3", "name": "Ada Lovelace"},
                "email": "ada@example.com",
                "roles": ["employee", "manager"],
                "job_title": "Plant lead",
                "org_unit": "Plant North",
                "team_size": 41,
            }
        }
    )

    person: Ref
    email: str | None
    roles: list[str]
    job_title: str | None
    org_unit: str | None
    team_size: int = Field(description="People below, direct and indirect, today.")


class UserInfo(BaseModel):
    """By the names of OpenID Connect; what the scopes don't allow is left out."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "sub": "01a20a22-a1b4-734c-96fd-dad3b48bf5f3",
                "name": "Ada Lovelace",
                "email": "ada@example.com",
            }
        }
    )

    sub: uuid.UUID
    name: str | None = None
    email: str | None = None
