"""Live sessions: who was there, as their author says, and the date for a learner's calendar."""

import uuid
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vText
from sqlalchemy import Uuid, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.core import events
from api.core.errors import Conflict, NotFound
from api.courses.authors import authored_course, is_author
from api.courses.models import Course, CourseVersion, Module
from api.identity import audit
from api.identity.rules import Principal
from api.learning.activity_models import LiveAttendance
from api.learning.live_schemas import AttendanceIn, AttendanceOut
from api.learning.models import Enrollment
from api.learning.schemas import LiveOut, ProgressIn, live_of
from api.learning.service import record_progress

MOST = 1000


class NotBegun(Conflict):
    title = "The session has not begun"


# Whoever is enrolled in a version that has this session, whichever version that is.
ATTENDEES = text(
    """
    select e.id as enrollment_id, p.id as person_id, p.display_name as name, m.id as module_id,
        e.course_id, e.version_id, a.status, a.marked_at, mp.completed_at is not null as is_done,
        count(*) over () as enrolled
    from module m
    join enrollment e on e.version_id = m.version_id and e.withdrawn_at is null
    join person p on p.id = e.person_id
    left join live_attendance a on a.enrollment_id = e.id and a.stem_id = m.stem_id
    left join module_progress mp on mp.enrollment_id = e.id and mp.module_id = m.id
    where m.stem_id = :stem_id and m.kind = 'live' and e.course_id = :course_id
    and (cast(:people as uuid[]) is null or p.id = any(:people))
    order by p.display_name, p.id limit :most
    """
).bindparams(bindparam("people", type_=ARRAY(Uuid)))


async def attendance(session: AsyncSession, who: Principal, *, module_id: uuid.UUID) -> AttendanceOut:
    """For the authors of the course: everybody who is to come, with what was said of them."""
    module, course = await _authored(session, who, module_id)
    return await _attendance(session, module, course, None)


async def mark(
    session: AsyncSession, who: Principal, *, given: AttendanceIn, now: datetime | None = None
) -> AttendanceOut:
    """Who is said to be present has done the session, once and for all; the same said again changes nothing.

    Said otherwise later the list is right, and what followed from it stays: a finished course is not taken away.
    """
    moment = now or datetime.now(UTC)
    module, course = await _authored(session, who, given.module_id)
    starts_at = live_of(module.settings).starts_at
    if starts_at is None or starts_at > moment:
        raise NotBegun("Say who was there once the session has begun, by its date and time.")
    wanted = {one.person_id: one.status for one in given.people}
    found = {row["person_id"]: row for row in await _rows(session, module, course, list(wanted))}
    if missing := sorted(map(str, wanted.keys() - found.keys())):
        raise NotFound(f"Nobody with the id {missing[0]} is enrolled in this session: load the list again.")
    changed = {person: status for person, status in sorted(wanted.items()) if found[person]["status"] != status}
    for person_id, status in changed.items():
        await _mark_one(session, who, module, found[person_id], status, moment)
    if changed:
        before = {str(person): found[person]["status"] for person in changed}
        after = {str(person): status for person, status in changed.items()}
        await audit.record(
            session,
            action="learning.attendance_marked",
            actor=who,
            target_type="module",
            target_id=module.id,
            before=before,
            after=after,
        )
    return await _attendance(session, module, course, list(wanted))


async def _mark_one(
    session: AsyncSession, who: Principal, module: Module, row: dict[str, Any], status: str, now: datetime
) -> None:
    values = {"status": status, "marked_by": who.person_id, "marked_at": now}
    key = {"enrollment_id": row["enrollment_id"], "stem_id": module.stem_id}
    statement = insert(LiveAttendance).values(**key, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))
    payload = {name: str(row[name]) for name in ("enrollment_id", "course_id", "version_id", "module_id")}
    await events.record(
        session,
        "learning.attendance_marked",
        subject_id=row["person_id"],
        actor_id=who.person_id,
        payload={**payload, "status": status},
        occurred_at=now,
    )
    if status == "present":
        sent = ProgressIn(course_id=row["course_id"], module_id=row["module_id"])
        ids = {"person_id": row["person_id"], "actor_id": who.person_id}
        await record_progress(session, **ids, sent=sent, decided=100, now=now)


async def attended(session: AsyncSession, enrollment_id: uuid.UUID) -> dict[uuid.UUID, str]:
    """What was said of somebody, by the stems of the sessions."""
    mine = select(LiveAttendance.stem_id, LiveAttendance.status).where(LiveAttendance.enrollment_id == enrollment_id)
    return dict((await session.execute(mine)).tuples().all())


async def calendar(session: AsyncSession, who: Principal, *, module_id: uuid.UUID) -> bytes:
    """An iCalendar file of the session, for who is enrolled in it and for its authors."""
    module, course = await _live_module(session, module_id)
    version = await session.get_one(CourseVersion, module.version_id)
    enrolled = select(Enrollment.id).where(
        Enrollment.person_id == who.person_id,
        Enrollment.version_id == module.version_id,
        Enrollment.withdrawn_at.is_(None),
    )
    if await session.scalar(enrolled) is None and not await is_author(session, course, who.person_id):
        raise NotFound("There is no such session in your courses.")
    live = live_of(module.settings)
    if live.starts_at is None:
        raise NotFound("This session has no date yet.")
    return _ical(module, version, live)


def _ical(module: Module, version: CourseVersion, live: LiveOut) -> bytes:
    zone = ZoneInfo(live.time_zone)
    event = Event()
    event.add("uid", f"{module.stem_id}@praxis")
    event.add("dtstamp", (version.published_at or version.updated_at).astimezone(UTC))
    assert live.starts_at is not None
    event.add("dtstart", live.starts_at.astimezone(zone))
    if live.ends_at:
        event.add("dtend", live.ends_at.astimezone(zone))
    event.add("summary", module.title)
    event.add("description", version.title)
    if live.place.startswith(("https://", "http://")):
        event.add("url", live.place)
    if live.place:
        event["location"] = vText(live.place)
    made = Calendar()
    made.add("prodid", "-//Praxis//Live sessions//EN")
    made.add("version", "2.0")
    made.add_component(event)
    made.add_missing_timezones()
    return bytes(made.to_ical())


async def _live_module(session: AsyncSession, module_id: uuid.UUID) -> tuple[Module, Course]:
    statement = (
        select(Module, Course)
        .join(CourseVersion, CourseVersion.id == Module.version_id)
        .join(Course, Course.id == CourseVersion.course_id)
        .where(Module.id == module_id, Module.kind == "live")
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise NotFound("There is no such live session.")
    return row[0], row[1]


async def _authored(session: AsyncSession, who: Principal, module_id: uuid.UUID) -> tuple[Module, Course]:
    module, course = await _live_module(session, module_id)
    return module, await authored_course(session, course.id, who.person_id)


async def _rows(
    session: AsyncSession, module: Module, course: Course, people: list[uuid.UUID] | None
) -> list[dict[str, Any]]:
    asked = {"stem_id": module.stem_id, "course_id": course.id, "people": people, "most": MOST}
    return [dict(row) for row in (await session.execute(ATTENDEES, asked)).mappings()]


async def _attendance(
    session: AsyncSession, module: Module, course: Course, people: list[uuid.UUID] | None
) -> AttendanceOut:
    rows = await _rows(session, module, course, people)
    return AttendanceOut.model_validate(
        {
            "module_id": module.id,
            "course_id": course.id,
            "title": module.title,
            "live": live_of(module.settings),
            "enrolled": rows[0]["enrolled"] if rows else 0,
            "people": rows,
        }
    )
