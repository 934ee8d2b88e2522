"""Being on a path: enrolling, what follows from each finished course, and finishing, once, with a certificate."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.core import events
from api.core.db import new_id
from api.core.errors import Conflict, NotFound
from api.credentials.service import issue
from api.learning.service import enroll
from api.paths import queries
from api.paths.models import LearningPath, PathEnrollment
from api.paths.rules import State, Step, is_finished, percent, states, to_begin
from api.people.models import Person

Reader = AsyncConnection | AsyncSession


class FinishedStays(Conflict):
    title = "A finished path stays"


@dataclass(frozen=True, slots=True)
class Way:
    """A path as one person has it: its row, and each course's row, step and state, in order."""

    path: RowMapping
    rows: Sequence[RowMapping]
    steps: list[Step]

    @property
    def states(self) -> list[State]:
        return states(self.steps, is_ordered=self.path["is_ordered"])

    @property
    def percent(self) -> int:
        return 100 if self.path["completed_at"] else percent(self.steps)

    @property
    def done_count(self) -> int:
        return sum(step.is_done for step in self.steps)

    @property
    def state(self) -> str:
        """new, going or completed."""
        return "completed" if self.path["completed_at"] else "going" if self.path["enrollment_id"] else "new"

    @property
    def next(self) -> int | None:
        """The place of the course to go on with: begun before open, what the path asks for before the rest."""
        told = list(enumerate(zip(self.steps, self.states, strict=True)))
        order = [("going", True), ("open", True), ("going", False), ("open", False)]
        places = (at for wanted in order for at, (step, state) in told if (state, step.asks) == wanted)
        return next(places, None)


async def ways(reader: Reader, person_id: uuid.UUID, path_id: uuid.UUID | None = None) -> list[Way]:
    """What is published and what the person is on: begun ones first."""
    asked = {"person_id": person_id, "path_id": path_id}
    paths = (await reader.execute(queries.PATHS, asked)).mappings().all()
    steps = await _steps(reader, person_id, [path["id"] for path in paths])
    return [Way(path, steps[path["id"]], [_step(row) for row in steps[path["id"]]]) for path in paths]


async def way(reader: Reader, person_id: uuid.UUID, path_id: uuid.UUID) -> Way:
    found = await ways(reader, person_id, path_id)
    if not found:
        raise NotFound("There is no published path with this id; GET /learning-paths lists them.")
    return found[0]


async def _steps(reader: Reader, person_id: uuid.UUID, paths: list[uuid.UUID]) -> dict[uuid.UUID, list[RowMapping]]:
    found: dict[uuid.UUID, list[RowMapping]] = defaultdict(list)
    for row in (await reader.execute(queries.STEPS, {"person_id": person_id, "paths": paths})).mappings():
        found[row["path_id"]].append(row)
    return found


def _step(row: RowMapping) -> Step:
    names = ("course_id", "is_required", "is_offered", "is_done", "percent", "status", "was_left")
    return Step(**{name: row[name] for name in names})


async def enroll_path(
    session: AsyncSession, *, person_id: uuid.UUID, path_id: uuid.UUID, now: datetime | None = None
) -> tuple[PathEnrollment, bool]:
    """(the person's enrollment, whether it is new). What they finished before counts; an ordered path begins its first
    course for them.
    """
    moment = now or datetime.now(UTC)
    path = await session.get(LearningPath, path_id)
    known = await _enrollment(session, person_id, path_id)
    if known:
        return known, False
    if path is None or path.state != "published":
        raise NotFound("There is no published path with this id; GET /learning-paths lists them.")
    values = {"id": new_id(), "person_id": person_id, "path_id": path_id, "enrolled_at": moment}
    statement = insert(PathEnrollment).values(values).on_conflict_do_nothing().returning(PathEnrollment.id)
    is_new = await session.scalar(statement) is not None
    made = await _enrollment(session, person_id, path_id)
    assert made is not None
    if is_new:
        await _tell(session, "learning.path_enrolled", made, moment)
        await follow(session, made.id, moment)
    return made, is_new


async def _enrollment(session: AsyncSession, person_id: uuid.UUID, path_id: uuid.UUID) -> PathEnrollment | None:
    found: PathEnrollment | None = await session.scalar(
        select(PathEnrollment).where(
            PathEnrollment.person_id == person_id,
            PathEnrollment.path_id == path_id,
            PathEnrollment.withdrawn_at.is_(None),
        )
    )
    return found


async def follow(session: AsyncSession, enrollment_id: uuid.UUID, now: datetime) -> None:
    """What follows by now from what the person has finished: the next course, or the end. Once, under a lock."""
    mine = await session.get_one(PathEnrollment, enrollment_id, with_for_update=True, populate_existing=True)
    if mine.completed_at or mine.withdrawn_at:
        return
    path = await session.get_one(LearningPath, mine.path_id)
    rows = (await _steps(session, mine.person_id, [mine.path_id]))[mine.path_id]
    steps = [_step(row) for row in rows]
    if is_finished(steps):
        await _finish(session, mine, path, now)
    elif course_id := to_begin(steps, is_ordered=path.is_ordered):
        try:
            await enroll(session, person_id=mine.person_id, course_id=course_id, now=now)
        except Conflict:
            return  # other courses come first, or it was closed this moment: the page says which, and they go on there


async def _finish(session: AsyncSession, mine: PathEnrollment, path: LearningPath, now: datetime) -> None:
    person = await session.get_one(Person, mine.person_id)
    mine.completed_at = now
    await _tell(session, "learning.path_completed", mine, now)
    await issue(
        session,
        kind="path",
        person_id=person.id,
        person_name=person.display_name,
        title=path.title,
        summary=path.summary,
        score_percent=None,
        path_id=path.id,
        now=now,
    )


async def withdraw_path(
    session: AsyncSession, *, person_id: uuid.UUID, path_id: uuid.UUID, now: datetime | None = None
) -> bool:
    """Whether they were on it. The courses that they began stay theirs."""
    moment = now or datetime.now(UTC)
    mine = await _enrollment(session, person_id, path_id)
    if mine is None:
        return False
    await session.refresh(mine, with_for_update=True)
    if mine.completed_at:
        raise FinishedStays("You finished this path: it stays in your record, with its certificate.")
    mine.withdrawn_at = moment
    await _tell(session, "learning.path_withdrawn", mine, moment)
    return True


async def _tell(session: AsyncSession, event: str, mine: PathEnrollment, now: datetime) -> None:
    payload: dict[str, Any] = {"path_id": str(mine.path_id), "path_enrollment_id": str(mine.id)}
    await events.record(
        session, event, subject_id=mine.person_id, actor_id=mine.person_id, payload=payload, occurred_at=now
    )
