"""One's own account: where one is signed in, and one's password."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response

from api.core.errors import ProblemError
from api.core.http import SessionDep, SettingsDep
from api.core.i18n import gettext as _
from api.core.i18n import later, zones_by_continent
from api.core.settings import Settings
from api.identity import guesses, service
from api.identity.audit import record
from api.identity.models import Account, BrowserSession
from api.identity.sessions import end_sessions, find_session, open_sessions, session_secret_hash
from api.people.delegations import LONGEST, delegations, leads_somebody
from api.people.preferences import Preferences, preferences_of
from api.web.expected import role_name, told_of
from api.web.pages import go, page
from api.web.shell import InTheirLanguage

router = APIRouter(include_in_schema=False, dependencies=[InTheirLanguage])
NOTICES = {
    "password": later("Your password is changed. You are signed out everywhere else."),
    "ended": later("That session has ended."),
    "others": later("You are signed out everywhere else."),
    "delegated": later("They act for you from now on: they see the numbers of those whom you lead."),
    "settings": later("Your language and time zone are saved."),
    "undelegated": later("That delegation has ended."),
}


@router.get("/account")
async def account_page(
    request: Request, session: SessionDep, settings: SettingsDep, done: Annotated[str, Query()] = ""
) -> Response:
    browser, account = await _who(request, session, settings)
    if browser is None or account is None:
        return go("/sign-in?next=/account")
    return await _page(session, settings, browser, account, notice=_(NOTICES[done]) if done in NOTICES else "")


@router.post("/account/password")
async def change_password(
    request: Request,
    session: SessionDep,
    settings: SettingsDep,
    current: Annotated[str, Form(max_length=1000)] = "",
    new: Annotated[str, Form(max_length=1000)] = "",
    again: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Needs the old one; whoever else was signed in with it is signed out."""
    browser, account = await _who(request, session, settings)
    if browser is None or account is None:
        return go("/sign-in?next=/account")
    try:
        if settings.idp_only:
            raise service.PasswordRefused("Passwords are not taken here: you sign in with your company account.")
        if new != again:
            raise service.PasswordRefused("The two new passwords differ.")
        await _change(request, session, account, current, new)
    except ProblemError as problem:
        refused = await _page(session, settings, browser, account, error=told_of(problem), status=problem.status)
        refused.headers.update(problem.headers)
        return refused
    ended = await end_sessions(session, account.id, but=browser.id)
    request.app.state.access.forget()
    await _record(session, "identity.password_changed", account, {"sessions_ended": ended})
    return go("/account?done=password")


async def _change(request: Request, session: SessionDep, account: Account, current: str, new: str) -> None:
    """A wrong current password is a guess; a right one is none, whatever is wrong with the new one."""
    tried = guesses.of_account(account.id)
    await guesses.begin(request.app.state.read_engine, tried)
    try:
        await service.change_password(session, account, current=current, new=new)
    except service.CurrentPasswordWrong:
        raise
    except service.PasswordRefused:
        await guesses.succeeded(session, tried)
        raise
    await guesses.succeeded(session, tried)


@router.post("/account/sessions/end")
async def end_session(
    request: Request, session: SessionDep, settings: SettingsDep, session_id: Annotated[uuid.UUID | None, Form()] = None
) -> Response:
    """One session, or without an id all but this one. Somebody else's is not found, which looks the same."""
    browser, account = await _who(request, session, settings)
    if browser is None or account is None:
        return go("/sign-in?next=/account")
    ended = await end_sessions(session, account.id, only=session_id, but=None if session_id else browser.id)
    request.app.state.access.forget()
    if ended:
        await _record(session, "identity.session_ended", account, {"sessions_ended": ended})
    return go(f"/account?done={'ended' if session_id else 'others'}")


async def _record(session: SessionDep, action: str, account: Account, after: dict[str, Any]) -> None:
    await record(session, action=action, actor=account, target_type="account", target_id=account.id, after=after)


async def _who(
    request: Request, session: SessionDep, settings: Settings
) -> tuple[BrowserSession | None, Account | None]:
    browser = await find_session(session, session_secret_hash(request.cookies, settings))
    return browser, await session.get(Account, browser.account_id) if browser else None


async def account_with(
    request: Request,
    session: SessionDep,
    settings: Settings,
    *,
    error: str,
    status: int = 422,
    typed: dict[str, str] | None = None,
) -> Response:
    """The page again, with what was wrong; `typed` keeps what was put into the form for a delegation."""
    browser, account = await _who(request, session, settings)
    if browser is None or account is None:
        return go("/sign-in?next=/account")
    return await _page(session, settings, browser, account, error=error, status=status, typed=typed)


async def _page(
    session: SessionDep,
    settings: Settings,
    browser: BrowserSession,
    account: Account,
    *,
    notice: str = "",
    error: str = "",
    status: int = 200,
    typed: dict[str, str] | None = None,
) -> Response:
    given = await delegations(session, account.person_id) if account.person_id else []
    leads = account.person_id is not None and await leads_somebody(session, account.person_id)
    today = datetime.now(UTC).date()
    return page(
        "account.html",
        status=status,
        email=account.email or "",
        roles=sorted(await service.roles_of(session, account) - (frozenset() if leads else {"manager"})),
        has_password=account.password_hash is not None and not settings.idp_only,
        sessions=await open_sessions(session, account.id),
        current_id=browser.id,
        dashboards_url=settings.dashboards_url,
        person_id=account.person_id,
        leads_somebody=leads,
        delegations=given,
        chosen=await preferences_of(session, account.person_id) if account.person_id else Preferences(),
        zones=zones_by_continent(),
        role_name=role_name,
        typed=typed or {"email": "", "until": ""},
        first_day=today.isoformat(),
        last_day=(today + LONGEST - timedelta(days=1)).isoformat(),
        notice=notice,
        error=error,
    )
