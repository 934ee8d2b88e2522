"""What people are told follows from events and from due dates: once, and nothing from before."""

import uuid
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core import events
from api.courses.models import Module
from api.credentials.service import issue
from api.learning.service import enroll
from api.people.models import PersonSetting
from tests.api.notifications.conftest import NOON, News
from tests.factories import make_course, make_enrollment, make_person, make_requirement

TODAY = NOON.date()


async def fact(db: AsyncSession, person_id: uuid.UUID, kind: str, *, ago: timedelta = timedelta(), **told: str) -> None:
    moment = datetime.now(UTC) - ago
    await events.record(db, f"learning.{kind}", subject_id=person_id, actor_id=None, payload=told, occurred_at=moment)


async def test_events_become_notifications_once_and_history_becomes_none(committed: AsyncSession, news: News) -> None:
    boss = await make_person(committed, "Bo Boss")
    deputy = await make_person(committed, "Di Deputy")
    ada = await make_person(committed, manager=boss)
    course = await make_course(committed, boss)
    about = {"course_id": str(course.id)}
    await committed.execute(
        text(
            "insert into delegation (id, delegator_id, delegate_id, valid_until) values (uuidv7(), :a, :b, 'infinity')"
        ),
        {"a": boss.id, "b": deputy.id},
    )
    await enroll(committed, person_id=ada.id, course_id=course.id)
    for kind in ("enrollment_requested", "enrollment_waitlisted", "enrollment_declined", "retake_required"):
        await fact(committed, ada.id, kind, **about)
    await fact(committed, ada.id, "course_completed", enrollment_id=str(uuid.uuid4()), **about)
    await fact(committed, ada.id, "course_completed", ago=timedelta(days=9), enrollment_id=str(uuid.uuid4()), **about)
    await fact(committed, ada.id, "quiz_started", **about)
    path = {"person_id": ada.id, "person_name": "Ada Ito", "kind": "path", "path_id": uuid.uuid4()}
    issued = await issue(committed, title="Site safety", score_percent=None, now=datetime.now(UTC), **path)
    await fact(committed, ada.id, "certificate_revoked", certificate_id=str(issued.id), **about)
    await committed.commit()
    await enroll(committed, person_id=boss.id, course_id=course.id)
    await fact(committed, boss.id, "enrollment_promoted", **about)
    await committed.commit()
    await news.derive()
    await news.execute("update notification_watermark set xid = 0")
    assert await news.derive() == 0, "read again, all are known"
    assert sorted(await news.kinds(ada.id)) == [
        *("approval_decided", "certificate_revoked", "course_changed", "course_completed"),
        *("enrolled", "path_completed", "waitlisted"),
    ]
    titles = {row["kind"]: row["facts"]["title"] for row in await news.of(ada.id)}
    assert (titles["path_completed"], titles["certificate_revoked"], titles["enrolled"]) == (
        *("Site safety", "Site safety"),
        "Safe data",
    )
    assert sorted(await news.kinds(boss.id)) == ["approval_asked", "promoted"], "not also: enrolled"
    (asked,) = await news.of(deputy.id)
    assert (asked["kind"], asked["facts"]["name"], asked["facts"]["title"]) == (
        "approval_asked",
        "Ada Ito",
        "Safe data",
    )


async def test_an_event_that_commits_late_is_not_lost(
    committed: AsyncSession, news: News, session: AsyncSession
) -> None:
    """The transaction began before others that are derived already."""
    late, early = await make_person(committed, "La Te"), await make_person(committed, "Ea Rly")
    course = await make_course(committed, early)
    await committed.commit()
    async with news.sessions() as slow:
        await enroll(slow, person_id=late.id, course_id=course.id)
        await enroll(committed, person_id=early.id, course_id=course.id)
        await committed.commit()
        await news.derive()
        assert await news.kinds(late.id) == []
        await slow.commit()
    await news.derive()
    assert await news.kinds(late.id) == ["enrolled"]
    assert await news.kinds(early.id) == ["enrolled"]


