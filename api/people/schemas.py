"""People as their pages need them: who I am, who acts for whom, who may do what."""

import uuid
from datetime import date, datetime
from typing import Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, EmailStr, Field, model_validator

ID = "01a20a22-a1b4-734c-96fd-dad3b48bf5f3"
PERSON = {"id": ID, "name": "Ada Lovelace"}
UNIT = {"id": ID, "name": "Plant North"}
MOMENT = "2026-11-23T12:00:00Z"
DELEGATION = {"id": ID, "delegator": PERSON, "delegate": PERSON, "valid_from": MOMENT, "valid_until": MOMENT}
LINE = {"id": ID, "person": PERSON, "manager": PERSON, "valid_from": "2026-11-23", "valid_to": None}
GrantedRole = Literal["creator", "officer", "hr_data", "auditor"]


def example(value: Any, *, extra: Literal["forbid", "ignore"] = "ignore") -> ConfigDict:
    return ConfigDict(json_schema_extra={"example": value}, extra=extra)


class Ref(BaseModel):
    id: uuid.UUID
    name: str


class ReachOut(BaseModel):
    """The part of the company that the caller's roles are for."""

    everyone: bool
    org_units: list[Ref]


class MeOut(BaseModel):
    model_config = example(
        {
            "person": PERSON,
            "email": "ada@example.com",
            "roles": ["employee", "manager", "officer"],
            "job_title": "Plant lead",
            "org_unit": "Plant North",
            "team_size": 41,
            "reach": {"everyone": False, "org_units": [UNIT]},
            "acts_for": [PERSON],
        }
    )

    person: Ref | None = Field(description="Null for an account that is nobody's here: an external auditor, a service.")
    email: str | None
    roles: list[str]
    job_title: str | None
    org_unit: str | None
    team_size: int = Field(description="People below, direct and indirect, and by dotted lines, today.")
    reach: ReachOut = Field(description="Whose numbers the caller sees by a role.")
    acts_for: list[Ref] = Field(description="Managers who delegated to the caller; `on_behalf_of` in reports.")


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


class OrgUnitOut(BaseModel):
    id: uuid.UUID
    code: str
    name: str
    parent_id: uuid.UUID | None


class OrgUnitPage(BaseModel):
    model_config = example({"items": [{**UNIT, "code": "plant-north", "parent_id": None}]})

    items: list[OrgUnitOut]


class ColleagueIn(BaseModel):
    """A person who works here, by one of both."""

    person_id: uuid.UUID | None = None
    email: EmailStr | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.person_id is None) == (self.email is None):
            raise ValueError("give either person_id or email")
        return self


class DelegationIn(ColleagueIn):
    model_config = example({"email": "grace@example.com", "valid_until": "2026-12-24T18:00:00Z"}, extra="forbid")

    valid_until: AwareDatetime = Field(description="At most a year from now.")


class DelegationOut(BaseModel):
    model_config = example(DELEGATION)

    id: uuid.UUID
    delegator: Ref
    delegate: Ref
    valid_from: datetime
    valid_until: datetime


class DelegationPage(BaseModel):
    model_config = example({"items": [DELEGATION]})

    items: list[DelegationOut]


class DottedLineIn(BaseModel):
    """Both people by id or by e-mail."""

    model_config = example({"person_id": ID, "manager_email": "grace@example.com"}, extra="forbid")

    person_id: uuid.UUID | None = None
    person_email: EmailStr | None = None
    manager_id: uuid.UUID | None = None
    manager_email: EmailStr | None = None
    valid_from: date | None = Field(None, description="Today where it is left out.")
    valid_to: date | None = Field(None, description="Exclusive; null is without end.")

    @model_validator(mode="after")
    def _are_two(self) -> Self:
        for who in ("person", "manager"):
            if (getattr(self, f"{who}_id") is None) == (getattr(self, f"{who}_email") is None):
                raise ValueError(f"give either {who}_id or {who}_email")
        return self


class DottedLineOut(BaseModel):
    model_config = example(LINE)

    id: uuid.UUID
    person: Ref
    manager: Ref
    valid_from: date
    valid_to: date | None


class DottedLinePage(BaseModel):
    model_config = example({"items": [LINE]})

    items: list[DottedLineOut]


class RoleGrantIn(ColleagueIn):
    model_config = example({"email": "grace@example.com", "role": "officer", "org_unit_id": ID}, extra="forbid")

    role: GrantedRole
    org_unit_id: uuid.UUID | None = Field(None, description="Officer and auditor only; null is the whole company.")
    valid_until: AwareDatetime | None = None


GRANT = {
    "id": ID,
    "account_id": ID,
    "person": PERSON,
    "email": "ada@example.com",
    "role": "officer",
    "org_unit": UNIT,
    "source": "praxis",
    "valid_until": None,
}


class RoleGrantOut(BaseModel):
    model_config = example(GRANT)

    id: uuid.UUID
    account_id: uuid.UUID
    person: Ref | None
    email: str | None
    role: str
    org_unit: Ref | None
    source: Literal["praxis", "idp"] = Field(description="idp: follows from a group at the company's sign-in.")
    valid_until: datetime | None


class RoleGrantPage(BaseModel):
    model_config = example({"items": [GRANT]})

    items: list[RoleGrantOut]


class SettingsIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"language": "de", "time_zone": "Europe/Berlin"}}
    )

    language: str | None = Field(default=None, max_length=20, description="Of those that the interface has.")
    time_zone: str | None = Field(default=None, max_length=64, description="An IANA name.")


class SettingsOut(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"language": "de", "time_zone": "Europe/Berlin"}})

    language: str | None
    time_zone: str | None
