"""What other domains call; publishing a draft as an immutable version."""

import uuid
from datetime import UTC, datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from api.core import events
from api.core.errors import Conflict, ProblemError
from api.courses.authors import authored_course, authored_ids, co_authors, is_author, set_co_authors
from api.courses.drafts import begin_draft, course_draft, create_course, record, update_course
from api.courses.draws import draw_problems, materialise_draws
from api.courses.models import CourseVersion, Module
from api.courses.queries import search_courses
from api.courses.questions import quiz_problems
from api.courses.rules import ModuleFacts, missing_for_publishing
from api.courses.versions import draft_version, load_version
from api.identity.rules import Principal

__all__ = [
    "authored_course",
    "authored_ids",
    "begin_draft",
    "co_authors",
    "course_draft",
    "create_course",
    "draft_version",
    "is_author",
    "load_version",
    "publish_course",
    "search_courses",
    "set_co_authors",
    "update_course",
]


class NotReady(ProblemError):
    status = 409
    title = "The course is not ready to be published"


async def publish_course(
    session: AsyncSession,
    *,
    course_id: uuid.UUID,
    actor_id: uuid.UUID,
    actor: Principal | None = None,
    now: datetime | None = None,
) -> CourseVersion:
    """Make the draft the version that new learners get; published already: the same answer again."""
    course = await authored_course(session, course_id, actor_id, lock=True)
    version = await load_version(session, (await draft_version(session, course)).id)
    version.course = course
    if version.published_at:
        return version
    missing = missing_for_publishing([_facts(module) for module in version.modules])
    quizzes = [module for module in version.modules if module.kind == "quiz"]
    missing += [problem for module in quizzes for problem in await draw_problems(session, module)]
    if missing:
        raise NotReady(" ".join(missing[:5]), missing=missing)
    for module in quizzes:
        await materialise_draws(session, module)
    version.published_at = now or datetime.now(UTC)
    course.current_version_id = version.id
    await events.record(
        session,
        "courses.course_published",
        subject_id=course.id,
        actor_id=actor_id,
        payload={"version_id": str(version.id), "number": version.number},
        occurred_at=version.published_at,
    )
    try:
        await session.flush()
    except IntegrityError as error:
        raise Conflict("Somebody published this course at the same moment: reload it.") from error
    await record(session, "courses.course_published", actor, version)
    return version


def _facts(module: Module) -> ModuleFacts:
    return ModuleFacts(
        module.position,
        module.kind,
        module.title,
        has_media=module.media_id is not None,
        has_body=bool(module.body.strip()),
        quiz_problems=quiz_problems(module) if module.kind == "quiz" else [],
    )
