"""Giving a course back, waiting for it, deciding about it, and its limits."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.core.errors import Forbidden
from api.core.http import BODY, ReaderDep, SessionDep, problems
from api.courses.drafts_router import CourseId
from api.identity.deps import CreatorDep, LearnerDep
from api.learning import limits, requests, service
from api.learning.request_schemas import (
    CourseSettingsIn,
    CourseSettingsOut,
    DecidedOut,
    DecideIn,
    RequestPage,
    WithdrawIn,
    WithdrawOut,
)

router = APIRouter(tags=["learning"])


@router.post(
    "/withdraw", operation_id="withdraw", summary="Give a course back", responses=problems(*BODY, 401, 404, 409)
)
async def withdraw(body: WithdrawIn, me: LearnerDep, session: SessionDep) -> WithdrawOut:
    """Idempotent; also takes a request back. Enrolling again begins anew. 409: a finished course stays."""
    had_it = await service.withdraw(session, person_id=me.person_id, course_id=body.course_id)
    return WithdrawOut(course_id=body.course_id, was_enrolled=had_it)


@router.get(
    "/enrollment-requests",
    operation_id="enrollmentRequests",
    summary="Requests that wait for my decision, or my own",
    responses=problems(401),
)
async def enrollment_requests(
    me: LearnerDep, reader: ReaderDep, mine: Annotated[bool, Query(description="My own instead.")] = False
) -> RequestPage:
    """To decide: of those whom I lead, also for a manager who delegated to me; officers: of those whom nobody leads.
    Mine: what is open, and what was declined lately.
    """
    if mine:
        return _page(await requests.my_requests(reader, me.person_id))
    if "reports" not in me.scopes:
        raise Forbidden("Requests of others need the scope reports: sign in again with it.")
    return _page(await requests.to_decide(reader, me))


@router.post(
    "/decide-enrollment",
    operation_id="decideEnrollment",
    summary="Approve or decline a request",
    responses=problems(*BODY, 401, 404, 409),
)
async def decide_enrollment(body: DecideIn, me: LearnerDep, session: SessionDep) -> DecidedOut:
    """Idempotent; another decision than the one there is: 409. Approved where no seat is free, it waits for one."""
    found = await requests.decide(
        session, me, request_id=body.request_id, is_approved=body.decision == "approve", reason=body.reason
    )
    return DecidedOut.model_validate({"request_id": found.id, "status": found.status, "decided_at": found.decided_at})


@router.get(
    "/course-settings",
    operation_id="courseSettings",
    summary="Seats and approval of my course",
    responses=problems(401, 404),
)
async def course_settings(course_id: CourseId, creator: CreatorDep, session: SessionDep) -> CourseSettingsOut:
    found = await limits.course_settings(session, course_id=course_id, author_id=creator.person_id)
    return CourseSettingsOut.model_validate(found)


@router.put(
    "/course-settings",
    operation_id="setCourseSettings",
    summary="Set seats and approval of my course",
    responses=problems(*BODY, 401, 404),
)
async def set_course_settings(body: CourseSettingsIn, creator: CreatorDep, session: SessionDep) -> CourseSettingsOut:
    """They hold from now on, without a new version. More seats go at once to those who wait, in their order; fewer
    take none away. People for whom the course is mandatory pass both.
    """
    return CourseSettingsOut.model_validate(
        await limits.change_settings(session, creator, given=body, now=datetime.now(UTC))
    )


def _page(rows: list[dict[str, Any]]) -> RequestPage:
    items = [
        {
            **row,
            "person": {"id": row["person_id"], "name": row["person_name"]},
            "course": {"id": row["course_id"], "name": row["course_title"]},
            "on_behalf_of": row["on_behalf_of_name"],
        }
        for row in rows
    ]
    return RequestPage.model_validate({"items": items})
