"""The page that plays a course's steps; the same address goes on to be right after a move to another version."""

import uuid
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.http import SessionDep, SettingsDep
from api.courses.models import CourseVersion, Module
from api.identity.rules import Principal
from api.learning import service, views
from api.learning.attempts import NotEnrolled
from api.web.shell import learner_page

router = APIRouter(include_in_schema=False)


@router.get("/learn/{course_id}/{module_id}")
async def player(
    request: Request, session: SessionDep, settings: SettingsDep, course_id: uuid.UUID, module_id: uuid.UUID
) -> Response:
    """The step of this id, or what it is in the version that I learn with; another one of the course else."""

    async def load(who: Principal) -> dict[str, Any]:
        told: dict[str, Any] = {"course_id": course_id, "module_id": module_id, "content": None, "title": ""}
        try:
            found = await service.content(session, person_id=who.person_id, course_id=course_id)
        except NotEnrolled:
            return told
        version, enrollment, _ = found
        if enrollment is None:  # its author: that is what the studio's preview is for
            return told
        used = await service.attempts_used(session, enrollment.id)
        content = views.content_out(*found, used=used, settings=settings, media_key=request.app.state.media_key)
        told["module_id"] = await _module_now(session, version, module_id)
        return told | {"content": content.model_dump(mode="json"), "title": version.title}

    return await learner_page(request, session, settings, "learn/player.html", section="home", load=load)


async def _module_now(session: AsyncSession, version: CourseVersion, module_id: uuid.UUID) -> uuid.UUID | None:
    here = {module.id for module in version.modules}
    if module_id in here:
        return module_id
    stem = await session.scalar(select(Module.stem_id).where(Module.id == module_id))
    return next((one.id for one in version.modules if one.stem_id == stem), None)
