"""Attempts at a quiz that are begun before they are answered, and an author's try."""

from fastapi import APIRouter, Request, Response

from api.core.http import BODY, SessionDep, SettingsDep, problems
from api.identity.deps import CreatorDep, LearnerDep
from api.learning import service, views
from api.learning.quiz_schemas import PreviewIn, PreviewOut, SittingIn, SittingOut

router = APIRouter(tags=["learning"])


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
