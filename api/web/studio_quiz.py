"""The studio's pages for questions: a quiz of a course, and the banks that quizzes draw from."""

import uuid

from fastapi import APIRouter, Request, Response

from api.core.http import SessionDep, SettingsDep
from api.web.studio import studio_page

router = APIRouter(include_in_schema=False)


@router.get("/studio/courses/{course_id}/modules/{module_id}")
async def quiz(
    request: Request, session: SessionDep, settings: SettingsDep, course_id: uuid.UUID, module_id: uuid.UUID
) -> Response:
    return await studio_page(
        request, session, settings, "studio/quiz.html", section="courses", course_id=course_id, module_id=module_id
    )


@router.get("/studio/banks")
async def banks(request: Request, session: SessionDep, settings: SettingsDep) -> Response:
    return await studio_page(request, session, settings, "studio/banks.html", section="banks")


@router.get("/studio/banks/{bank_id}")
async def bank(request: Request, session: SessionDep, settings: SettingsDep, bank_id: uuid.UUID) -> Response:
    return await studio_page(request, session, settings, "studio/bank.html", section="banks", bank_id=bank_id)
