"""Stars and comments."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query

from api.core.http import BODY, ReaderDep, SessionDep, problems
from api.identity.deps import LearnerDep, PrincipalDep
from api.learning import ratings
from api.learning.schemas import ID, RatingIn, RatingOut, RatingsOut

router = APIRouter(tags=["learning"])


@router.put(
    "/course-ratings",
    operation_id="rateCourse",
    summary="Say what I think of a course",
    responses=problems(*BODY, 401, 409),
)
async def rate_course(body: RatingIn, me: LearnerDep, session: SessionDep) -> RatingOut:
    """One rating a person and course: another one replaces it, the same again changes nothing. Markup is taken out."""
    return RatingOut.model_validate(await ratings.rate(session, me, given=body), from_attributes=True)


@router.get(
    "/course-ratings",
    operation_id="courseRatings",
    summary="What learners think of a course",
    responses=problems(401, 404),
)
async def course_ratings(
    me: PrincipalDep, reader: ReaderDep, course_id: Annotated[uuid.UUID, Query(examples=[ID])]
) -> RatingsOut:
    """Average, count, one's own and the newest comments, without names."""
    return RatingsOut.model_validate(await ratings.ratings(reader, me, course_id=course_id))
