"""The creator studio's pages: each is a shell that fills itself from the public API with the browser's session."""

import uuid
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.errors import Forbidden, ProblemError
from api.core.http import SessionDep, SettingsDep
from api.core.settings import Settings
from api.courses.service import authored_course
from api.identity.rules import Principal
from api.web.pages import go, page
from api.web.shell import caller, frame, media_sources, own_address

router = APIRouter(include_in_schema=False)


@router.get("/studio")
async def courses(request: Request, session: SessionDep, settings: SettingsDep) -> Response:
    return await studio_page(request, session, settings, "studio/courses.html", section="courses")


@router.get("/studio/courses/{course_id}")
async def course(request: Request, session: SessionDep, settings: SettingsDep, course_id: uuid.UUID) -> Response:
    return await studio_page(request, session, settings, "studio/course.html", section="courses", course_id=course_id)


@router.get("/studio/media")
async def media(request: Request, session: SessionDep, settings: SettingsDep) -> Response:
    return await studio_page(request, session, settings, "studio/media.html", section="media")


async def studio_page(
    request: Request,
    session: AsyncSession,
    settings: Settings,
    template: str,
    *,
    section: str,
    course_id: uuid.UUID | None = None,
    **values: Any,
) -> Response:
    """A page of the studio for a creator; `section` is the entry of the navigation that it belongs to.

    Who is not signed in goes to the sign-in and comes back; who may not is told why, with a way out. With a
    `course_id` the course must be one that the caller writes.
    """
    who = await caller(request, settings)
    if who is None:
        return go(f"/sign-in?next={quote(own_address(request), safe='')}")
    shell = await frame(session, settings, who, section) | {"course_id": course_id}
    try:
        _check_is_creator(who)
        if course_id:
            await authored_course(session, course_id, who.person_id)
    except ProblemError as problem:
        return page("studio/refused.html", status=problem.status, title=problem.title, what=problem.detail, **shell)
    return page(template, sources=media_sources(settings), **shell, **values)


def _check_is_creator(who: Principal) -> None:
    who.check_may_write()
    if "creator" not in who.roles:
        raise Forbidden("The studio is for course creators. Ask your compliance officer for the role creator.")
