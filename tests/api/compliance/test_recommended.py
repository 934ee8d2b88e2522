"""Which courses are recommended to whom, and the reason that is said."""

from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.compliance.recommended import recommended
from api.courses.models import Course
from api.people.models import Person
from tests.factories import make_course, make_enrollment, make_org_unit, make_person

NOW = datetime.now(UTC)
TODAY = NOW.date()


async def titles(session: AsyncSession, person: Person, required: list[Course] | None = None) -> list[tuple[str, str]]:
    ids = [course.id for course in required or []]
    found = await recommended(session, person_id=person.id, required=ids, on=TODAY)
    assert found == await recommended(session, person_id=person.id, required=ids, on=TODAY)
    return [(one["title"], one["kind"]) for one in found]


async def test_recommended_says_why_and_names_nothing_that_one_has_or_may_not_begin(session: AsyncSession) -> None:
    unit, other = await make_org_unit(session, "Plant"), await make_org_unit(session, "Office")
    author = await make_person(session, "Author", job_title="Author", org_unit=other)
    me = await make_person(session, "Me", job_title="Welder", org_unit=unit)
    peers = [await make_person(session, "Peer", job_title="Welder", org_unit=other) for _ in range(3)]
    mates = [await make_person(session, "Mate", job_title="Clerk", org_unit=unit) for _ in range(4)]
    names = ("Arc", "Rest", "Begun", "Rare", "Gone", "Steep", "Must", "Base", "More", "Mine", "Quiet")
    course = {name: await make_course(session, author, name) for name in names}
    course["Mine"].owner_id = me.id
    skilled = "update course_version set skills = :skills, prerequisite_ids = :needs where course_id = :course"
    await session.execute(text("alter table course_version disable trigger published_is_immutable"))
    for name, skills, needs in (("Base", ["Heat", "Gas"], []), ("More", ["Gas"], []), ("Steep", [], ["Begun"])):
        values = {"skills": skills, "needs": [course[one].id for one in needs], "course": course[name].id}
        await session.execute(text(skilled), values)
    course["Gone"].archived_at = NOW
    await make_enrollment(session, me, course["Begun"])
    await make_enrollment(session, me, course["Base"], completed_at=NOW)
    for person in peers:
        for name in ("Arc", "Begun", "Gone", "Steep", "Must", "Mine"):
            await make_enrollment(session, person, course[name])
    for person in mates:
        await make_enrollment(session, person, course["Rest"], completed_at=NOW)
        await make_enrollment(session, person, course["Must"])
    for person in mates[:2]:
        await make_enrollment(session, person, course["Rare"], completed_at=NOW)
    assert await titles(session, me, required=[course["Must"]]) == [
        ("Arc", "job"),
        ("Rest", "unit"),
        ("More", "skill"),
        ("Quiet", "new"),
        ("Rare", "new"),  # two people are not told of
    ]
    newcomer = await make_person(session, "New", job_title="Pilot", org_unit=await make_org_unit(session, "Hangar"))
    cold = await titles(session, newcomer)
    assert cold[:4] == [("Must", "popular"), ("Begun", "popular"), ("Rest", "popular"), ("Arc", "popular")]
