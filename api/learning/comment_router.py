"""Comments on the steps of a course."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.core.http import BODY, ReaderDep, SessionDep, problems
from api.identity.deps import CreatorDep, LearnerDep
from api.learning import comments
from api.learning.comment_schemas import CommentChange, CommentIn, ReportIn, SaidOut, ThreadPage, VisibilityIn
from api.learning.schemas import ID

router = APIRouter(tags=["learning"])


@router.get("/comments", operation_id="comments", summary="Comments on a module", responses=problems(401, 404))
async def read(
    me: LearnerDep,
    reader: ReaderDep,
    module_id: Annotated[uuid.UUID, Query(examples=[ID])],
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=40)] = None,
) -> ThreadPage:
    """The newest first, each with its answers; for who learns the course, and its authors."""
    found = await comments.threads(reader, person_id=me.person_id, module_id=module_id, limit=limit, cursor=cursor)
    return ThreadPage.model_validate(found)


@router.post(
    "/comments",
    status_code=201,
    operation_id="comment",
    summary="Say something about a module",
    responses={200: {"model": SaidOut, "description": "Said already"}, **problems(*BODY, 401, 404, 409)},
)
async def say(body: CommentIn, me: LearnerDep, session: SessionDep, response: Response) -> SaidOut:
    """With my name, to all who learn the course. Idempotent by `id`; a deleted one doesn't come back."""
    said, is_new = await comments.say(session, person_id=me.person_id, given=body)
    response.status_code = 201 if is_new else 200
    return SaidOut.model_validate(said)


@router.put(
    "/comments/{comment_id}",
    status_code=204,
    operation_id="changeComment",
    summary="Change what I said",
    responses=problems(*BODY, 401, 404, 409),
)
async def change(comment_id: uuid.UUID, body: CommentChange, me: LearnerDep, session: SessionDep) -> None:
    """Within 15 minutes; 409 later. Idempotent."""
    await comments.change(session, person_id=me.person_id, comment_id=comment_id, given=body)


@router.delete(
    "/comments/{comment_id}",
    status_code=204,
    operation_id="deleteComment",
    summary="Take back what I said",
    responses=problems(401),
)
async def withdraw(comment_id: uuid.UUID, me: LearnerDep, session: SessionDep) -> None:
    """Its words are gone for good; answers to it stay. Twice is once."""
    await comments.withdraw(session, person_id=me.person_id, comment_id=comment_id)


@router.put(
    "/comment-visibility",
    status_code=204,
    operation_id="hideComment",
    summary="Hide a comment, or show it again",
    responses=problems(*BODY, 401, 404),
)
async def hide(body: VisibilityIn, me: CreatorDep, session: SessionDep) -> None:
    """By the course's authors, with a reason, which the audit log keeps. Idempotent."""
    await comments.set_visibility(session, me, body)


@router.put(
    "/comment-reports",
    status_code=204,
    operation_id="reportComment",
    summary="Ask the authors to look at a comment",
    responses=problems(*BODY, 401, 404),
)
async def report(body: ReportIn, me: LearnerDep, session: SessionDep) -> None:
    """They see how many did, not who. Twice is once."""
    await comments.report(session, person_id=me.person_id, comment_id=body.comment_id)
