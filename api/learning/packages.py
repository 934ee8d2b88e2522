"""What a package keeps of a learner between two visits, and how far they are by it."""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from api.core.errors import Conflict, NotFound, ProblemError
from api.core.settings import Settings
from api.courses.authors import authored_course
from api.courses.models import CourseVersion, Module
from api.learning.activity_models import PackageState
from api.learning.attempts import NotEnrolled
from api.learning.models import Enrollment
from api.learning.package_facts import record_fact, tell_visit
from api.learning.package_rules import Outcome, Visit, item_outcome, package_percent, visit_of
from api.learning.package_schemas import PackageStateIn, PackageStateOut, PackageStateSaved
from api.learning.schemas import ProgressIn
from api.learning.service import record_progress
from api.media.package_files import package_prefix
from api.people.models import Person

MOST_BYTES = 256 * 1024
"""Of an item's state: SCORM 2004 lets a package keep 64,000 characters and as many answers as it likes."""


class PackageMoved(Conflict):
    title = "The package is open elsewhere"


class StateTooLarge(ProblemError):
    status = 413
    title = "The package keeps too much"


@dataclass(frozen=True, slots=True)
class Step:
    """A module with a package that is ready, and the enrollment through which somebody sees it (none: a preview)."""

    module: Module
    enrollment: Enrollment | None

    @property
    def bundle(self) -> str:
        assert self.module.media is not None and self.module.media.bundle is not None
        return self.module.media.bundle

    @property
    def detail(self) -> dict[str, Any]:
        assert self.module.media is not None
        return self.module.media.detail


async def package_state(
    session: AsyncSession,
    settings: Settings,
    media_key: bytes,
    *,
    person_id: uuid.UUID,
    course_id: uuid.UUID,
    module_id: uuid.UUID,
    is_preview: bool = False,
) -> PackageStateOut:
    """All that a page needs to play the package; an author's preview begins empty each time."""
    if is_preview:
        step = await _previewed(session, person_id, course_id, module_id)
    else:
        step = await _learned(session, person_id, course_id, module_id)
    kept = {state.item: state for state in await _kept(session, step)}
    items = [{**item, **_state_out(kept.get(item["id"]))} for item in step.detail["items"]]
    person = await session.get_one(Person, person_id)
    return PackageStateOut.model_validate(
        {
            "title": step.module.title,
            "standard": step.detail["standard"],
            "mode": "preview" if is_preview else "normal",
            "learner": {"id": person_id, "name": person.display_name},
            "files_url": package_prefix(settings, media_key, step.bundle),
            "frame_url": f"{settings.content_url}/package-frame" if settings.has_content_site else None,
            "module_percent": package_percent([item["percent"] for item in items]),
            "items": items,
        }
    )


async def save_package_state(
    session: AsyncSession, *, person_id: uuid.UUID, sent: PackageStateIn, now: datetime | None = None
) -> PackageStateSaved:
    """Keep what a package sent; sent twice, or overtaken by a later one of the same page, it changes nothing more."""
    step = await _learned(session, person_id, sent.course_id, sent.module_id, lock=True)
    assert step.enrollment is not None
    item = next((one for one in step.detail["items"] if one["id"] == sent.item), None)
    if item is None:
        raise NotFound(f"The package has no item {sent.item[:80]!r}: open the course again.")
    if len(json.dumps(sent.cmi)) > MOST_BYTES:
        raise StateTooLarge(f"A package may keep {MOST_BYTES:,} bytes an item: its author has to make it keep less.")
    kept = {state.item: state for state in await _kept(session, step)}
    state = kept.get(sent.item)
    if _is_news(state, sent):
        outcome, moment = _outcome(step, item, sent), now or datetime.now(UTC)
        known = Outcome(state.percent, state.score_percent) if state else Outcome(0, None)
        if state and state.tab != sent.tab:  # the visit before was broken off: what it said last is all of it
            await tell_visit(session, step.enrollment, sent, state, _visit(step, state.cmi), moment)
        state = kept[sent.item] = await _keep(session, step, sent, outcome, state, moment)
        if sent.is_over:
            await tell_visit(session, step.enrollment, sent, state, _visit(step, state.cmi), moment)
        if outcome != known:
            await _record(session, step, sent, outcome, moment)
    assert state is not None
    percent = package_percent([kept[one["id"]].percent if one["id"] in kept else 0 for one in step.detail["items"]])
    told = ProgressIn(course_id=sent.course_id, module_id=sent.module_id)
    progress = await record_progress(session, person_id=person_id, sent=told, decided=percent, now=now)
    return PackageStateSaved(
        revision=state.revision,
        percent=state.percent,
        score_percent=state.score_percent,
        module_percent=progress.module.percent,
        progress_percent=progress.progress_percent,
    )


