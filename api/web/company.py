"""Signing in, and off, by the company's own identity provider."""

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from api.core.errors import NotFound, ProblemError
from api.core.http import SessionDep, SettingsDep
from api.core.i18n import gettext as _
from api.identity import company_idp as idp
from api.identity.deps import CompanyDep
from api.identity.idp_provider import Provider
from api.identity.idp_tokens import Identity
from api.identity.sessions import cookie_options
from api.web.pages import go, own_path, page
from api.web.shell import InTheBrowsersLanguage
from api.web.sign_in import company_address, signed_in

router = APIRouter(include_in_schema=False, dependencies=[InTheBrowsersLanguage])
Text = Annotated[str, Query(max_length=4000)]


async def configured(company: CompanyDep) -> Provider:
    if company is None:
        raise NotFound("People sign in with a password here: /sign-in.")
    return company


ProviderDep = Annotated[Provider, Depends(configured)]


async def begun_here(
    request: Request, settings: SettingsDep, provider: ProviderDep, state: Text = ""
) -> idp.Flow | None:
    """Taken in a transaction of its own: it is spent whatever follows, and no connection waits for the provider."""
    async with request.app.state.sessions.begin() as session:
        return await idp.take(session, state=state, binding=idp.binding_of(request.cookies, settings))


@router.get("/sign-in/company")
async def begin(
    request: Request,
    session: SessionDep,
    settings: SettingsDep,
    provider: ProviderDep,
    next: Text = "",
    prompt: Text = "",
    max_age: Text = "",
) -> Response:
    """On to the provider."""
    following = own_path(next)
    binding = idp.binding_of(request.cookies, settings) or idp.new_binding()
    try:
        address = await idp.begin(
            session, provider, binding=binding, following=following, prompt=prompt, max_age=max_age
        )
    except ProblemError as problem:
        return _stopped(provider, problem, following)
    response = go(address)
    response.set_cookie(idp.binding_cookie(settings), binding, max_age=idp.FLOW_TTL_S, **cookie_options(settings))
    return response


@router.get("/sign-in/company/callback")
async def finish(
    request: Request,
    session: SessionDep,
    settings: SettingsDep,
    provider: ProviderDep,
    flow: Annotated[idp.Flow | None, Depends(begun_here)],
    code: Text = "",
    error: Text = "",
    iss: Annotated[str | None, Query(max_length=4000)] = None,
) -> Response:
    """Back from the provider: a new session of ours, or a page that says why not."""
    if flow is None:
        return _stopped(provider, FlowUnknown("It was begun in another browser, too long ago, or is done."), "")
    try:
        identity = await _identity(provider, flow, code=code, error=error, iss=iss)
        account = await idp.account_of_identity(session, provider.company, identity)
        if await idp.follow_groups(session, settings, provider.company, identity, account):
            request.app.state.access.forget()
    except ProblemError as problem:
        return _stopped(provider, problem, flow.following)
    return await signed_in(
        request,
        session,
        settings,
        account,
        flow.following,
        method="idp",
        idp_id_token=identity.id_token,
        idp_sid=identity.sid,
        authenticated_at=datetime.fromtimestamp(identity.auth_time, UTC) if identity.auth_time else None,
    )


async def _identity(provider: Provider, flow: idp.Flow, *, code: str, error: str, iss: str | None) -> Identity:
    document = await provider.document()
    idp.check_issuer(iss, is_sure=document.names_itself, company=provider.company)
    if error or not code:
        raise NotFinished(f"{provider.company.name} ended it: {error[:100] or 'without a code'}.")
    identity = await provider.redeem(code, verifier=flow.verifier, nonce=flow.nonce)
    idp.check_fresh(identity, flow)
    return identity


@router.get("/sign-in/company/signed-out")
async def signed_out(session: SessionDep, state: Text = "") -> Response:
    """Back from the provider's sign-off."""
    return go(await idp.way_back(session, state) or "/sign-in?why=out")


class FlowUnknown(ProblemError):
    title = "This sign-in is over"


class NotFinished(ProblemError):
    title = "You are not signed in"


def _stopped(provider: Provider, problem: ProblemError, following: str) -> Response:
    company = provider.company
    return page(
        "company.html",
        status=problem.status,
        headers=problem.headers,
        title=_(problem.title),
        what=_(problem.detail),
        company=company.name,
        # Or the provider would give the same answer for the same account without a question.
        again=company_address(following, "other" if isinstance(problem, idp.NotOurs) else "", ""),
        password="" if company.is_only else f"/sign-in?{urlencode({'next': own_path(following)})}",
    )
