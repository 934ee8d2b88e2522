"""FastAPI dependencies: the caller, and the role a route needs."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.core.errors import Forbidden, Unauthorized
from api.identity.rules import Principal
from api.identity.service import TokenVerifier

bearer = HTTPBearer(auto_error=False, bearerFormat="JWT", description="From POST /sessions or `./praxis token`.")


async def current_principal(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> Principal:
    if credentials is None:
        raise Unauthorized("Send `Authorization: Bearer <token>`; POST /sessions gives one.")
    verifier: TokenVerifier = request.app.state.token_verifier
    return verifier(credentials.credentials)


PrincipalDep = Annotated[Principal, Depends(current_principal)]


def require_role(role: str) -> Callable[[Principal], Awaitable[Principal]]:
    """A dependency that lets only this role pass."""

    async def check(principal: PrincipalDep) -> Principal:
        if role not in principal.roles:
            raise Forbidden(f"This needs the role {role}; ask whoever administers Praxis for it.")
        return principal

    return check


CreatorDep = Annotated[Principal, Depends(require_role("creator"))]
ManagerDep = Annotated[Principal, Depends(require_role("manager"))]
