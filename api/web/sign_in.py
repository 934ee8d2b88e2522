"""Signing in with a password, and signing off everywhere."""

from typing import Annotated, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from fastapi import APIRouter, Form, Query, Request, Response
from joserfc.errors import JoseError

from api.core.errors import Forbidden, ProblemError
from api.core.http import SessionDep, SettingsDep
from api.core.i18n import gettext as _
from api.core.i18n import later
from api.core.settings import Settings
from api.identity import company_idp, guesses, service
from api.identity.audit import record
from api.identity.deps import CompanyDep
from api.identity.idp_provider import Provider
from api.identity.models import Account, BrowserSession
from api.identity.oauth_clients import client_by_id
from api.identity.sessions import (
    cookie_name,
    cookie_options,
    end_sessions,
    find_session,
    open_session,
    session_secret_hash,
)
from api.web.expected import told_of
from api.web.pages import client_address, go, own_path, page
from api.web.shell import InTheirLanguage

router = APIRouter(include_in_schema=False, dependencies=[InTheirLanguage])
NOTICES = {"out": later("You are signed out."), "expired": later("Your session has ended. Sign in again.")}


class PasswordsClosed(Forbidden):
    title = "Passwords are not taken here"


def company_address(following: str, prompt: str, max_age: str) -> str:
    """Where the company's own sign-in begins, with what asks for a fresh one."""
    asked = {"next": following, "prompt": prompt, "max_age": max_age}
    return "/sign-in/company?" + urlencode({name: value for name, value in asked.items() if value})


def _leads_to(following: str) -> str | None:
    """The client's address that a sign-in on the way to /oauth/authorize ends at."""
    parts = urlsplit(following)
    wanted = parse_qs(parts.query).get("redirect_uri") if parts.path == "/oauth/authorize" else None
    return wanted[0] if wanted else None


