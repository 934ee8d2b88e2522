"""Attempts at a quiz that are begun before they are answered, and an author's try."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.core.http import BODY, SessionDep, SettingsDep, problems
from api.identity.deps import CreatorDep, LearnerDep
from api.learning import service, standing, views
from api.learning.quiz_schemas import (
    ID,
    PreviewIn,
    PreviewOut,
    SavedAnswerIn,
    SavedAnswerOut,
    SittingIn,
    SittingOut,
    StandingOut,
)
from api.learning.sittings import remaining_s

router = APIRouter(tags=["learning"])
CourseId = Annotated[uuid.UUID, Query(examples=[ID])]
ModuleId = Annotated[uuid.UUID, Query(examples=[ID])]


@router.post(
    "/quiz-attempts",
    status_code=201,
    operation_id="beginQuizAttempt",
    summary="Begin an attempt at a quiz",
    responses={200: {"model": SittingOut, "description": "It was begun already"}, **problems(*BODY, 401, 404, 409)},
)
async def begin_attempt(
    body: SittingIn, me: LearnerDep, session: SessionDep, settings: SettingsDep, request: Request, response: Response
) -> SittingOut:
    """The questions and the time for them; answers go to POST /progress under the `id` of this answer.

    While an attempt is open, it is given again, with the same questions in the same order, whatever id is sent.
    """
    begun = await service.begin_attempt(session, person_id=me.person_id, sent=body)
    response.status_code = 201 if begun.is_new else 200
    return views.sitting_out(begun, settings, request.app.state.media_key)


@router.get(
    "/quiz-attempts",
    operation_id="quizAttempts",
    summary="Where I stand in a quiz",
    responses=problems(401, 404, 409),
)
async def quiz_attempts(
    me: LearnerDep,
    session: SessionDep,
    settings: SettingsDep,
    request: Request,
    course_id: CourseId,
    module_id: ModuleId,
) -> StandingOut:
    """The open attempt with its questions and saved answers, as another device left it, and the attempts before."""
    told = await standing.standing(session, person_id=me.person_id, course_id=course_id, module_id=module_id)
    return views.standing_out(told, settings, request.app.state.media_key)


@router.put(
    "/quiz-answers",
    operation_id="saveQuizAnswer",
    summary="Keep an answer of an open attempt",
    responses=problems(*BODY, 401, 404, 409),
)
async def save_answer(body: SavedAnswerIn, me: LearnerDep, session: SessionDep) -> SavedAnswerOut:
    """Idempotent and order-free: the highest `revision` of a question is kept. Never tells what is right.

    What is saved in time counts when the time is up, whoever submits it. 409 after the end, or once it is submitted.
    """
    kept, sitting = await standing.save_answer(session, person_id=me.person_id, sent=body)
    return SavedAnswerOut(
        attempt_id=sitting.id,
        question_id=kept.question_id,
        revision=kept.revision,
        saved_at=kept.saved_at,
        due_at=sitting.due_at,
        remaining_s=remaining_s(sitting, datetime.now(UTC)),
    )


@router.post(
    "/quiz-previews",
    operation_id="previewQuiz",
    summary="Try a quiz of mine",
    responses=problems(*BODY, 401, 404),
)
async def preview_quiz(
    body: PreviewIn, me: CreatorDep, session: SessionDep, settings: SettingsDep, request: Request
) -> PreviewOut:
    """As a learner might get it, drafts too; with `answers` scored as a learner's would be. Nothing is stored."""
    told = await service.preview(session, person_id=me.person_id, sent=body)
    return views.preview_out(told, body.seed, settings, request.app.state.media_key)
