"""What learners say of a course: stars and a comment, one a person, which others read without names."""

import html
import uuid
from datetime import UTC, datetime
from typing import Any

import nh3
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.core import events
from api.core.db import new_id
from api.core.errors import Conflict, Forbidden, NotFound
from api.core.plain import plain
from api.courses.models import Course
from api.courses.service import authored_ids
from api.identity import audit
from api.identity.rules import Principal
from api.learning.models import CourseRating, Enrollment
from api.learning.schemas import RatingIn

MOST_COMMENTS = 200
MOST_FOR_LEARNERS = 20


class NotALearner(Conflict):
    title = "Not enrolled"


def plain_text(given: str) -> str:
    """What was written without markup and without characters that steer: neither controls nor changes of direction."""
    text_only = html.unescape(nh3.clean(given, tags=set(), clean_content_tags={"script", "style"}))
    return plain(text_only)


async def rate(session: AsyncSession, who: Principal, *, given: RatingIn, now: datetime | None = None) -> CourseRating:
    """The caller's rating of a course they are enrolled in; a second one takes the place of the first."""
    moment = now or datetime.now(UTC)
    enrollment = await _enrollment(session, who.person_id, given.course_id)
    comment = plain_text(given.comment)
    key = {"course_id": given.course_id, "person_id": who.person_id}
    said = {"stars": given.stars, "comment": comment}
    known = await session.scalar(select(CourseRating).filter_by(**key).with_for_update())
    if known and (known.stars, known.comment, known.version_id) == (given.stars, comment, enrollment.version_id):
        return known
    before = _facts(known) if known else None
    values = {**said, "version_id": enrollment.version_id, "updated_at": moment}
    statement = insert(CourseRating).values(id=new_id(), **key, **values)
    statement = statement.on_conflict_do_update(index_elements=list(key), set_=values)
    rating: CourseRating = (
        await session.scalars(statement.returning(CourseRating), execution_options={"populate_existing": True})
    ).one()
    payload = {
        "enrollment_id": str(enrollment.id),
        "course_id": str(given.course_id),
        "version_id": str(enrollment.version_id),
        **_facts(rating),
    }
    await events.record(
        session,
        "learning.course_rated",
        subject_id=who.person_id,
        actor_id=who.person_id,
        payload=payload,
        occurred_at=moment,
    )
    await audit.record(
        session,
        action="learning.course_rated",
        actor=who,
        target_type="course",
        target_id=given.course_id,
        before=before,
        after=_facts(rating),
    )
    return rating


def _facts(rating: CourseRating) -> dict[str, Any]:
    """For the event and the log, which nobody can erase from: that there is a comment, never what it says."""
    return {"rating_id": str(rating.id), "stars": rating.stars, "has_comment": bool(rating.comment)}


async def _enrollment(session: AsyncSession, person_id: uuid.UUID, course_id: uuid.UUID) -> Enrollment:
    statement = select(Enrollment).filter_by(person_id=person_id, course_id=course_id, withdrawn_at=None)
    enrollment: Enrollment | None = await session.scalar(statement)
    if enrollment is None:
        raise NotALearner("Only who is enrolled in a course rates it: POST /enroll first.")
    return enrollment


SUMMARY = text(
    """
    select count(*) as count, round(avg(stars), 2)::float8 as average,
        array[count(*) filter (where stars = 1), count(*) filter (where stars = 2), count(*) filter (where stars = 3),
            count(*) filter (where stars = 4), count(*) filter (where stars = 5)] as by_stars
    from course_rating r join course_version v on v.id = r.version_id
    where r.course_id = :course_id and (cast(:version as int) is null or v.number = :version)
    """
)

COMMENTS = text(
    """
    select r.stars, r.comment, v.number as version, (r.updated_at at time zone 'UTC')::date as written_on
    from course_rating r join course_version v on v.id = r.version_id
    where r.course_id = :course_id and r.comment <> '' and (cast(:version as int) is null or v.number = :version)
    order by r.updated_at desc, r.id limit :most
    """
)

MINE = text("select stars, comment from course_rating where course_id = :course_id and person_id = :person_id")


async def summary(reader: AsyncConnection, *, course_id: uuid.UUID, version: int | None = None) -> dict[str, Any]:
    """How many rated the course, their average and how many gave which stars, of one version or of all."""
    row = (await reader.execute(SUMMARY, {"course_id": course_id, "version": version})).mappings().one()
    return {**row}


async def comments(
    reader: AsyncConnection, *, course_id: uuid.UUID, version: int | None = None, most: int = MOST_COMMENTS
) -> list[dict[str, Any]]:
    """The newest comments first, with the day and without who wrote them."""
    found = await reader.execute(COMMENTS, {"course_id": course_id, "version": version, "most": most})
    return [{**row} for row in found.mappings()]


async def ratings(reader: AsyncConnection, who: Principal, *, course_id: uuid.UUID) -> dict[str, Any]:
    """For everybody who may take the course, with the newest comments; more of them for authors and officers of all."""
    if not who.scopes & {"learning", "courses"}:
        raise Forbidden("The token was not asked for the scope learning or courses: sign in again with one of them.")
    course = (
        await reader.execute(select(Course.id, Course.current_version_id).where(Course.id == course_id))
    ).one_or_none()
    is_author, oversees = await _reads(reader, who, course_id)
    mine = None
    if who.person and "learning" in who.scopes:
        row = (await reader.execute(MINE, {"course_id": course_id, "person_id": who.person})).mappings().one_or_none()
        mine = row and {**row}
    found = await summary(reader, course_id=course_id)
    if course is None or not (course.current_version_id or mine or is_author or (oversees and found["count"])):
        raise NotFound("There is no such course.")  # nor is anybody told of another's draft
    return {
        "course_id": course_id,
        **found,
        "mine": mine,
        "comments": await comments(
            reader, course_id=course_id, most=MOST_COMMENTS if is_author or oversees else MOST_FOR_LEARNERS
        ),
    }


async def _reads(reader: AsyncConnection, who: Principal, course_id: uuid.UUID) -> tuple[bool, bool]:
    """Why the caller reads comments, by the rule of the course's analytics: (as an author, as who oversees all)."""
    if "courses" not in who.scopes:
        return False, False
    is_author = (
        who.person is not None and "creator" in who.roles and course_id in await authored_ids(reader, who.person)
    )
    return is_author, who.reach("officer", "auditor").everyone
