"""What the settings say of the company's own identity provider, checked as a whole before anything uses it."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from api.core.errors import ProblemError
from api.core.outbound import LOOPBACK, is_safe
from api.core.settings import Settings
from api.identity.rules import GRANTABLE, SCOPED

MAPPABLE = GRANTABLE - {"service"}
"""Roles that a group can give to people."""

WORDS = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
"""One scope or claim name (RFC 6749, 3.3)."""


class CompanySignInMisconfigured(ProblemError):
    """`detail` names the setting and what to write there."""

    status = 500
    title = "The company's sign-in is not configured rightly"


@dataclass(frozen=True, slots=True, order=True)
class Role:
    """`unit` is the code of an org unit, below which the role holds; none is the whole company."""

    name: str
    unit: str | None = None

    def __str__(self) -> str:
        return f"{self.name}@{self.unit}" if self.unit else self.name


@dataclass(frozen=True, slots=True)
class Company:
    """The provider, what it knows us as, and how its claims are read."""

    issuer: str
    client_id: str
    secret: str = field(repr=False)
    name: str
    scopes: str
    email_claim: str
    verified_claim: str
    groups_claim: str
    roles: Mapping[str, tuple[Role, ...]]
    is_only: bool
    proxy: str | None

    @property
    def is_here(self) -> bool:
        """On this machine, where plain http is allowed."""
        return is_safe(self.issuer, allow_loopback=True) and not is_safe(self.issuer, allow_loopback=False)

    def roles_of(self, groups: Iterable[str]) -> frozenset[Role]:
        """Which roles these groups give."""
        return roles_of(self.roles, groups)


def roles_of(roles: Mapping[str, tuple[Role, ...]], groups: Iterable[str]) -> frozenset[Role]:
    return frozenset(role for group in groups for role in roles.get(group, ()))


def company_of(settings: Settings) -> Company | None:
    """None where people sign in with a password of ours; CompanySignInMisconfigured says in a line what is wrong."""
    if not settings.idp_issuer:
        if settings.idp_only or settings.idp_client_id:
            raise CompanySignInMisconfigured("PRAXIS_IDP_ISSUER is missing: give the address of your OpenID provider.")
        return None
    if not is_safe(settings.idp_issuer, allow_loopback=True) or "?" in settings.idp_issuer:
        raise CompanySignInMisconfigured(
            f"PRAXIS_IDP_ISSUER is {settings.idp_issuer}: give the https address exactly as the provider writes it"
            f" (plain http only on {', '.join(sorted(LOOPBACK))})."
        )
    if not settings.idp_client_id:
        raise CompanySignInMisconfigured("PRAXIS_IDP_CLIENT_ID is missing: give the id under which it knows Praxis.")
    if not settings.idp_name.strip():
        raise CompanySignInMisconfigured("PRAXIS_IDP_NAME is empty: give what your people call that sign-in.")
    if "openid" not in settings.idp_scopes.split():
        raise CompanySignInMisconfigured("PRAXIS_IDP_SCOPES needs openid among them, such as: openid profile email")
    for name in ("email_claim", "verified_claim", "groups_claim"):
        if not WORDS.fullmatch(getattr(settings, f"idp_{name}")):
            raise CompanySignInMisconfigured(f"PRAXIS_IDP_{name.upper()} must be the name of one claim.")
    return Company(
        issuer=settings.idp_issuer,
        client_id=settings.idp_client_id,
        secret=settings.idp_client_secret,
        name=settings.idp_name.strip(),
        scopes=" ".join(settings.idp_scopes.split()),
        email_claim=settings.idp_email_claim,
        verified_claim=settings.idp_verified_claim,
        groups_claim=settings.idp_groups_claim,
        roles=roles_of_groups(settings),
        is_only=settings.idp_only,
        proxy=settings.idp_proxy,
    )


def roles_of_groups(settings: Settings) -> dict[str, tuple[Role, ...]]:
    """By the group's name, as PRAXIS_IDP_ROLES says; at sign-in and by SCIM alike."""
    text = settings.idp_roles
    example = """{"lms-officers": "officer", "plant-7": ["officer@PLANT-7", "creator"]}"""
    try:
        told: Any = json.loads(text or "{}")
    except ValueError as error:
        raise CompanySignInMisconfigured(f"PRAXIS_IDP_ROLES is no JSON ({error}); such as {example}") from error
    if not isinstance(told, dict):
        raise CompanySignInMisconfigured(f"PRAXIS_IDP_ROLES must name groups and their roles, such as {example}")
    return {group: tuple(_role(group, one) for one in _listed(roles)) for group, roles in told.items()}


def _listed(roles: Any) -> list[Any]:
    return roles if isinstance(roles, list) else [roles]


def _role(group: str, text: Any) -> Role:
    name, at, unit = text.partition("@") if isinstance(text, str) else (repr(text), "", "")
    if name not in MAPPABLE:
        raise CompanySignInMisconfigured(
            f"PRAXIS_IDP_ROLES gives {group} the role {name}: there are {', '.join(sorted(MAPPABLE))}."
        )
    if at and (not unit or name not in SCOPED):
        raise CompanySignInMisconfigured(
            f"PRAXIS_IDP_ROLES gives {group} the role {text}: "
            f"only {' and '.join(sorted(SCOPED & MAPPABLE))} are narrowed, by @ and the code of an org unit."
        )
    return Role(name, unit or None)