def _form(
    provider: Provider | None,
    following: str,
    *,
    prompt: str = "",
    max_age: str = "",
    email: str = "",
    error: str = "",
    notice: str = "",
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    return page(
        "sign_in.html",
        status=status,
        headers=headers,
        leads_to=_leads_to(following),
        next=following,
        prompt=prompt,
        max_age=max_age,
        company=provider.company.name if provider else "",
        company_address=company_address(following, prompt, max_age),
        has_password=provider is None or not provider.company.is_only,
        email=email,
        error=error,
        notice=notice,
    )


@router.get("/sign-in")
async def sign_in_page(
    provider: CompanyDep,
    next: Annotated[str, Query()] = "",
    why: Annotated[str, Query()] = "",
    prompt: Annotated[str, Query(max_length=100)] = "",
    max_age: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Straight on to the company's own sign-in where there is no other, except for who has just signed off."""
    following = own_path(next)
    if provider and provider.company.is_only and next and not why:
        return go(company_address(following, prompt, max_age))
    return _form(provider, following, prompt=prompt, max_age=max_age, notice=_(NOTICES[why]) if why in NOTICES else "")


@router.post("/sign-in")
async def sign_in(
    request: Request,
    session: SessionDep,
    settings: SettingsDep,
    provider: CompanyDep,
    email: Annotated[str, Form(max_length=320)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    next: Annotated[str, Form()] = "",
    prompt: Annotated[str, Form(max_length=100)] = "",
    max_age: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    following, email = own_path(next), email.strip()
    again: dict[str, Any] = {"email": email, "prompt": prompt, "max_age": max_age}
    device = guesses.device_of(request.cookies, settings, email)
    tried = guesses.of_email(email, device)
    try:
        if provider and provider.company.is_only:
            raise PasswordsClosed(f"Sign in with {provider.company.name}: passwords are not taken here.")
        if not email or not password:
            return _form(
                provider, following, **again, error=_("Give your e-mail address and your password."), status=422
            )
        await guesses.begin(request.app.state.read_engine, tried)
        account = await service.authenticate(session, email=email, password=password)
    except ProblemError as problem:
        headers = problem.headers if problem.status == 429 else None
        return _form(provider, following, **again, error=told_of(problem), status=problem.status, headers=headers)
    await guesses.succeeded(session, tried)
    response = await signed_in(request, session, settings, account, following, method="password")
    response.set_cookie(
        guesses.device_cookie_name(settings),
        guesses.device_cookie(settings, email, device),
        max_age=settings.device_cookie_ttl_s,
        **cookie_options(settings),
    )
    return response


async def signed_in(
    request: Request,
    session: SessionDep,
    settings: Settings,
    account: Account,
    following: str,
    *,
    method: str,
    **proof: Any,
) -> Response:
    """Always a new session; one that the browser had before ends. `proof` is what `open_session` keeps of it."""
    before = await find_session(session, session_secret_hash(request.cookies, settings))
    if before:
        await end_sessions(session, before.account_id, only=before.id)
    secret = await open_session(
        session,
        settings,
        account,
        method=method,
        ip=client_address(request),
        user_agent=request.headers.get("user-agent"),
        **proof,
    )
    if before:
        await _record_sign_out(session, before)
    response = go(following)
    response.set_cookie(
        cookie_name(settings), secret, max_age=settings.browser_session_ttl_s, **cookie_options(settings)
    )
    return response


@router.post("/sign-out")
async def sign_out(request: Request, session: SessionDep, settings: SettingsDep, provider: CompanyDep) -> Response:
    """Ends this browser's session and every sign-in that came by it: dashboards, Dagster, other applications."""
    return await _end(request, session, settings, provider, back="/sign-in?why=out")


@router.get("/oauth/logout")
async def logout_page(
    request: Request,
    session: SessionDep,
    settings: SettingsDep,
    provider: CompanyDep,
    id_token_hint: Annotated[str, Query(max_length=4000)] = "",
    client_id: Annotated[str, Query(max_length=200)] = "",
    post_logout_redirect_uri: Annotated[str, Query(max_length=2000)] = "",
    state: Annotated[str, Query(max_length=1000)] = "",
) -> Response:
    """RP-initiated logout (OIDC): at once where the client shows our ID token of this session, else we ask."""
    hinted = _hint(request, id_token_hint)
    back = await _back(session, hinted.get("aud") or client_id, post_logout_redirect_uri, state)
    browser = await find_session(session, session_secret_hash(request.cookies, settings))
    if browser and hinted.get("sid") != str(browser.id):
        return page("sign_out.html", back=back or "", leads_to=back)
    return await _end(request, session, settings, provider, back=back or "/sign-in?why=out")


@router.post("/oauth/logout")
async def logout(
    request: Request,
    session: SessionDep,
    settings: SettingsDep,
    provider: CompanyDep,
    id_token_hint: Annotated[str, Form(max_length=4000)] = "",
    client_id: Annotated[str, Form(max_length=200)] = "",
    post_logout_redirect_uri: Annotated[str, Form(max_length=2000)] = "",
    state: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """As GET; the specification wants both."""
    asked = (id_token_hint, client_id, post_logout_redirect_uri, state)
    return await logout_page(request, session, settings, provider, *asked)


def _hint(request: Request, id_token: str) -> dict[str, str]:
    """An ID token that we signed says whose session is meant, also after it expired."""
    try:
        claims = request.app.state.signing_keys.read(id_token, kind="JWT")
    except (JoseError, ValueError):
        return {}
    return {name: str(claims.get(name, "")) for name in ("aud", "sid")}


async def _back(session: SessionDep, client_id: str, address: str, state: str) -> str | None:
    """Where the client wants its people afterwards, if it registered that address."""
    client = await client_by_id(session, client_id) if client_id and address else None
    if client is None or address not in client.post_logout_uris:
        return None
    return f"{address}?{urlencode({'state': state})}" if state else address


async def _end(
    request: Request, session: SessionDep, settings: Settings, provider: Provider | None, *, back: str
) -> Response:
    """Signed off here at once, whether the company's sign-in can be reached or not; then there too."""
    address = await provider.sign_off_address() if provider else None
    browser = await find_session(session, session_secret_hash(request.cookies, settings))
    onward = await company_idp.leave(session, provider, browser, address, back=back) if provider and browser else None
    if browser:
        await end_sessions(session, browser.account_id, only=browser.id)
        request.app.state.access.forget()
        await _record_sign_out(session, browser)
    response = _leaving(request, provider, onward) if provider and onward else go(back)
    response.delete_cookie(cookie_name(settings), **cookie_options(settings))
    return response


async def _record_sign_out(session: SessionDep, browser: BrowserSession) -> None:
    account = await session.get(Account, browser.account_id)
    after = {"session_id": browser.id}
    await record(
        session,
        action="identity.signed_out",
        actor=account,
        target_type="account",
        target_id=browser.account_id,
        after=after,
    )


def _leaving(request: Request, provider: Provider, onward: str) -> Response:
    """After a form by a page that goes on itself: a form may not lead to another site (form-action), a page may."""
    if request.method == "GET":
        return go(onward)
    return page("leaving.html", company=provider.company.name, address=onward, headers={"Refresh": f"0; url={onward}"})
