"""Who a request speaks for, and which role may do what: plain tables, no I/O."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from api.core.errors import Forbidden

EVERYONE = frozenset({"employee", "manager"})
"""Of every person: 'manager' only permits to act as one; over whom follows from the hierarchy of now."""

GRANTABLE = frozenset({"creator", "officer", "hr_data", "auditor", "service"})
ROLES = EVERYONE | GRANTABLE
SCOPED = frozenset({"officer", "auditor", "service"})
"""Roles whose reach can be narrowed to org units and what is below them."""

SCOPES = {
    "openid": "know who you are",
    "profile": "read your name",
    "email": "read your e-mail address",
    "offline_access": "stay signed in while you are away",
    "learning": "enrol, learn and read your certificates in your name",
    "courses": "create and publish your courses and read how they do",
    "reports": "read the progress and compliance of the people you may see",
    "people": "read and change roles, delegations and dotted lines",
    "audit": "search the audit log",
    "pipelines": "watch and run the data pipelines",
    "scim": "tell who works here and who is in which group",
}
"""What a client may ask for, each as the consent page says it."""

ROLES_OF_SCOPE = {
    "learning": frozenset({"employee"}),
    "courses": frozenset({"creator", "officer", "auditor"}),
    "reports": frozenset({"manager", "officer", "auditor", "service"}),
    "people": frozenset({"manager", "officer", "hr_data", "auditor"}),
    "audit": frozenset({"officer", "auditor"}),
    "pipelines": frozenset({"hr_data"}),
    "scim": frozenset({"service"}),
}
"""A route needs one scope in the token and one of these roles now; which rows then, the row security decides."""

WEB = "praxis-web"
"""The client name of a browser session at the API's own pages."""

OPERATOR = "praxis-operator"
"""The client of tokens that this machine's operator signs with the key file (`praxis token`): the account must be
active, the roles are what the operator wrote. Nobody gets such a token over HTTP."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified access token says; `roles` is the most its holder may act as."""

    account_id: uuid.UUID
    client_id: str
    roles: frozenset[str]
    scopes: frozenset[str]
    grant_id: uuid.UUID | None
    expires_at: float


Grants = frozenset[tuple[str, uuid.UUID | None]]
"""(role, top of the units that it reaches); None is the whole company."""


@dataclass(frozen=True, slots=True)
class Access:
    """What an account may do now."""

    person: uuid.UUID | None
    grants: Grants

    @property
    def roles(self) -> frozenset[str]:
        """What every person is, and what the account was granted, of the roles that there are."""
        return ((EVERYONE if self.person else frozenset()) | {role for role, _ in self.grants}) & ROLES


@dataclass(frozen=True, slots=True)
class Reach:
    """The part of the company that a role is for: all of it, or these units and what is below them."""

    everyone: bool
    org_units: frozenset[uuid.UUID]

    def __bool__(self) -> bool:
        return self.everyone or bool(self.org_units)


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller: the token's claims, narrowed to what the account may do now. Never a proof that a row may be seen."""

    account_id: uuid.UUID
    person: uuid.UUID | None
    roles: frozenset[str]
    scopes: frozenset[str]
    client_id: str
    grants: Grants = frozenset()

    def reach(self, *roles: str) -> Reach:
        """How far these roles reach together; a role that the caller does not act as reaches nobody."""
        units = {unit for role, unit in self.grants if role in roles and role in self.roles}
        return Reach(None in units, frozenset(unit for unit in units if unit))

    @property
    def person_id(self) -> uuid.UUID:
        """The person, for what only a person does; Forbidden for a service or an external auditor."""
        if self.person is None:
            raise Forbidden("This account belongs to no person, so it has no learning and no team of its own.")
        return self.person

    def check_may_write(self) -> None:
        """Forbidden for an auditor, whatever else they are."""
        if "auditor" in self.roles:
            raise Forbidden("An auditor reads all and writes nothing: use another account for your own work.")


def principal(claims: Claims, access: Access) -> Principal:
    """The narrower of what the token says and what is granted now."""
    roles, grants = claims.roles & access.roles, access.grants
    if claims.client_id == OPERATOR:
        roles = claims.roles
        grants |= {(role, None) for role in roles & GRANTABLE - access.roles}
    return Principal(claims.account_id, access.person, roles, claims.scopes, claims.client_id, grants)


def may(who: Principal, scope: str) -> bool:
    """Whether the caller may use routes of this scope at all."""
    return scope in who.scopes and bool(who.roles & ROLES_OF_SCOPE[scope])


def usable_scopes(wanted: Iterable[str], roles: Iterable[str]) -> list[str]:
    """The scopes among `wanted` that these roles can use, in the order of SCOPES."""
    asked, held = set(wanted), set(roles)
    return [
        scope for scope in SCOPES if scope in asked and (scope not in ROLES_OF_SCOPE or held & ROLES_OF_SCOPE[scope])
    ]


FREE_GUESSES = 5
LONGEST_WAIT_S = 3600
MOST_GUESSES = 100
"""In a row for one account: NIST SP 800-63B, 5.2.2."""


def wait_after(failures: int) -> int:
    """Seconds until the next password is looked at, after so many wrong ones in a row: 0, 30, 60 ... an hour, a day."""
    if failures < FREE_GUESSES:
        return 0
    if failures >= MOST_GUESSES:
        return 24 * LONGEST_WAIT_S
    return min(LONGEST_WAIT_S, 30 << min(failures - FREE_GUESSES, 20))
