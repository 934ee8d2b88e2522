"""What a learner's page calls."""

import uuid
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request, Response

from api.core.fast_lane import LanedRoute, fast_lane
from api.core.http import BODY, ReaderDep, SessionDep, SettingsDep, problems
from api.identity.deps import LearnerDep
from api.learning import engagement, requests, service, views
from api.learning.lanes import enroll_lane, progress_lane
from api.learning.request_models import EnrollmentRequest
from api.learning.request_schemas import HeldOut
from api.learning.schemas import (
    ID,
    ContentOut,
    EnrollIn,
    EnrollmentOut,
    ProgressIn,
    ProgressOut,
    ProgressPage,
    StoredOut,
)

router = APIRouter(tags=["learning"], route_class=LanedRoute)
CourseId = Annotated[uuid.UUID, Query(examples=[ID])]


@router.post(
    "/enroll",
    status_code=201,
    operation_id="enroll",
    summary="Enrol in a course",
    responses={
        200: {"model": EnrollmentOut, "description": "Enrolled already"},
        202: {"model": HeldOut, "description": "It waits for a seat or for the manager's approval"},
        **problems(*BODY, 401, 404, 409),
    },
)
@fast_lane(enroll_lane)
async def enroll(body: EnrollIn, me: LearnerDep, session: SessionDep, response: Response) -> EnrollmentOut:
    """201 the first time; a second click gives the same enrollment with 200. 409 names the courses that come first.
    202 where the course is full or asks for approval; asking again says how it stands.
    """
    found, is_new = await service.enroll(session, person_id=me.person_id, course_id=body.course_id)
    if isinstance(found, EnrollmentRequest):
        held = HeldOut.model_validate(await requests.held(session, found))
        return Response(held.model_dump_json(), 202, media_type="application/json")  # type: ignore[return-value]
    response.status_code = 201 if is_new else 200
    return EnrollmentOut.model_validate(found, from_attributes=True)


@router.get("/progress", operation_id="myProgress", summary="My courses and how far I am", responses=problems(401))
async def my_progress(me: LearnerDep, reader: ReaderDep, course_id: CourseId | None = None) -> ProgressPage:
    items = await service.my_progress(reader, person_id=me.person_id, course_id=course_id)
    return ProgressPage.model_validate({"items": items})


@router.post(
    "/progress",
    operation_id="recordProgress",
    summary="Say how far I am",
    responses=problems(*BODY, 401, 404, 409),
)
@fast_lane(progress_lane)
async def record_progress(body: ProgressIn, me: LearnerDep, session: SessionDep) -> ProgressOut:
    """Idempotent and order-free. A quiz completes by a passed `attempt`; the last module completes the course."""
    return await service.record_progress(session, person_id=me.person_id, sent=body)


@router.get(
    "/course-content",
    operation_id="courseContent",
    summary="The modules of a course I am enrolled in",
    responses=problems(401, 404, 409),
)
async def course_content(
    me: LearnerDep, session: SessionDep, settings: SettingsDep, request: Request, course_id: CourseId
) -> ContentOut:
    """The version that the enrollment is pinned to, with signed links to its files; never which answers are right."""
    key: bytes = request.app.state.media_key
    return await views.learner_content(session, settings, key, person_id=me.person_id, course_id=course_id)


@router.post(
    "/engagement",
    operation_id="recordEngagement",
    summary="Send what was played, read and viewed",
    responses=problems(*BODY, 401),
    openapi_extra=views.ENGAGEMENT_BODY,
)
async def record_engagement(me: LearnerDep, request: Request) -> StoredOut:
    """1 to 500 events; answered once they are committed. The same event again is stored once."""
    sent = engagement.parse(await request.body())
    stored = await request.app.state.engagement.store(me.person_id, sent)
    return Response(msgspec.json.encode({"stored": stored}), media_type="application/json")  # type: ignore[return-value]
