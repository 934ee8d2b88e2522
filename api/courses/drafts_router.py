"""Where authors write: the draft of a course, whole, and of its next version."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.concurrency import run_in_threadpool

from api.core.http import BODY, SessionDep, problems
from api.core.markdown import to_html
from api.core.preconditions import IfMatch, etag
from api.courses import service
from api.courses.documents import document
from api.courses.draft_schemas import ID, CourseDraft, CourseRef, DraftIn, DraftOut, HtmlOut, MarkdownIn
from api.courses.models import CourseVersion
from api.courses.schemas import VersionOut, version_out
from api.identity.deps import CreatorDep

router = APIRouter(tags=["courses"])
CourseId = Annotated[uuid.UUID, Query(examples=[ID])]
WITH_ETAG: dict[str, Any] = {"headers": {"ETag": {"description": "For If-Match.", "schema": {"type": "string"}}}}


@router.post(
    "/create-course",
    status_code=201,
    operation_id="createCourse",
    summary="Create a course as a draft",
    responses=problems(*BODY, 401, 404, 409),
)
async def create_course(body: CourseDraft, creator: CreatorDep, session: SessionDep) -> VersionOut:
    """With an `id` of your own the call may be repeated: the second gives what the first made."""
    return version_out(await service.create_course(session, owner_id=creator.person_id, draft=body, actor=creator))


@router.get(
    "/course-draft",
    operation_id="courseDraft",
    summary="My course as it is being written",
    responses={200: WITH_ETAG, **problems(401, 404)},
)
async def course_draft(
    course_id: CourseId,
    creator: CreatorDep,
    session: SessionDep,
    response: Response,
    version_id: Annotated[uuid.UUID | None, Query(description="Another version, to be looked at.")] = None,
) -> DraftOut:
    """The newest version whole, with the right answers; `state` says whether it is still a draft."""
    version = await service.course_draft(
        session, course_id=course_id, author_id=creator.person_id, version_id=version_id
    )
    return as_document(version, response)


@router.put(
    "/update-course",
    operation_id="updateCourse",
    summary="Save the draft of my course",
    responses={200: WITH_ETAG, **problems(*BODY, 401, 404, 409, 412, 428)},
)
async def update_course(
    body: DraftIn, creator: CreatorDep, session: SessionDep, response: Response, if_match: IfMatch = None
) -> DraftOut:
    """The whole document. A part that keeps its `id` stays the same part; what isn't there any more is removed.

    If-Match names what you read: when a co-author saved meanwhile, nothing is written (412). What is stored
    already is no change, so the same request again is harmless.
    """
    return as_document(await service.update_course(session, creator, given=body, if_match=if_match), response)


@router.post(
    "/course-drafts",
    status_code=201,
    operation_id="beginDraft",
    summary="Begin the next version of my course",
    responses={
        200: {"model": DraftOut, "description": "There was a draft already", **WITH_ETAG},
        201: WITH_ETAG,
        **problems(*BODY, 401, 404, 409),
    },
)
async def begin_draft(body: CourseRef, creator: CreatorDep, session: SessionDep, response: Response) -> DraftOut:
    """A copy of the published version, that learners don't see until it is published; 200 where there is one."""
    version, is_new = await service.begin_draft(session, creator, course_id=body.course_id)
    response.status_code = 201 if is_new else 200
    return as_document(version, response)


@router.post(
    "/render-markdown",
    operation_id="renderMarkdown",
    summary="See a text as learners will",
    responses=problems(*BODY, 401),
)
async def render_markdown(body: MarkdownIn, _: CreatorDep) -> HtmlOut:
    """Tables and strikethrough too; no HTML, and no image from another site: its description is shown instead."""
    return HtmlOut(html=await run_in_threadpool(to_html, body.text))


def as_document(version: CourseVersion, response: Response) -> DraftOut:
    response.headers["ETag"] = etag(version.revision)
    return DraftOut.model_validate(document(version))
