"""Requests to learn: those that wait for a manager's yes, and one's own."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response

from api.core.http import SessionDep, SettingsDep
from api.identity.rules import Principal
from api.learning.requests import decide, my_requests, to_decide
from api.learning.service import withdraw
from api.web.acting import act
from api.web.shell import initials, learner_page

router = APIRouter(include_in_schema=False)
HERE = "/team/requests"


@router.get(HERE)
async def requests_page(
    request: Request, session: SessionDep, settings: SettingsDep, done: str = "", at: str = ""
) -> Response:
    """`at` is the request whose no still needs a reason."""

    async def load(who: Principal) -> dict[str, Any]:
        mine, asked = await my_requests(session, who.person_id), await to_decide(session, who)
        return {"asked": asked, "mine": mine, "done": done, "at": at, "initials_of": initials}

    return await learner_page(request, session, settings, "learn/team_requests.html", section="team", load=load)


@router.post(HERE)
async def decide_request(
    request: Request,
    session: SessionDep,
    settings: SettingsDep,
    request_id: Annotated[uuid.UUID | None, Form()] = None,
    decision: Annotated[str, Form(max_length=10)] = "",
    reason: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    async def run(who: Principal) -> str:
        said, is_approved = reason.replace("\0", ""), decision == "approve"
        if not is_approved and not said.strip():
            return f"{HERE}?done=reason&at={request_id}#r-{request_id}"
        found = await decide(
            session, who, request_id=request_id or uuid.UUID(int=0), is_approved=is_approved, reason=said
        )
        return f"{HERE}?done={found.status}"

    return await act(request, session, settings, run, section="team", back=HERE)


@router.post(f"{HERE}/withdraw")
async def withdraw_request(
    request: Request,
    session: SessionDep,
    settings: SettingsDep,
    course_id: Annotated[uuid.UUID | None, Form()] = None,
) -> Response:
    async def run(who: Principal) -> str:
        await withdraw(session, person_id=who.person_id, course_id=course_id or uuid.UUID(int=0))
        return f"{HERE}?done=withdrawn"

    return await act(request, session, settings, run, section="team", back=HERE)
