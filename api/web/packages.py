"""The page where authors try a package, and the frame around every package on the other site."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.core.errors import ProblemError
from api.core.http import SessionDep, SettingsDep
from api.core.i18n import gettext as _
from api.learning.packages import preview_page
from api.web.pages import CSP, go, page
from api.web.shell import InTheirLanguage, caller

router = APIRouter(include_in_schema=False, dependencies=[InTheirLanguage])
FRAME = "default-src 'none'; script-src 'self'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'"


@router.get("/packages/{course_id}/{module_id}")
async def play(
    request: Request,
    session: SessionDep,
    settings: SettingsDep,
    course_id: uuid.UUID,
    module_id: uuid.UUID,
    preview: Annotated[bool, Query()] = False,
) -> Response:
    """With `preview` for the course's authors; who learns has it among the other steps of the course."""
    if not preview:
        return go(f"/learn/{course_id}/{module_id}")
    who = await caller(request, settings)
    if who is None:
        return go(f"/sign-in?next=/packages/{course_id}/{module_id}%3Fpreview%3Dtrue")
    try:
        titles: dict[str, Any] = await preview_page(session, who.person_id, course_id, module_id)
    except ProblemError as problem:
        return page("package_closed.html", status=problem.status, reason=_(problem.detail))
    response = page("package.html", **titles, course_id=course_id, module_id=module_id)
    framed = CSP.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    response.headers["Content-Security-Policy"] = f"{framed}; frame-src {settings.content_url}"
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@router.get("/package-frame")
async def frame(settings: SettingsDep) -> Response:
    """The same for every package and everybody: what to play is told by our page."""
    response = page("package_frame.html", home=settings.api_url)
    response.headers["Content-Security-Policy"] = f"{FRAME}; frame-ancestors {settings.api_url}"
    return response
