"""Learning paths: which there are, and one as a line of steps."""

import uuid
from typing import Any, Literal

from fastapi import APIRouter, Request, Response

from api.core.http import SessionDep, SettingsDep
from api.identity.rules import Principal
from api.paths.service import enroll_path, way, ways, withdraw_path
from api.web.acting import act
from api.web.shell import learner_page

router = APIRouter(include_in_schema=False)


@router.get("/paths")
async def paths_page(request: Request, session: SessionDep, settings: SettingsDep) -> Response:
    async def load(who: Principal) -> dict[str, Any]:
        found = await ways(session, who.person_id)
        groups = {state: [one for one in found if one.state == state] for state in ("going", "new", "completed")}
        return {"groups": groups}

    return await learner_page(request, session, settings, "learn/paths.html", section="paths", load=load)


@router.get("/paths/{path_id}")
async def path_page(
    request: Request, session: SessionDep, settings: SettingsDep, path_id: uuid.UUID, done: str = ""
) -> Response:
    async def load(who: Principal) -> dict[str, Any]:
        return {"way": await way(session, who.person_id, path_id), "done": done}

    return await learner_page(request, session, settings, "learn/path.html", section="paths", load=load)


@router.post("/paths/{path_id}/{what}")
async def change_path(
    request: Request,
    session: SessionDep,
    settings: SettingsDep,
    path_id: uuid.UUID,
    what: Literal["enroll", "leave"],
) -> Response:
    async def run(who: Principal) -> str:
        if what == "enroll":
            await enroll_path(session, person_id=who.person_id, path_id=path_id)
        else:
            await withdraw_path(session, person_id=who.person_id, path_id=path_id)
        return f"/paths/{path_id}?done={what}"

    return await act(request, session, settings, run, section="paths", back=f"/paths/{path_id}")
