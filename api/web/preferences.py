"""On one's account page: the language of the interface and the time zone."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api.core.errors import ProblemError
from api.core.http import SessionDep, SettingsDep
from api.people.preferences import Preferences, choose
from api.web.account import account_with
from api.web.expected import told_of
from api.web.pages import go
from api.web.shell import InTheirLanguage, caller

router = APIRouter(include_in_schema=False, dependencies=[InTheirLanguage])


@router.post("/account/preferences")
async def change(
    request: Request,
    session: SessionDep,
    settings: SettingsDep,
    language: Annotated[str, Form(max_length=20)] = "",
    time_zone: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """Nothing chosen means: as the browser says."""
    who = await caller(request, settings)
    if who is None:
        return go("/sign-in?next=/account")
    try:
        who.check_may_write()
        await choose(session, who.person_id, Preferences(language or None, time_zone or None))
    except ProblemError as problem:
        return await account_with(request, session, settings, error=told_of(problem), status=problem.status)
    return go("/account?done=settings")
