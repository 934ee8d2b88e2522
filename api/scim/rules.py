"""What SCIM's resources mean here: the service as it describes itself, and what a User says of a person."""

import uuid
from functools import cache
from typing import Annotated, Any

from pydantic import Field, model_validator
from scim2_models import (
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    EnterpriseUser,
    ETag,
    Filter,
    Group,
    InvalidValueException,
    Mutability,
    Patch,
    Path,
    PathNotFoundException,
    Reference,
    Resource,
    ResourceType,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    User,
)
from scim2_models.path import AttributeBinding

from api.people.rules import Told

SOURCE = "scim"
MOST_RESULTS = 200
ENTERPRISE = str(EnterpriseUser.__schema__)
KEPT_ELSEWHERE = {"id", "meta", "members", "groups", "password"}


class Manager(ComplexAttribute):
    """RFC 7643's, but that neither part is required: Entra ID sends the id alone, even as a bare text."""

    value: Annotated[str | None, CaseExact.true] = None
    ref: Reference[User] | None = Field(  # type: ignore[type-arg]
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    display_name: Annotated[str | None, Mutability.read_only] = None

    @model_validator(mode="before")
    @classmethod
    def from_text(cls, said: Any) -> Any:
        return {"value": said} if isinstance(said, str) else said


class Company(EnterpriseUser):
    """The Enterprise extension with a manager as directories send it."""

    __schema__ = EnterpriseUser.__schema__
    manager: Manager | None = None  # type: ignore[assignment]


BEARER = AuthenticationScheme(
    type=AuthenticationScheme.Type.oauthbearertoken,
    name="Bearer token",
    description="Made by `praxis scim token`.",
    spec_uri="https://www.rfc-editor.org/rfc/rfc6750",
    primary=True,
)


@cache
def provider() -> ScimProvider:
    """Made once: describing the models takes longer than most requests.

    The policy forgives what Entra ID and Okta are known to send: attributes that nobody declared, a value beside a
    `remove`, a path filter that matches nothing yet.
    """
    return ScimProvider(
        models=[User, Company, Group],
        resource_types=[ResourceType.from_resource(User[Company]), ResourceType.from_resource(Group)],
        config=ServiceProviderConfig(
            patch=Patch(supported=True),
            bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
            filter=Filter(supported=True, max_results=MOST_RESULTS),
            change_password=ChangePassword(supported=False),
            sort=Sort(supported=False),
            etag=ETag(supported=True),
            authentication_schemes=[BEARER],
        ),
        policy=ScimPolicy(
            unknown=ScimPolicy.Unknown.ignore,
            remove_value_as_filter=ScimPolicy.RemoveValue.apply,
            unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
        ),
    )


def told_of(resource: Resource[Any]) -> dict[str, Any]:
    """As JSON, without what is kept elsewhere."""
    said: dict[str, Any] = resource.model_dump(mode="json", exclude_none=True)
    return {name: value for name, value in said.items() if name not in KEPT_ELSEWHERE}


def folded(model: type[Resource[Any]], said: Any, path: str = "") -> Any:
    """As filters compare it: names in lower case, values as the policy says for each attribute."""
    if isinstance(said, dict):
        return {name.lower(): folded(model, value, _below(path, name)) for name, value in said.items()}
    if isinstance(said, list):
        return [folded(model, value, path) for value in said]
    binding = _binding(model, path)
    return binding.comparable(said) if binding else said


def _below(path: str, name: str) -> str:
    """A path of SCIM: an extension is parted from its attributes by a colon."""
    return f"{path}{':' if path == ENTERPRISE else '.'}{name}" if path else name


@cache
def _binding(model: type[Resource[Any]], path: str) -> AttributeBinding | None:
    try:
        return Path[model](path).resolve()  # type: ignore[valid-type]
    except PathNotFoundException:
        return None


def meaning(user: User[Company], *, is_active: bool) -> Told:
    """What a User says of a person, for `people.told`."""
    company = user[Company] or Company()
    names = [user.name.given_name, user.name.family_name] if user.name else []
    formatted = user.name.formatted if user.name else None
    address = _chosen(user.addresses)
    units = [" ".join(one.split()) for one in (company.organization, company.division, company.department) if one]
    user_name = str(user.user_name)
    return Told(
        display_name=user.display_name or formatted or " ".join(filter(None, names)) or user_name,
        email=_address(user),
        is_active=is_active,
        employee_number=company.employee_number or user_name,
        job_title=user.title,
        units=tuple(one for one in units if one),
        manager_id=manager_id(user),
        location=address.locality if address else None,
        country=address.country if address else None,
        cost_center=company.cost_center,
    )


def manager_id(user: User[Company]) -> uuid.UUID | None:
    company = user[Company]
    said = company.manager.value if company and company.manager else None
    if said and as_key(said) is None:
        raise InvalidValueException(detail=f"manager.value is {said}: give the id of a User here.")
    return as_key(said)


def as_key(said: str | None) -> uuid.UUID | None:
    """The id of a resource of ours; ids are case-exact, so one that is written otherwise is nobody's."""
    try:
        key = uuid.UUID(said or "")
    except ValueError:
        return None
    return key if str(key) == said else None


def _address(user: User[Company]) -> str | None:
    """Where mail goes: the primary address, else the one at work; a userName that is an address serves as well."""
    chosen = _chosen(user.emails)
    if chosen and chosen.value:
        return str(chosen.value)
    return user.user_name if "@" in str(user.user_name) else None


def _chosen(entries: list[Any] | None) -> Any:
    """The primary one, else the one at work, else the first."""
    ranked = sorted(entries or [], key=lambda one: (not one.primary, str(one.type or "") != "work"))
    return ranked[0] if ranked else None
