"""What a draft may refer to: files that its authors may use, courses that exist and don't need this one first."""

import uuid

from sqlalchemy import func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.errors import NotFound, ProblemError
from api.courses.draft_schemas import CourseFields
from api.courses.draws import check_draws
from api.courses.models import Course, CourseAuthor, CourseVersion, Module, Question
from api.courses.questions import image_ids
from api.media.models import MediaAsset

SHOWS = {"video": {"video"}, "document": {"document", "image"}, "package": {"package"}}


class WrongFile(ProblemError):
    status = 422
    title = "A file doesn't fit its place"


class WrongPrerequisite(ProblemError):
    status = 422
    title = "A prerequisite is not possible"


async def check_references(
    session: AsyncSession, given: CourseFields, *, course_id: uuid.UUID, author_id: uuid.UUID
) -> None:
    await _check_media(session, given, course_id, author_id)
    await check_draws(session, author_id, [module.settings for module in given.modules if module.kind == "quiz"])
    await _check_prerequisites(session, given.prerequisites, course_id, author_id)


def _asked(given: CourseFields) -> dict[uuid.UUID, tuple[set[str], str]]:
    """Of each file the kinds that fit, and where it is to be shown."""
    asked = {
        module.media_id: (SHOWS.get(module.kind, set()), f"module {number} ({module.title})")
        for number, module in enumerate(given.modules, 1)
        if module.media_id
    }
    for number, module in enumerate(given.modules, 1):
        asked |= dict.fromkeys(image_ids(module.questions), ({"image"}, f"a question of module {number}"))
    return asked | ({given.cover.media_id: ({"image"}, "the cover")} if given.cover else {})


async def _check_media(session: AsyncSession, given: CourseFields, course_id: uuid.UUID, author_id: uuid.UUID) -> None:
    asked = _asked(given)
    if not asked:
        return
    used = select(CourseVersion.id).where(CourseVersion.course_id == course_id)
    mine = or_(
        MediaAsset.owner_id == author_id,
        MediaAsset.owner_id.is_(None),
        MediaAsset.id.in_(select(Module.media_id).where(Module.version_id.in_(used))),
        MediaAsset.id.in_(select(CourseVersion.cover_id).where(CourseVersion.course_id == course_id)),
        MediaAsset.id.in_(select(Question.image_id).join(Question.module).where(Module.version_id.in_(used))),
    )
    rows = await session.execute(select(MediaAsset.id, MediaAsset.kind).where(MediaAsset.id.in_(asked), mine))
    found = {row.id: row.kind for row in rows}
    for media_id, (kinds, place) in asked.items():
        if media_id not in found:
            raise NotFound(f"There is no file with the id {media_id} among yours, for {place}: upload it first.")
        if found[media_id] not in kinds:
            wanted = " or ".join(sorted(kinds)) or "no file"
            raise WrongFile(f"The file of {place} is of kind {found[media_id]}: here goes {wanted}.")


NEEDS = text(
    """
    with recursive needed (id) as (
        select unnest(cast(:given as uuid[]))
        union
        select unnest(v.prerequisite_ids) from needed n
        join course c on c.id = n.id
        join course_version v on v.course_id = c.id and (v.id = c.current_version_id or v.published_at is null)
    )
    select exists (select from needed where id = :course_id)
    """
)


async def _check_prerequisites(
    session: AsyncSession, given: list[uuid.UUID], course_id: uuid.UUID, author_id: uuid.UUID
) -> None:
    """Drafts count too: two courses that need each other could never be begun."""
    if not given:
        return
    # Two authors who save at once would not see each other's half of a circle.
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext("prerequisites"))))
    mine = select(CourseAuthor.course_id).where(CourseAuthor.person_id == author_id)
    shown = or_(Course.current_version_id.is_not(None), Course.owner_id == author_id, Course.id.in_(mine))
    found = set(await session.scalars(select(Course.id).where(Course.id.in_(given), shown)))
    if missing := [one for one in given if one not in found]:
        raise WrongPrerequisite(f"There is no published course with the id {missing[0]}; GET /courses lists them.")
    if await session.scalar(NEEDS, {"given": given, "course_id": course_id}):
        raise WrongPrerequisite("One of the prerequisites needs this course itself first: leave it out.")
