"""Where an officer gives people extra time in quizzes; works without scripts."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response

from api.core.errors import Forbidden, NotFound, ProblemError
from api.core.http import SessionDep, SettingsDep
from api.identity.rules import Principal
from api.learning.extra_time import RESPONSIBLE, extra_times, set_extra_time
from api.people.service import check_within, colleague
from api.web.pages import go
from api.web.shell import caller, learner_page

router = APIRouter(include_in_schema=False)
PAGE = "/officer/extra-time"


@router.get(PAGE)
async def extra_time_page(request: Request, session: SessionDep, settings: SettingsDep, done: str = "") -> Response:
    return await _page(request, session, settings, done=done)


@router.post(PAGE)
async def give(
    request: Request,
    session: SessionDep,
    settings: SettingsDep,
    email: Annotated[str, Form(max_length=320)] = "",
    percent: Annotated[str, Form(max_length=10)] = "",
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """What is wrong is said on the page, and what was typed stays there."""
    typed = {"email": email, "percent": percent, "reason": reason}
    who = await caller(request, settings)
    if who is None:
        return go(f"/sign-in?next={PAGE}")
    try:
        _check(who)
        who.check_may_write()
        if not percent.strip().isdigit() or not 1 <= int(percent) <= 300:
            return await _page(request, session, settings, error="percent", typed=typed, status=422)
        person = await colleague(session, email=email)
        await check_within(session, who, person.id, RESPONSIBLE)
        await set_extra_time(session, who, person_id=person.id, percent=int(percent), reason=reason.strip())
    except NotFound as problem:
        return await _page(request, session, settings, error="unknown", typed=typed, status=problem.status)
    except ProblemError as problem:
        return await _page(request, session, settings, error=problem.detail, typed=typed, status=problem.status)
    return go(f"{PAGE}?done=given")


@router.post(f"{PAGE}/remove")
async def remove(
    request: Request, session: SessionDep, settings: SettingsDep, person_id: Annotated[uuid.UUID, Form()]
) -> Response:
    who = await caller(request, settings)
    if who is None:
        return go(f"/sign-in?next={PAGE}")
    try:
        _check(who)
        who.check_may_write()
        await set_extra_time(session, who, person_id=person_id, percent=0)
    except ProblemError as problem:
        return await _page(request, session, settings, error=problem.detail, status=problem.status)
    return go(f"{PAGE}?done=removed")


def _check(who: Principal) -> None:
    if RESPONSIBLE not in who.roles:
        raise Forbidden("Extra time is given by compliance officers: ask yours.")


async def _page(
    request: Request,
    session: SessionDep,
    settings: SettingsDep,
    *,
    done: str = "",
    error: str = "",
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    async def load(who: Principal) -> dict[str, Any]:
        _check(who)
        return {"items": await extra_times(session, who)}

    values = {"done": done, "error": error, "typed": typed or {"email": "", "percent": "25", "reason": ""}}
    template = "learn/extra_time.html"
    return await learner_page(request, session, settings, template, section="", load=load, status=status, **values)