def _outcome(step: Step, item: dict[str, Any], sent: PackageStateIn) -> Outcome:
    return item_outcome(step.detail["standard"], item, sent.cmi, is_finished=sent.is_finished)


def _visit(step: Step, cmi: dict[str, Any]) -> Visit:
    return visit_of(step.detail["standard"], cmi)


async def _record(session: AsyncSession, step: Step, sent: PackageStateIn, outcome: Outcome, now: datetime) -> None:
    """The fact, once for each thing that the package came to say of an item; `percent` is a module's, elsewhere."""
    assert step.enrollment is not None
    told = {"item": sent.item, "item_percent": outcome.percent, "score_percent": outcome.score_percent}
    await record_fact(session, "learning.package_scored", step.enrollment, sent, told, now)


def _is_news(state: PackageState | None, sent: PackageStateIn) -> bool:
    """Whether this is to be kept; PackageMoved where another page saved since this one read."""
    known = state.revision if state else 0
    if sent.revision <= sent.base_revision:
        raise Conflict("`revision` counts up from `base_revision`: send a higher one.")
    if state is not None and state.tab == sent.tab:
        return sent.revision > known
    if sent.base_revision != known:
        raise PackageMoved(
            "This package was gone on with in another window or on another device: load the page again to go on from"
            " there.",
            revision=known,
        )
    return True


async def _keep(
    session: AsyncSession,
    step: Step,
    sent: PackageStateIn,
    outcome: Outcome,
    before: PackageState | None,
    now: datetime,
) -> PackageState:
    assert step.enrollment is not None
    is_same_visit = before is not None and before.tab == sent.tab
    state = PackageState(
        enrollment_id=step.enrollment.id,
        stem_id=step.module.stem_id,
        bundle=step.bundle,
        item=sent.item,
        cmi=sent.cmi,
        is_finished=sent.is_finished,
        percent=outcome.percent,
        score_percent=outcome.score_percent,
        tab=sent.tab,
        revision=sent.revision,
        updated_at=now,
        total_s=max(_visit(step, sent.cmi).total_s, before.total_s if before else 0),
        told_s=before.told_s if before else 0,
        is_visit_told=bool(is_same_visit and before and before.is_visit_told),
    )
    state = await session.merge(state)
    await session.flush()
    return state


def _state_out(state: PackageState | None) -> dict[str, Any]:
    if state is None:
        return {"cmi": {}, "is_finished": False, "revision": 0, "percent": 0, "score_percent": None}
    names = ("cmi", "is_finished", "revision", "percent", "score_percent")
    return {name: getattr(state, name) for name in names}


async def _kept(session: AsyncSession, step: Step) -> list[PackageState]:
    if step.enrollment is None:
        return []
    statement = select(PackageState).where(
        PackageState.enrollment_id == step.enrollment.id,
        PackageState.stem_id == step.module.stem_id,
        PackageState.bundle == step.bundle,
    )
    return list(await session.scalars(statement))


async def _learned(
    session: AsyncSession, person_id: uuid.UUID, course_id: uuid.UUID, module_id: uuid.UUID, *, lock: bool = False
) -> Step:
    """In the version that the person is enrolled in; with `lock` nobody else changes this enrollment meanwhile."""
    statement = select(Enrollment).where(
        Enrollment.person_id == person_id, Enrollment.course_id == course_id, Enrollment.withdrawn_at.is_(None)
    )
    enrollment = await session.scalar(statement.with_for_update() if lock else statement)
    if enrollment is None:
        raise NotEnrolled("You are not enrolled in this course: POST /enroll first.")
    return Step(await _module(session, module_id, Module.version_id == enrollment.version_id), enrollment)


async def _previewed(session: AsyncSession, person_id: uuid.UUID, course_id: uuid.UUID, module_id: uuid.UUID) -> Step:
    """In any version of a course of the caller's."""
    await authored_course(session, course_id, person_id)
    versions = select(CourseVersion.id).where(CourseVersion.course_id == course_id)
    return Step(await _module(session, module_id, Module.version_id.in_(versions)), None)


async def _module(session: AsyncSession, module_id: uuid.UUID, within: Any) -> Module:
    statement = select(Module).where(Module.id == module_id, within).options(selectinload(Module.media))
    module = await session.scalar(statement)
    if module is None or module.kind != "package":
        raise NotFound("This course, in the version you see, has no such package.")
    if module.media is None or module.media.status != "ready" or module.media.bundle is None:
        raise NotFound("The package of this step is not ready yet: try again later.")
    return module


async def preview_page(
    session: AsyncSession, person_id: uuid.UUID, course_id: uuid.UUID, module_id: uuid.UUID
) -> dict[str, Any]:
    """The titles above a package, for its authors."""
    step = await _previewed(session, person_id, course_id, module_id)
    version = await session.get_one(CourseVersion, step.module.version_id)
    return {"title": step.module.title, "course_title": version.title}
