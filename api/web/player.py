"""The page that plays a course's steps; the same address goes on to be right after a move to another version."""

import uuid
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.http import SessionDep, SettingsDep
from api.courses.models import Module
from api.identity.rules import Principal
from api.learning import views
from api.learning.attempts import NotEnrolled
from api.learning.schemas import ContentOut
from api.web.shell import learner_page

router = APIRouter(include_in_schema=False)


@router.get("/learn/{course_id}/{module_id}")
async def player(
    request: Request, session: SessionDep, settings: SettingsDep, course_id: uuid.UUID, module_id: uuid.UUID
) -> Response:
    """The step of this id, or what it is in the version that I learn with; another one of the course else."""

    async def load(who: Principal) -> dict[str, Any]:
        told: dict[str, Any] = {"course_id": course_id, "module_id": module_id, "content": None, "title": ""}
        told["person_id"] = who.person_id
        key: bytes = request.app.state.media_key
        try:
            content = await views.learner_content(session, settings, key, person_id=who.person_id, course_id=course_id)
        except NotEnrolled:
            return told
        if content.enrollment is None:  # its author: that is what the studio's preview is for
            return told
        told["module_id"] = await _module_now(session, content, module_id)
        return told | {"content": content.model_dump(mode="json"), "title": content.title}

    return await learner_page(request, session, settings, "learn/player.html", section="home", load=load)


async def _module_now(session: AsyncSession, content: ContentOut, module_id: uuid.UUID) -> uuid.UUID | None:
    if any(module.id == module_id for module in content.modules):
        return module_id
    stem = select(Module.stem_id).where(Module.id == module_id).scalar_subquery()
    same = select(Module.id).where(Module.version_id == content.version_id, Module.stem_id == stem)
    found: uuid.UUID | None = await session.scalar(same)
    return found
