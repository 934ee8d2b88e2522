"""One's own account: where one is signed in, and one's password."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from api.core.errors import ProblemError
from api.core.http import SessionDep, SettingsDep
from api.core.settings import Settings
from api.identity import service
from api.identity.models import Account, BrowserSession
from api.identity.sessions import end_sessions, find_session, open_sessions, session_secret_hash
from api.web.pages import go, page

router = APIRouter(include_in_schema=False)
NOTICES = {
    "password": "Your password is changed. You are signed out everywhere else.",
    "ended": "That session has ended.",
    "others": "You are signed out everywhere else.",
}


@router.get("/account")
async def account_page(
    request: Request, session: SessionDep, settings: SettingsDep, done: Annotated[str, Query()] = ""
) -> Response:
    browser, account = await _who(request, session, settings)
    if browser is None or account is None:
        return go("/sign-in?next=/account")
    return await _page(session, settings, browser, account, notice=NOTICES.get(done, ""))


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
        await service.change_password(session, account, current=current, new=new)
    except ProblemError as problem:
        return await _page(session, settings, browser, account, error=problem.detail, status=problem.status)
    await end_sessions(session, account.id, but=browser.id)
    request.app.state.access.forget()
    return go("/account?done=password")


@router.post("/account/sessions/end")
async def end_session(
    request: Request, session: SessionDep, settings: SettingsDep, session_id: Annotated[uuid.UUID | None, Form()] = None
) -> Response:
    """One session, or without an id all but this one. Somebody else's is not found, which looks the same."""
    browser, account = await _who(request, session, settings)
    if browser is None or account is None:
        return go("/sign-in?next=/account")
    await end_sessions(session, account.id, only=session_id, but=None if session_id else browser.id)
    request.app.state.access.forget()
    return go(f"/account?done={'ended' if session_id else 'others'}")


async def _who(
    request: Request, session: SessionDep, settings: Settings
) -> tuple[BrowserSession | None, Account | None]:
    browser = await find_session(session, session_secret_hash(request.cookies, settings))
    return browser, await session.get(Account, browser.account_id) if browser else None


async def _page(
    session: SessionDep,
    settings: Settings,
    browser: BrowserSession,
    account: Account,
    *,
    notice: str = "",
    error: str = "",
    status: int = 200,
) -> Response:
    return page(
        "account.html",
        status=status,
        email=account.email or "",
        roles=sorted(await service.roles_of(session, account)),
        has_password=account.password_hash is not None and not settings.idp_only,
        sessions=await open_sessions(session, account.id),
        current_id=browser.id,
        dashboards_url=settings.dashboards_url,
        notice=notice,
        error=error,
    )
