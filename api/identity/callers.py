"""Whose budget a request draws on: the account and client that its token or cookie proves."""

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import HTTPConnection

from api.core.errors import Unauthorized
from api.identity.access import AccessNow
from api.identity.sessions import session_secret_hash
from api.identity.tokens import TokenVerifier


async def caller(request: HTTPConnection) -> str | None:
    """None for who is nobody: no token, a wrong one, a session that ended. The route says so, this doesn't."""
    state = request.app.state
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        if kind.lower() == "bearer":
            verifier: TokenVerifier = state.token_verifier
            claims = verifier(token.strip())
            return f"{claims.account_id} {claims.client_id}"
        if (secret := session_secret_hash(request.cookies, state.settings)) is not None:
            access: AccessNow = state.access
            who = await access.of_session(secret)
            return f"{who.account_id} {who.client_id}"
    except (Unauthorized, SQLAlchemyError, OSError):
        return None
    return None
