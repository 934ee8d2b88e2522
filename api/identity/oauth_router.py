"""The endpoints that programs call. Their errors are those of RFC 6749; the pages that people see are in api.web."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from starlette.datastructures import UploadFile

from api.core.errors import ProblemError
from api.core.http import SessionDep, SettingsDep, problems
from api.core.settings import Settings
from api.identity import company_idp, oauth
from api.identity.deps import CompanyDep
from api.identity.idp_tokens import CompanyAnswerRefused
from api.identity.oauth_endpoints import Introspection, Revocation, metadata

router = APIRouter(tags=["OAuth 2.0"])
MOST_PARAMETERS = 50


class OAuthError(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"error": "invalid_grant"}})

    error: str
    error_description: str | None = None


class TokenOut(BaseModel):
    access_token: str
    token_type: str
    expires_in: int
    scope: str
    refresh_token: str | None = None
    id_token: str | None = None


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    said = {400: "What was wrong, by RFC 6749", 401: "The client is not who it says"}
    return {**{status: {"model": OAuthError, "description": said[status]} for status in statuses}, **problems()}


async def read_form(request: Request) -> list[tuple[str, str]]:
    """The body's parameters in their order; files are no parameters."""
    form = await request.form(max_files=0, max_fields=MOST_PARAMETERS)
    return [(name, value) for name, value in form.multi_items() if not isinstance(value, UploadFile)]


async def answer(request: Request, session: AsyncSession, settings: Settings, ask: str) -> JSONResponse:
    """One of Authlib's answers; what it ended is ended for this process at once."""
    asked = oauth.Request(request.method, await read_form(request), request.headers)

    def run(db: Session) -> tuple[oauth.Answer, bool]:
        server = oauth.Server(db, settings, request.app.state.signing_keys)
        if asked.doubled:
            wrong = {"error": "invalid_request", "error_description": f"{asked.doubled} came twice"[:200]}
            return oauth.Answer(400, wrong), False
        if ask == "token":
            return server.create_token_response(asked), bool(server.ended)
        for endpoint in (Revocation, Introspection):
            server.register_endpoint(endpoint)
        return server.create_endpoint_response(ask, asked), bool(server.ended)

    given, has_ended = await session.run_sync(run)
    if has_ended:
        request.app.state.access.forget()
    headers = {**given.headers, "Cache-Control": "no-store"}
    return JSONResponse(given.body, given.status, headers)


@router.post("/oauth/token", operation_id="oauthToken", summary="Tokens", responses=errors(400, 401))
async def token(
    request: Request,
    session: SessionDep,
    settings: SettingsDep,
    grant_type: Annotated[str, Form(examples=["authorization_code"])] = "",
) -> TokenOut:
    """authorization_code with PKCE (S256), refresh_token (each good once), client_credentials for services."""
    return await answer(request, session, settings, "token")  # type: ignore[return-value]


@router.post("/oauth/revoke", operation_id="oauthRevoke", summary="Give a token back", responses=errors(400, 401))
async def revoke(
    request: Request, session: SessionDep, settings: SettingsDep, token: Annotated[str, Form()] = ""
) -> dict[str, Any]:
    """RFC 7009: the sign-in that it belongs to ends, whichever of its tokens is sent."""
    return await answer(request, session, settings, "revocation")  # type: ignore[return-value]


@router.post(
    "/oauth/introspect",
    operation_id="oauthIntrospect",
    summary="Whether a token is good now",
    responses=errors(400, 401),
)
async def introspect(
    request: Request, session: SessionDep, settings: SettingsDep, token: Annotated[str, Form()] = ""
) -> dict[str, Any]:
    """RFC 7662, for clients with a secret."""
    return await answer(request, session, settings, "introspection")  # type: ignore[return-value]


@router.post(
    "/oauth/backchannel-logout",
    operation_id="oauthBackchannelLogout",
    summary="The company's identity provider signs somebody off",
    responses=errors(400),
)
async def backchannel_logout(
    request: Request,
    response: Response,
    session: SessionDep,
    provider: CompanyDep,
    logout_token: Annotated[str, Form(max_length=50_000)] = "",
) -> dict[str, Any]:
    """OpenID Connect Back-Channel Logout 1.0: what the session there opened here ends, in every application."""
    try:
        if provider is None:
            raise CompanyAnswerRefused("No identity provider is configured here.")
        await company_idp.end_as_told(session, provider.company, await provider.signed_off(logout_token))
    except ProblemError as problem:
        wrong = {"error": "invalid_request", "error_description": problem.detail}
        return JSONResponse(wrong, 400, {"Cache-Control": "no-store"})  # type: ignore[return-value]
    request.app.state.access.forget()
    response.headers["Cache-Control"] = "no-store"
    return {}


@router.get("/oauth/jwks", operation_id="oauthKeys", summary="The keys that check our tokens", responses=problems())
async def keys(request: Request) -> dict[str, Any]:
    return dict(request.app.state.signing_keys.public())


@router.get(
    "/.well-known/oauth-authorization-server", operation_id="oauthMetadata", summary="RFC 8414", responses=problems()
)
@router.get(
    "/.well-known/openid-configuration", operation_id="openidMetadata", summary="OIDC discovery", responses=problems()
)
async def well_known(settings: SettingsDep) -> dict[str, Any]:
    return metadata(settings)
