"""People, courses and enrollments as small as a test needs them; everything not named has a believable default."""

import itertools
import uuid
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.compliance.models import Requirement
from api.courses.models import Choice, Course, CourseVersion, Module, Question
from api.identity.models import Account, RoleGrant
from api.learning.models import Enrollment
from api.people.models import Employment, EmploymentVersion, OrgUnit, Person

SOURCE = "test"
HIRED = date(2020, 1, 1)
_numbers = itertools.count(1)


async def make_org_unit(session: AsyncSession, name: str = "Company", parent: OrgUnit | None = None) -> OrgUnit:
    """The unit of this name: made once, found again."""
    code = name.lower().replace(" ", "-")
    unit = await session.scalar(select(OrgUnit).where(OrgUnit.source == SOURCE, OrgUnit.code == code))
    if unit is None:
        unit = OrgUnit(source=SOURCE, code=code, name=name, parent_id=parent.id if parent else None)
        session.add(unit)
        await session.flush()
    return unit


async def make_person(
    session: AsyncSession,
    name: str = "Ada Ito",
    *,
    manager: Person | None = None,
    org_unit: OrgUnit | None = None,
    country: str = "DE",
    job_title: str = "Analyst",
    started_on: date = HIRED,
    ended_on: date | None = None,
    roles: tuple[str, ...] = (),
    password_hash: str | None = None,
) -> Person:
    """An employed person with an account of the same id; `roles` are granted ones, such as "creator"."""
    number = next(_numbers)
    unit = org_unit or await make_org_unit(session)
    email = f"{name.lower().replace(' ', '.')}.{number}@example.com"
    person = Person(display_name=name, email=email)
    session.add(person)
    await session.flush()
    employment = Employment(
        person_id=person.id, source=SOURCE, employee_number=f"T{number:05}", started_on=started_on, ended_on=ended_on
    )
    account = Account(
        id=person.id, email=email, person_id=person.id, password_hash=password_hash, is_active=ended_on is None
    )
    session.add_all([employment, account])
    await session.flush()
    session.add(
        EmploymentVersion(
            employment_id=employment.id,
            valid_from=started_on,
            job_title=job_title,
            org_unit_id=unit.id,
            manager_id=manager.id if manager else None,
            country=country,
        )
    )
    session.add_all(RoleGrant(account_id=account.id, role=role) for role in roles)
    await session.flush()
    return person


def make_quiz(position: int, *, prompt: str = "Which answer is right?", answers: int = 3) -> Module:
    """One question; its first choice is the right one."""
    choices = [Choice(position=n, label=f"Answer {n}", is_correct=n == 1) for n in range(1, answers + 1)]
    question = Question(position=1, kind="single", prompt=prompt, choices=choices)
    return Module(position=position, kind="quiz", title="Quiz", duration_s=120, questions=[question])


async def make_course(
    session: AsyncSession,
    owner: Person,
    title: str = "Safe data",
    *,
    category: str = "Security",
    difficulty: str = "beginner",
    modules: list[Module] | None = None,
    is_published: bool = True,
) -> Course:
    """A course with one version; by default published, with one text and one quiz."""
    number = next(_numbers)
    modules = modules or [
        Module(position=1, kind="text", title="Read this", duration_s=300, body="Keep data safe."),
        make_quiz(2),
    ]
    course = Course(slug=f"{title.lower().replace(' ', '-')}-{number}", owner_id=owner.id)
    session.add(course)
    await session.flush()
    version = CourseVersion(
        course_id=course.id,
        number=1,
        title=title,
        summary=f"What to know about {title.lower()}",
        category=category,
        difficulty=difficulty,
        duration_min=max(1, sum(module.duration_s for module in modules) // 60),
        modules=modules,
    )
    session.add(version)
    await session.flush()
    if is_published:
        version.published_at = datetime.now(UTC)
        course.current_version_id = version.id
        await session.flush()
    return course


async def modules_of(session: AsyncSession, course: Course) -> list[Module]:
    """In order, of the newest version."""
    newest = (
        select(CourseVersion.id)
        .where(CourseVersion.course_id == course.id)
        .order_by(CourseVersion.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    return list(await session.scalars(select(Module).where(Module.version_id == newest).order_by(Module.position)))


async def make_enrollment(
    session: AsyncSession,
    person: Person,
    course: Course,
    *,
    enrolled_at: datetime | None = None,
    completed_at: datetime | None = None,
    progress_percent: int | None = None,
) -> Enrollment:
    """State without its events; use learning.service.enroll where the events matter."""
    enrollment = Enrollment(
        person_id=person.id,
        course_id=course.id,
        version_id=course.current_version_id,
        enrolled_at=enrolled_at or datetime.now(UTC),
        completed_at=completed_at,
        progress_percent=progress_percent if progress_percent is not None else 100 if completed_at else 0,
    )
    session.add(enrollment)
    await session.flush()
    return enrollment


async def make_requirement(
    session: AsyncSession,
    course: Course,
    *,
    due_within_days: int = 30,
    valid_from: date = HIRED,
    org_unit_id: uuid.UUID | None = None,
    country: str | None = None,
    audience: dict[str, Any] | None = None,
    **terms: Any,
) -> Requirement:
    """Without its event; use compliance.service.make_requirement where that matters."""
    said = [{"units": [str(org_unit_id)]}] if org_unit_id else []
    said += [{"countries": [country]}] if country else []
    requirement = Requirement(
        course_id=course.id,
        audience=audience or ({"all": said} if said else {}),
        due_within_days=due_within_days,
        valid_from=valid_from,
        **terms,
    )
    session.add(requirement)
    await session.flush()
    return requirement
