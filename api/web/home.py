"""What an employee opens first: what they must do, where they were, what they may want next."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.compliance.home import home
from api.core.http import SessionDep, SettingsDep
from api.core.i18n import wording
from api.identity.rules import Principal
from api.web.shell import learner_page

router = APIRouter(include_in_schema=False)
SHOWN = 5
"""So many things to do are shown at once; the others unfold."""


@router.get("/")
async def front() -> Response:
    return RedirectResponse("/home", 303)


@router.get("/home")
async def my_home(request: Request, session: SessionDep, settings: SettingsDep) -> Response:
    async def load(who: Principal) -> dict[str, Any]:
        told = await home(session, person_id=who.person_id, zone=wording().zone)
        return {"told": told, "first": told["to_do"][:SHOWN], "others": told["to_do"][SHOWN:]}

    return await learner_page(request, session, settings, "learn/home.html", section="home", load=load)
