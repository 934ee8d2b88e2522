"""Whose course it is: the owner's, and of the co-authors whom the owner named. Only the owner names them."""

import uuid
from collections.abc import Sequence

from sqlalchemy import delete, or_, select, union
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.core.errors import Forbidden, NotFound, ProblemError
from api.courses.models import Course, CourseAuthor, CourseVersion, Module, Question
from api.identity.audit import record
from api.identity.rules import Principal
from api.media.assets import READERS
from api.people.models import Person
from api.people.service import colleague

MOST = 20


class TooManyAuthors(ProblemError):
    status = 422
    title = "Too many co-authors"


async def is_author(session: AsyncSession, course: Course, person_id: uuid.UUID) -> bool:
    """The owner, or a co-author."""
    return course.owner_id == person_id or await session.get(CourseAuthor, (course.id, person_id)) is not None


async def authored_course(
    session: AsyncSession, course_id: uuid.UUID, person_id: uuid.UUID, *, lock: bool = False
) -> Course:
    """A course of the caller; somebody else's is told apart from none, because the catalogue shows both."""
    statement = select(Course).where(Course.id == course_id)
    course = await session.scalar(statement.with_for_update() if lock else statement)
    if course is None:
        raise NotFound("There is no such course.")
    if not await is_author(session, course, person_id):
        raise Forbidden("Only the owner of a course and their co-authors may do this.")
    return course


async def authored_ids(reader: AsyncConnection, person_id: uuid.UUID) -> list[uuid.UUID]:
    """Of the courses that this person owns or writes with somebody."""
    own = select(Course.id).where(Course.owner_id == person_id)
    shared = select(CourseAuthor.course_id).where(CourseAuthor.person_id == person_id)
    return list((await reader.execute(union(own, shared))).scalars())


async def co_authors(session: AsyncSession, course_id: uuid.UUID) -> Sequence[Person]:
    statement = select(Person).join(CourseAuthor, CourseAuthor.person_id == Person.id)
    return (
        await session.scalars(statement.where(CourseAuthor.course_id == course_id).order_by(Person.display_name))
    ).all()


async def set_co_authors(
    session: AsyncSession, who: Principal, *, course_id: uuid.UUID, emails: list[str]
) -> Sequence[Person]:
    """Exactly these colleagues from now on; the same again changes nothing."""
    course = await authored_course(session, course_id, who.person_id, lock=True)
    if course.owner_id != who.person_id:
        raise Forbidden("Only the owner of a course names its co-authors.")
    if len(emails) > MOST:
        raise TooManyAuthors(f"A course has at most {MOST} co-authors.")
    wanted = {(await colleague(session, email=email)).id for email in emails} - {course.owner_id}
    known = set(await session.scalars(select(CourseAuthor.person_id).where(CourseAuthor.course_id == course_id)))
    if wanted != known:
        gone = CourseAuthor.person_id.in_(known - wanted)
        await session.execute(delete(CourseAuthor).where(CourseAuthor.course_id == course_id, gone))
        session.add_all(CourseAuthor(course_id=course_id, person_id=person_id) for person_id in wanted - known)
        before, after = ({"co_authors": sorted(map(str, people))} for people in (known, wanted))
        await record(
            session,
            action="courses.co_authors_changed",
            actor=who,
            target_type="course",
            target_id=course_id,
            before=before,
            after=after,
        )
    return await co_authors(session, course_id)


async def shows(session: AsyncSession, asset_id: uuid.UUID, person_id: uuid.UUID) -> bool:
    """Whether a course that this person writes shows the file: in a module, a question or as its cover."""
    writes = select(CourseAuthor.course_id).where(CourseAuthor.person_id == person_id)
    statement = (
        select(Course.id)
        .join(CourseVersion, CourseVersion.course_id == Course.id)
        .outerjoin(Module, Module.version_id == CourseVersion.id)
        .outerjoin(Question, Question.module_id == Module.id)
        .where(or_(Course.owner_id == person_id, Course.id.in_(writes)))
        .where(or_(CourseVersion.cover_id == asset_id, Module.media_id == asset_id, Question.image_id == asset_id))
    )
    return await session.scalar(statement.limit(1)) is not None


READERS.append(shows)
