"""On one's account page: who acts for me, and for whom I act."""

import uuid
from datetime import UTC, date, datetime, time
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api.core.errors import ProblemError
from api.core.http import SessionDep, SettingsDep
from api.core.i18n import gettext as _
from api.people.delegations import delegate, end_delegation
from api.web.account import account_with
from api.web.expected import told_of
from api.web.pages import go
from api.web.shell import InTheirLanguage, caller

router = APIRouter(include_in_schema=False, dependencies=[InTheirLanguage])
SIGN_IN = "/sign-in?next=/account"


@router.post("/account/delegations")
async def add(
    request: Request,
    session: SessionDep,
    settings: SettingsDep,
    email: Annotated[str, Form(max_length=320)] = "",
    until: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Until the end of that day, UTC; what is wrong is said on the page, and what was typed stays there."""
    who = await caller(request, settings)
    if who is None:
        return go(SIGN_IN)
    typed = {"email": email, "until": until}
    try:
        who.check_may_write()
        end = datetime.combine(date.fromisoformat(until), time(23, 59, 59), UTC)
        await delegate(session, who, person_id=None, email=email, until=end)
    except ValueError:
        return await account_with(
            request, session, settings, error=_("Give the last day, such as 2026-12-24."), typed=typed
        )
    except ProblemError as problem:
        return await account_with(
            request, session, settings, error=told_of(problem), status=problem.status, typed=typed
        )
    return go("/account?done=delegated")


@router.post("/account/delegations/end")
async def end(
    request: Request, session: SessionDep, settings: SettingsDep, delegation_id: Annotated[uuid.UUID, Form()]
) -> Response:
    who = await caller(request, settings)
    if who is None:
        return go(SIGN_IN)
    try:
        who.check_may_write()
        await end_delegation(session, who, delegation_id)
    except ProblemError as problem:
        return await account_with(request, session, settings, error=told_of(problem), status=problem.status)
    return go("/account?done=undelegated")
