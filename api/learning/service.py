"""Enrolling, progressing, completing: each change of state with its fact, in the caller's transaction."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.core import events
from api.core.db import new_id
from api.core.errors import NotFound
from api.courses.models import Course, CourseVersion
from api.courses.service import draft_version, is_author, load_version
from api.learning import queries
from api.learning.attempts import NotEnrolled, submit_attempt
from api.learning.certificates import new_code, normal_code
from api.learning.history import History, import_history
from api.learning.models import Certificate, Enrollment, ModuleProgress
from api.learning.quizzes import attempts_used
from api.learning.rules import believable, course_score, module_percent
from api.learning.schemas import ProgressIn, ProgressOut
from api.learning.sittings import begin_attempt, preview

__all__ = [
    "History",
    "attempts_used",
    "begin_attempt",
    "content",
    "enroll",
    "import_history",
    "my_certificate",
    "my_progress",
    "preview",
    "record_progress",
    "verify",
]


async def enroll(
    session: AsyncSession, *, person_id: uuid.UUID, course_id: uuid.UUID, now: datetime | None = None
) -> tuple[Enrollment, bool]:
    """(the person's enrollment, whether it is new); pinned to the version that is current now."""
    known = await _enrollment(session, person_id, course_id)
    if known:
        return known, False
    course = await session.get(Course, course_id)
    if course is None or course.current_version_id is None:
        raise NotFound("There is no published course with this id; GET /courses lists them.")
    moment = now or datetime.now(UTC)
    values = {
        "id": new_id(),
        "person_id": person_id,
        "course_id": course_id,
        "version_id": course.current_version_id,
        "enrolled_at": moment,
    }
    statement = insert(Enrollment).values(values).on_conflict_do_nothing().returning(Enrollment.id)
    if await session.scalar(statement) is None:  # a second click was faster
        return (await _existing(session, person_id, course_id)), False
    payload = {"enrollment_id": str(values["id"]), "course_id": str(course_id), "version_id": str(values["version_id"])}
    await events.record(
        session, "learning.enrolled", subject_id=person_id, actor_id=person_id, payload=payload, occurred_at=moment
    )
    return (await _existing(session, person_id, course_id)), True


async def _enrollment(session: AsyncSession, person_id: uuid.UUID, course_id: uuid.UUID) -> Enrollment | None:
    found: Enrollment | None = await session.scalar(
        select(Enrollment).where(
            Enrollment.person_id == person_id, Enrollment.course_id == course_id, Enrollment.withdrawn_at.is_(None)
        )
    )
    return found


async def _existing(session: AsyncSession, person_id: uuid.UUID, course_id: uuid.UUID) -> Enrollment:
    enrollment = await _enrollment(session, person_id, course_id)
    assert enrollment is not None
    return enrollment


async def record_progress(
    session: AsyncSession,
    *,
    person_id: uuid.UUID,
    sent: ProgressIn,
    decided: int | None = None,
    actor_id: uuid.UUID | None = None,
    now: datetime | None = None,
) -> ProgressOut:
    """Advance a module; twice, late or out of order gives one result. The last module completes the course, once.

    `decided` is the percent of a module whose state the server keeps (package, live); `actor_id` who brought it about,
    where that is not the learner.
    """
    moment = now or datetime.now(UTC)
    key = {"person_id": person_id, "course_id": sent.course_id, "module_id": sent.module_id}
    connection = await session.connection()  # the hot statements go past the ORM's session: a third less CPU
    at = (await connection.execute(queries.LOCK_ENROLLMENT, key)).mappings().one_or_none()
    if at is None:
        raise NotEnrolled("You are not enrolled in this course: POST /enroll first.")
    if at["module_id"] is None:
        raise NotFound("This course, in the version you are enrolled in, has no such module.")
    attempt = await submit_attempt(session, at, key, sent.attempt, moment) if at["kind"] == "quiz" else None
    await session.flush()
    percent = module_percent(at["kind"], sent.percent, is_passed=bool(attempt and attempt.is_passed), decided=decided)
    parameters = {
        **key,
        "actor_id": actor_id or person_id,
        "enrollment_id": at["id"],
        "version_id": at["version_id"],
        "module_count": at["module_count"],
        "event_id": new_id(),
        "percent": percent,
        "position_s": sent.position_s,
        "occurred_at": believable(sent.occurred_at or moment, moment),
        "now": moment,
    }
    row = (await connection.execute(queries.ADVANCE, parameters)).mappings().one()
    done = await _complete(session, at, key, moment) if row["is_whole"] and at["completed_at"] is None else None
    code = done.code if done else await _code(session, at["id"]) if at["completed_at"] else None
    return ProgressOut.model_validate(
        {
            "enrollment_id": at["id"],
            "module": {"module_id": sent.module_id, **row},
            "progress_percent": row["progress_percent"],
            "score_percent": done.score_percent if done else at["score_percent"],
            "completed_at": done.issued_at if done else at["completed_at"],
            "attempt": attempt and attempt.told,
            "certificate_code": code,
        }
    )


async def _code(session: AsyncSession, enrollment_id: uuid.UUID) -> str | None:
    code: str | None = await session.scalar(select(Certificate.code).where(Certificate.enrollment_id == enrollment_id))
    return code


COMPLETE = text(
    """
    update enrollment e set completed_at = :now, score_percent = :score
    from person p, course_version v where e.id = :id and p.id = e.person_id and v.id = e.version_id
    returning p.display_name, v.title
    """
)


async def _complete(session: AsyncSession, at: RowMapping, key: dict[str, Any], now: datetime) -> Certificate:
    """Once, because the enrollment is locked: the state, its two facts and the certificate."""
    best: Sequence[int] = (await session.execute(queries.BEST_SCORES, {"enrollment_id": at["id"]})).scalars().all()
    score = course_score(list(best))
    names = (await session.execute(COMPLETE, {"id": at["id"], "now": now, "score": score})).one()
    certificate = Certificate(
        id=new_id(),
        enrollment_id=at["id"],
        code=new_code(),
        person_name=names.display_name,
        course_title=names.title,
        score_percent=score,
        issued_at=now,
    )
    session.add(certificate)
    ids = {"enrollment_id": str(at["id"]), "course_id": str(key["course_id"]), "version_id": str(at["version_id"])}
    facts: Sequence[tuple[str, dict[str, Any]]] = [
        ("learning.course_completed", {**ids, "score_percent": score}),
        ("learning.certificate_issued", {**ids, "certificate_id": str(certificate.id), "code": certificate.code}),
    ]
    for name, payload in facts:
        await events.record(
            session, name, subject_id=key["person_id"], actor_id=key["person_id"], payload=payload, occurred_at=now
        )
    return certificate


async def my_progress(
    reader: AsyncConnection, *, person_id: uuid.UUID, course_id: uuid.UUID | None = None
) -> list[dict[str, Any]]:
    """The person's enrollments, newest first, each with the modules that were begun."""
    rows = await reader.execute(queries.MY_ENROLLMENTS, {"person_id": person_id, "course_id": course_id})
    return [dict(row) for row in rows.mappings()]


async def content(
    session: AsyncSession, *, person_id: uuid.UUID, course_id: uuid.UUID
) -> tuple[CourseVersion, Enrollment | None, dict[uuid.UUID, ModuleProgress]]:
    """The version a learner is pinned to with their progress; an author without enrollment sees the newest version."""
    enrollment = await _enrollment(session, person_id, course_id)
    if enrollment is None:
        course = await session.get(Course, course_id)
        if course is None:
            raise NotFound("There is no such course.")
        if not await is_author(session, course, person_id):
            raise NotEnrolled("Enrol to see the content: POST /enroll.")
        return await load_version(session, (await draft_version(session, course)).id), None, {}
    rows = await session.scalars(select(ModuleProgress).where(ModuleProgress.enrollment_id == enrollment.id))
    return await load_version(session, enrollment.version_id), enrollment, {row.module_id: row for row in rows}


async def my_certificate(session: AsyncSession, *, person_id: uuid.UUID, course_id: uuid.UUID) -> Certificate:
    enrollment = await _enrollment(session, person_id, course_id)
    statement = select(Certificate).where(Certificate.enrollment_id == (enrollment.id if enrollment else None))
    certificate = await session.scalar(statement)
    if certificate is None:
        raise NotFound("There is no certificate yet: complete every module of the course first.")
    return certificate


async def verify(session: AsyncSession, code: str) -> Certificate:
    """The certificate behind a code, typed in any case and with or without dashes."""
    certificate = await session.scalar(select(Certificate).where(Certificate.code == normal_code(code)))
    if certificate is None:
        raise NotFound("No certificate carries this code: it is not genuine, or the code is mistyped.", genuine=False)
    return certificate
