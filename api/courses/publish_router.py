"""The life of a published course: out of the catalogue and back, an old version taken up again, what differs."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.core.http import BODY, SessionDep, problems
from api.courses import publish, releases, service
from api.courses.draft_schemas import ID, CourseRef, DraftOut
from api.courses.drafts_router import WITH_ETAG, CourseId, as_document
from api.courses.publish_schemas import DiffOut, RestoreIn, UnpublishIn
from api.courses.versions import newest_whole
from api.identity.deps import CreatorDep

router = APIRouter(tags=["courses"])
ANSWERS = {200: WITH_ETAG, **problems(*BODY, 401, 404, 409)}


@router.post(
    "/unpublish-course",
    operation_id="unpublishCourse",
    summary="Take my course out of the catalogue",
    responses=ANSWERS,
)
async def unpublish(body: UnpublishIn, creator: CreatorDep, session: SessionDep, response: Response) -> DraftOut:
    """Nobody begins it any more; who is enrolled goes on. A scheduled publishing is called off."""
    course = await service.authored_course(session, body.course_id, creator.person_id, lock=True)
    await (publish.call_off if body.is_schedule_only else publish.unpublish)(session, creator, course)
    return as_document(await newest_whole(session, course), response)


@router.post("/archive-course", operation_id="archiveCourse", summary="Put my course away", responses=ANSWERS)
async def archive(body: CourseRef, creator: CreatorDep, session: SessionDep, response: Response) -> DraftOut:
    """Out of the catalogue, and closed for writing; who is enrolled goes on, and all records stay."""
    course = await service.authored_course(session, body.course_id, creator.person_id, lock=True)
    await publish.set_archived(session, creator, course, True)
    return as_document(await newest_whole(session, course), response)


@router.post(
    "/restore-course",
    operation_id="restoreCourse",
    summary="Bring my course back, or the content of an old version",
    responses=ANSWERS,
)
async def restore(body: RestoreIn, creator: CreatorDep, session: SessionDep, response: Response) -> DraftOut:
    """Archived: as it was before. Unpublished: in the catalogue again. With `version_id`: that version's content is
    the draft now, and what was being written is gone.
    """
    course = await service.authored_course(session, body.course_id, creator.person_id, lock=True)
    await publish.restore(session, creator, course, body.version_id)
    return as_document(await newest_whole(session, course), response)


@router.get(
    "/course-diff",
    operation_id="courseDiff",
    summary="What differs between two versions of my course",
    responses=problems(401, 404),
)
async def course_diff(
    course_id: CourseId,
    creator: CreatorDep,
    session: SessionDep,
    old: Annotated[uuid.UUID | None, Query(alias="from", description="A version; null: the one before.")] = None,
    new: Annotated[
        uuid.UUID | None, Query(alias="to", description="A version; null: the newest.", examples=[ID])
    ] = None,
) -> DiffOut:
    """Fields, sections, modules by their stem and questions by their item; longer texts line by line."""
    course = await service.authored_course(session, course_id, creator.person_id)
    return DiffOut.model_validate(await releases.compare(session, course, old, new))
