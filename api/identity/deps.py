"""FastAPI dependencies: the caller, and what a route needs of them."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import OAuth2AuthorizationCodeBearer

from api.core.errors import Forbidden, Unauthorized
from api.identity.access import AccessNow
from api.identity.idp_provider import Provider
from api.identity.rules import ROLES_OF_SCOPE, SCOPES, Principal, may
from api.identity.sessions import session_secret_hash
from api.identity.tokens import TokenVerifier

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
bearer = OAuth2AuthorizationCodeBearer(
    "oauth/authorize",
    "oauth/token",
    refreshUrl="oauth/token",
    scheme_name="praxis",
    scopes=SCOPES,
    auto_error=False,
    description="OAuth 2.0: authorization code with PKCE (S256). `./praxis token` gives one for the terminal.",
)


async def known_principal(request: Request, token: Annotated[str | None, Depends(bearer)]) -> Principal:
    """By bearer token, else by the browser session of our own pages; whatever they want to do."""
    access: AccessNow = request.app.state.access
    if token is not None:
        verifier: TokenVerifier = request.app.state.token_verifier
        who = await access.of_token(verifier(token))
    elif (secret := session_secret_hash(request.cookies, request.app.state.settings)) is not None:
        who = await access.of_session(secret)
    else:
        raise Unauthorized("Send `Authorization: Bearer <token>`: see /docs for how to get one.")
    request.state.principal = who
    return who


async def current_principal(request: Request, token: Annotated[str | None, Depends(bearer)]) -> Principal:
    """The same, who may write where the method does."""
    who = await known_principal(request, token)
    if request.method not in SAFE_METHODS:
        who.check_may_write()
    return who


PrincipalDep = Annotated[Principal, Depends(current_principal)]


def allow(scope: str, *roles: str) -> Callable[[Principal], Awaitable[Principal]]:
    """A dependency that passes with this scope in the token and one of these roles (default: those of the scope)."""
    needed = frozenset(roles) or ROLES_OF_SCOPE[scope]

    async def check(principal: PrincipalDep) -> Principal:
        return _allowed(principal, scope, needed)

    return check


def _allowed(principal: Principal, scope: str, needed: frozenset[str]) -> Principal:
    if scope not in principal.scopes:
        raise Forbidden(f"The token was not asked for the scope {scope}: sign in again with it.")
    if not may(principal, scope) or not principal.roles & needed:
        raise Forbidden(f"This needs the role {' or '.join(sorted(needed))}; ask your compliance officer for it.")
    return principal


async def allow_to_ask(principal: Annotated[Principal, Depends(known_principal)]) -> Principal:
    """For a POST that asks for a report: an auditor may, because nothing of the company's changes by it."""
    return _allowed(principal, "reports", ROLES_OF_SCOPE["reports"])


async def allow_openid(principal: PrincipalDep) -> Principal:
    """For userinfo: any role, but the token was asked for openid; a POST writes nothing."""
    if "openid" not in principal.scopes:
        raise Forbidden("The token was not asked for the scope openid: sign in again with it.")
    return principal


async def company_provider(request: Request) -> Provider | None:
    """The company's own identity provider, where one is configured."""
    provider: Provider | None = request.app.state.company
    return provider


_check_learner = allow("learning")


async def current_learner(request: Request) -> Principal:
    """What LearnerDep gives, for who solves no dependencies."""
    return await _check_learner(await current_principal(request, await bearer(request)))


CompanyDep = Annotated[Provider | None, Depends(company_provider)]
LearnerDep = Annotated[Principal, Depends(_check_learner)]
CreatorDep = Annotated[Principal, Depends(allow("courses", "creator"))]
InsightDep = Annotated[Principal, Depends(allow("courses"))]
AskReportsDep = Annotated[Principal, Depends(allow_to_ask)]
ReportsDep = Annotated[Principal, Depends(allow("reports"))]
AuditDep = Annotated[Principal, Depends(allow("audit"))]
