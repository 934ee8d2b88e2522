"""The endpoints that programs call. Their errors are those of RFC 6749; the pages that people see are in api.web."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from api.core.errors import ProblemError
from api.core.http import SessionDep, SettingsDep, problems
from api.core.settings import Settings
from api.identity import company_idp, oauth
from api.identity.audit import record
from api.identity.deps import CompanyDep
from api.identity.idp_tokens import CompanyAnswerRefused
from api.identity.oauth_endpoints import Introspection, Revocation, metadata
from api.identity.oauth_models import OAuthGrant
from api.identity.oauth_schemas import (
    ABOUT_TOKEN_FORM,
    TOKEN_FORM,
    IntrospectionOut,
    KeysOut,
    MetadataOut,
    Nothing,
    OAuthError,
    TokenOut,
)

router = APIRouter(tags=["OAuth 2.0"])
MOST_PARAMETERS = 50
ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": OAuthError, "description": "What was wrong, by RFC 6749"},
    401: {"model": OAuthError, "description": "The client is not who it says"},
    **problems(413),
}


async def read_form(request: Request) -> list[tuple[str, str]]:
    """The body's parameters in their order; files are no parameters, and a form that can't be read has none."""
    try:
        form = await request.form(max_files=0, max_fields=MOST_PARAMETERS)
    except (HTTPException, ValueError) as error:  # ValueError: a charset that doesn't fit
        if isinstance(error, HTTPException) and error.status_code != 400:
            raise
        return []
    return [(name, value) for name, value in form.multi_items() if not isinstance(value, UploadFile)]


def wrong_in(asked: oauth.Request) -> str | None:
    """What is wrong before any grant looks: RFC 6749 wants each parameter once, in characters that can be stored."""
    if asked.doubled:
        return f"{asked.doubled[:100]} came twice"
    if any(not value.isprintable() for value in asked.payload.data.values()):
        return "a parameter has characters that can't be in it"
    return None


async def answer(request: Request, session: AsyncSession, settings: Settings, ask: str) -> JSONResponse:
    """One of Authlib's answers; what it ended is ended for this process at once."""
    asked = oauth.Request(request.method, await read_form(request), request.headers)

    def run(db: Session) -> tuple[oauth.Answer, list[tuple[OAuthGrant, str]]]:
        server = oauth.Server(db, settings, request.app.state.signing_keys)
        if wrong := wrong_in(asked):
            return oauth.Answer(400, {"error": "invalid_request", "error_description": wrong}), []
        if ask == "token":
            return server.create_token_response(asked), server.ended
        for endpoint in (Revocation, Introspection):
            server.register_endpoint(endpoint)
        return server.create_endpoint_response(ask, asked), server.ended

    given, ended = await session.run_sync(run)
    for grant, reason in ended:  # committed with the answer, also with one that refuses
        request.app.state.access.forget()
        await record(
            session,
            action="identity.token_revoked" if reason == "revoked" else "identity.grant_ended",
            target_type="account",
            target_id=grant.account_id,
            client_id=grant.client_id,
            after={"grant_id": grant.id, "reason": reason},
        )
    headers = {**given.headers, "Cache-Control": "no-store"}
    return JSONResponse(given.body, given.status, headers)


@router.post("/oauth/token", operation_id="oauthToken", summary="Tokens", responses=ERRORS, openapi_extra=TOKEN_FORM)
async def token(request: Request, session: SessionDep, settings: SettingsDep) -> TokenOut:
    """authorization_code with PKCE (S256), refresh_token (each good once), client_credentials for services."""
    return await answer(request, session, settings, "token")  # type: ignore[return-value]


@router.post(
    "/oauth/revoke",
    operation_id="oauthRevoke",
    summary="Give a token back",
    responses=ERRORS,
    openapi_extra=ABOUT_TOKEN_FORM,
)
async def revoke(request: Request, session: SessionDep, settings: SettingsDep) -> Nothing:
    """RFC 7009: the sign-in that it belongs to ends, whichever of its tokens is sent."""
    return await answer(request, session, settings, "revocation")  # type: ignore[return-value]


@router.post(
    "/oauth/introspect",
    operation_id="oauthIntrospect",
    summary="Whether a token is good now",
    responses=ERRORS,
    openapi_extra=ABOUT_TOKEN_FORM,
)
async def introspect(request: Request, session: SessionDep, settings: SettingsDep) -> IntrospectionOut:
    """RFC 7662, for clients with a secret."""
    return await answer(request, session, settings, "introspection")  # type: ignore[return-value]


@router.post(
    "/oauth/backchannel-logout",
    operation_id="oauthBackchannelLogout",
    summary="The company's identity provider signs somebody off",
    responses=ERRORS,
)
async def backchannel_logout(
    request: Request,
    response: Response,
    session: SessionDep,
    provider: CompanyDep,
    logout_token: Annotated[str, Form(max_length=50_000, examples=["eyJhbGciOiJSUzI1NiJ9.e30.c2ln"])] = "",
) -> Nothing:
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
    return Nothing()


@router.get("/oauth/jwks", operation_id="oauthKeys", summary="The keys that check our tokens", responses=problems())
async def keys(request: Request) -> KeysOut:
    return KeysOut.model_validate(request.app.state.signing_keys.public())


@router.get(
    "/.well-known/oauth-authorization-server", operation_id="oauthMetadata", summary="RFC 8414", responses=problems()
)
@router.get(
    "/.well-known/openid-configuration", operation_id="openidMetadata", summary="OIDC discovery", responses=problems()
)
async def well_known(settings: SettingsDep) -> MetadataOut:
    return MetadataOut.model_validate(metadata(settings))
