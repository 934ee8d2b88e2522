"""Publishing a version and what becomes of its learners; now, or by a job at a moment that an author named."""

import uuid
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.errors import ProblemError
from api.core.jobs import LIGHT, enqueue
from api.core.settings import Settings
from api.courses import publish as courses
from api.courses.authors import authored_course, is_author
from api.courses.draft_schemas import CompletionIn
from api.courses.drafts import record
from api.courses.models import Course, CourseVersion
from api.courses.publish_checks import check
from api.courses.publish_schemas import PublishIn
from api.courses.versions import newest_whole
from api.identity.rules import WEB, Principal
from api.learning.completion_rules import Rule
from api.learning.impact import Impact, impact_of
from api.learning.moves import demand_retake, move


class TooLate(ProblemError):
    status = 422
    title = "This moment is over"


async def preview(session: AsyncSession, who: Principal, *, course_id: uuid.UUID) -> dict[str, Any]:
    """What is missing before publishing, what is worth a look, and whom it would touch. Writes nothing."""
    version = await newest_whole(session, await authored_course(session, course_id, who.person_id))
    found = await check(session, version)
    impact = Impact(is_first=False) if version.published_at else await impact_of(session, version)
    return {
        "problems": [asdict(one) for one in found.problems],
        "warnings": [asdict(one) for one in found.warnings],
        "impact": impact.out(),
    }


async def publish(
    session: AsyncSession, settings: Settings, who: Principal, *, given: PublishIn, now: datetime | None = None
) -> CourseVersion:
    """The draft as an immutable version, or its publishing scheduled. Published already: the same answer again."""
    moment = now or datetime.now(UTC)
    course = await authored_course(session, given.course_id, who.person_id, lock=True)
    version = await newest_whole(session, course)
    if course.archived_at:
        raise courses.Archived("Bring the course back first: POST /restore-course.")
    if version.published_at:
        if course.current_version_id is None:
            await courses.publish_again(session, who, version, moment)
        return version
    wish = {"learners": given.learners, "is_material": given.is_material, "actor_id": str(who.person_id)}
    wish["account_id"] = str(who.account_id)
    if given.notes is not None:
        version.notes = given.notes
    if given.publish_at:
        return await _schedule(session, who, version, wish, given.publish_at, moment)
    await _publish(session, settings, version, wish, moment)
    await record(session, "courses.course_published", who, version, None, **_told(version))
    return version


def _told(version: CourseVersion) -> dict[str, Any]:
    """For the audit log."""
    impact = version.impact or {}
    learners = (version.publishing or {}).get("learners")
    return {"learners": learners, "moved": impact.get("moved"), "must_retake": impact.get("must_retake")}


async def _publish(
    session: AsyncSession, settings: Settings, version: CourseVersion, wish: dict[str, Any], now: datetime
) -> None:
    await courses.ready_or_raise(session, version)
    impact = await impact_of(session, version)
    await courses.freeze(session, settings, version)
    is_material = impact.is_material if wish["is_material"] is None else bool(wish["is_material"])
    moved = must_retake = None
    if wish["learners"] == "move":
        moved, must_retake = await _move_all(session, version, impact, wish["is_material"], now)
    told = {"changes": impact.out()["changes"], "moved": moved, "must_retake": must_retake}
    await courses.release(
        session,
        version,
        actor_id=uuid.UUID(wish["actor_id"]),
        now=now,
        is_material=is_material,
        publishing=wish,
        impact=told,
    )


async def _move_all(
    session: AsyncSession, version: CourseVersion, impact: Impact, said: bool | None, now: datetime
) -> tuple[int, int]:
    """(moved, who have to take it again). An author who says that nothing material changed gives all for done that
    was done; one who says that something did sends all who finished back.
    """
    rule = Rule(**CompletionIn.model_validate(version.completion).model_dump())
    moved = 0
    for one in impact.learners:
        redo = set() if said is False else one.redo
        moved += await move(session, old=one.version_id, new=version.id, redo=redo, rule=rule, now=now)
    known = [one.version_id for one in impact.learners if (one.is_material if said is None else said)]
    return moved, await demand_retake(session, versions=known, new=version.id, now=now) if known else 0


async def _schedule(
    session: AsyncSession, who: Principal, version: CourseVersion, wish: dict[str, Any], at: datetime, now: datetime
) -> CourseVersion:
    """A job does it at that moment; what is missing is told now, and looked for again then."""
    if at <= now:
        raise TooLate("Choose a moment in the future, or leave `publish_at` out to publish now.")
    if (version.publish_at, version.publishing) == (at, wish):
        return version
    await courses.ready_or_raise(session, version)
    before = {"publish_at": version.publish_at}
    version.publish_at, version.publishing, version.publish_failure = at, wish, None
    args = {"version_id": str(version.id), "publish_at": at.isoformat()}
    lock = f"publish {version.course_id}"
    await enqueue(session, "publish_scheduled", queue=LIGHT, args=args, lock=lock, scheduled_at=at)
    await record(session, "courses.publishing_scheduled", who, version, before, publish_at=at)
    return version


async def due(session: AsyncSession, *, version_id: uuid.UUID, publish_at: datetime) -> CourseVersion | None:
    """The draft that is to be published now, with its course locked; None where it was published, called off or
    given another moment meanwhile.
    """
    statement = select(Course).join(CourseVersion, CourseVersion.course_id == Course.id)
    course = await session.scalar(statement.where(CourseVersion.id == version_id).with_for_update(of=Course))
    if course is None:
        return None
    version = await newest_whole(session, course)
    is_meant = version.id == version_id and version.published_at is None and version.publish_at == publish_at
    return version if is_meant and course.archived_at is None else None


async def publish_due(session: AsyncSession, settings: Settings, version: CourseVersion, now: datetime) -> None:
    """As its author wished. Raises where they no longer may, or something is missing by now."""
    wish = version.publishing or {}
    actor_id = uuid.UUID(wish["actor_id"])
    if not await is_author(session, version.course, actor_id):
        raise courses.NotReady("Who scheduled this is no longer an author of the course: publish it yourself.")
    await _publish(session, settings, version, wish, now)
    who = Principal(uuid.UUID(wish["account_id"]), actor_id, frozenset(), frozenset(), WEB)
    await record(session, "courses.course_published", who, version, None, **_told(version))


async def give_up(session: AsyncSession, version: CourseVersion, why: str, now: datetime) -> None:
    """It stays a draft, and says why."""
    version.publish_at, version.publishing, version.publish_failure = None, None, why
    await courses.tell(session, "courses.scheduled_publishing_failed", version, None, now)
    await record(session, "courses.scheduled_publishing_failed", None, version, None, why=why)
