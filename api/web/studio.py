"""The creator studio's pages: each is a shell that fills itself from the public API with the browser's session."""

import uuid
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.errors import Forbidden, ProblemError, Unauthorized
from api.core.http import SessionDep, SettingsDep
from api.core.settings import Settings
from api.courses.service import authored_course
from api.identity.rules import Principal
from api.identity.sessions import session_secret_hash
from api.people.models import Person
from api.web.pages import go, page

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
    who = await _caller(request, settings)
    if who is None:
        return go(f"/sign-in?next={quote(_own_address(request), safe='')}")
    person = await session.get(Person, who.person) if who.person else None
    shell: dict[str, Any] = {
        "section": section,
        "person_name": person.display_name if person else "",
        "initials": _initials(person.display_name if person else ""),
        "dashboards_url": settings.dashboards_url,
        "course_id": course_id,
    }
    try:
        _check_is_creator(who)
        if course_id:
            await authored_course(session, course_id, who.person_id)
    except ProblemError as problem:
        return page("studio/refused.html", status=problem.status, title=problem.title, what=problem.detail, **shell)
    return page(template, sources=_sources(settings), **shell, **values)


async def _caller(request: Request, settings: Settings) -> Principal | None:
    secret = session_secret_hash(request.cookies, settings)
    try:
        who: Principal | None = await request.app.state.access.of_session(secret) if secret else None
    except Unauthorized:
        return None
    return who


def _check_is_creator(who: Principal) -> None:
    who.check_may_write()
    if "creator" not in who.roles:
        raise Forbidden("The studio is for course creators. Ask your compliance officer for the role creator.")


def _own_address(request: Request) -> str:
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


def _initials(name: str) -> str:
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "–"


def _sources(settings: Settings) -> dict[str, str]:
    """Where media come from beside this host; hls.js plays from memory (blob:) and reads playlists by fetch."""
    cdn, content = " ".join(settings.media_origins), getattr(settings, "content_url", None) or ""
    return {
        "img-src": f"'self' data: blob: {cdn}",
        "media-src": f"'self' blob: {cdn}",
        "connect-src": f"'self' {cdn}",
        "frame-src": f"'self' {cdn} {content}",
        "worker-src": "'self'",
    }
