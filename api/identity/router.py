"""Sign-in."""

from fastapi import APIRouter, Request

from api.core.http import SessionDep, SettingsDep, problems
from api.identity import service
from api.identity.schemas import SessionIn, SessionOut

router = APIRouter(tags=["identity"])


@router.post("/sessions", status_code=201, operation_id="signIn", summary="Sign in", responses=problems(401))
async def sign_in(body: SessionIn, request: Request, session: SessionDep, settings: SettingsDep) -> SessionOut:
    """A bearer token for an e-mail and a password."""
    account = await service.authenticate(session, email=body.email, password=body.password)
    token, roles = await service.open_session(session, request.app.state.token_key, settings, account)
    return SessionOut(access_token=token, expires_in=settings.access_token_ttl_s, roles=sorted(roles))