async def test_a_watermark_of_another_database_reads_all_again_and_tells_nothing_twice(
    committed: AsyncSession, news: News
) -> None:
    ada = await make_person(committed)
    course = await make_course(committed, ada)
    await enroll(committed, person_id=ada.id, course_id=course.id)
    await committed.commit()
    await news.execute("update notification_watermark set xid = 9000000000")
    await news.derive()
    assert await news.kinds(ada.id) == ["enrolled"]


async def test_due_dates_are_told_step_by_step_and_only_to_who_still_has_to(
    committed: AsyncSession, news: News
) -> None:
    """On the day of the requirement, then 14, 7 and 1 days before, then weekly, four times."""
    boss, done, ada = [await make_person(committed, name) for name in ("Bo Boss", "Do Ne", "Ada Ito")]
    course = await make_course(committed, boss)
    await make_requirement(committed, course, due_within_days=30, valid_from=TODAY)
    await make_enrollment(committed, done, course, completed_at=NOON)
    committed.add(PersonSetting(person_id=ada.id, time_zone="Pacific/Auckland"))
    await committed.commit()
    await news.execute("update notification_watermark set since = :at", at=NOON)
    await news.execute("update requirement set recorded_at = :at", at=NOON)
    for day in range(70):
        await news.remind(NOON + timedelta(days=day, hours=9))
    assert await news.kinds(done.id) == []
    assert await news.kinds(boss.id) == ["assigned"] + ["due_soon"] * 3 + ["overdue"] * 4
    days = [(row["occurred_at"].date() - TODAY).days for row in await news.of(boss.id)]
    assert days == [0, 16, 23, 29, 31, 38, 45, 52]
    # 21:00 UTC is tomorrow morning in Auckland, where every day begins earlier.
    assert [(row["occurred_at"].date() - TODAY).days for row in await news.of(ada.id)] == [
        0,
        15,
        22,
        28,
        30,
        37,
        44,
        51,
    ]


async def test_a_session_is_told_on_the_day_before_by_the_readers_clock_and_again_when_it_moves(
    committed: AsyncSession, news: News
) -> None:
    """23:30 in Berlin on Friday is Saturday in Tokyo."""
    here, there = await make_person(committed, "He Re"), await make_person(committed, "The Re")
    committed.add_all(
        [
            PersonSetting(person_id=here.id, time_zone="Europe/Berlin"),
            PersonSetting(person_id=there.id, time_zone="Asia/Tokyo"),
        ]
    )
    told = {"starts_at": "2026-11-27T22:30:00Z", "time_zone": "Europe/Berlin", "place": "Room 1"}
    module = Module(position=1, kind="live", title="First aid", duration_s=3600, settings=told)
    course = await make_course(committed, here, modules=[module])
    for person in (here, there):
        await make_enrollment(committed, person, course)
    await committed.commit()
    thursday = datetime(2026, 11, 26, 7, tzinfo=UTC)
    await news.remind(thursday)
    assert (await news.kinds(here.id), await news.kinds(there.id)) == (["live_tomorrow"], [])
    await news.remind(thursday + timedelta(hours=24))
    await news.remind(thursday + timedelta(hours=25))
    assert (await news.kinds(here.id), await news.kinds(there.id)) == (["live_tomorrow"], ["live_tomorrow"])


async def test_nobody_hears_of_a_year_of_history_on_the_day_of_the_upgrade(committed: AsyncSession, news: News) -> None:
    """Obligations of long ago are no news; what is overdue for longer than four weeks is the manager's matter."""
    ada = await make_person(committed)
    for start, days in ((date(2025, 1, 1), 30), (date(2026, 10, 1), 90)):
        await make_requirement(committed, await make_course(committed, ada), due_within_days=days, valid_from=start)
    await enroll(committed, person_id=ada.id, course_id=(await make_course(committed, ada)).id)
    await committed.commit()
    await news.execute("update requirement set recorded_at = valid_from")
    await news.execute(
        "update notification_watermark set since = :at, xid = 0", at=datetime.now(UTC) + timedelta(hours=1)
    )
    assert await news.derive() == 0
    await news.remind(NOON)
    assert await news.kinds(ada.id) == []
