"""Publishing, because it touches learners; and the studio's list, because it counts them."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from api.core.http import BODY, SessionDep, SettingsDep, problems
from api.courses.drafts_router import CourseId
from api.courses.publish_schemas import AuthoredPage, PreviewOut, PublishIn, ReleaseOut, ReleasePage
from api.courses.releases import release_out, release_states
from api.identity.deps import CreatorDep
from api.learning import authored, releases
from api.media.models import MediaAsset
from api.media.service import asset_links

router = APIRouter(tags=["courses"])


@router.get(
    "/publish-preview",
    operation_id="publishPreview",
    summary="What publishing my draft needs and would do",
    responses=problems(401, 404),
)
async def publish_preview(course_id: CourseId, creator: CreatorDep, session: SessionDep) -> PreviewOut:
    """Problems to put right, warnings, and the impact: who is learning, what changed, who must do what again."""
    return PreviewOut.model_validate(await releases.preview(session, creator, course_id=course_id))


@router.post(
    "/publish-course",
    operation_id="publishCourse",
    summary="Publish the draft as an immutable version",
    responses=problems(*BODY, 401, 404, 409),
)
async def publish_course(
    body: PublishIn, creator: CreatorDep, session: SessionDep, settings: SettingsDep
) -> ReleaseOut:
    """New learners get this version from now on; those in the middle of the course stay or move. With `publish_at` it
    is done then. A course that isn't ready: 409 with all that is `missing`. Published already: the same answer.
    """
    version = await releases.publish(session, settings, creator, given=body)
    return release_out(version, release_states([version])[0])


@router.get(
    "/course-versions",
    operation_id="courseVersions",
    summary="The versions of my course",
    responses=problems(401, 404),
)
async def course_versions(course_id: CourseId, creator: CreatorDep, session: SessionDep) -> ReleasePage:
    """Newest first, the draft among them: what publishing each of them did, whose wish it was, how many are on it."""
    return ReleasePage(items=await authored.releases_of(session, course_id=course_id, author_id=creator.person_id))


@router.get(
    "/authored-courses",
    operation_id="authoredCourses",
    summary="The courses that I write",
    responses=problems(401),
)
async def authored_courses(
    creator: CreatorDep,
    session: SessionDep,
    settings: SettingsDep,
    request: Request,
    search: Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$", examples=["height"])] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
    cursor: Annotated[str | None, Query(max_length=40, examples=["bzIw"])] = None,
) -> AuthoredPage:
    """Mine and those that I write with others, the newest change first, as their newest version has them."""
    rows, following = await authored.authored_courses(
        await session.connection(), person_id=creator.person_id, search=search.strip(), limit=limit, cursor=cursor
    )
    covers = select(MediaAsset).where(MediaAsset.id.in_(row["cover_id"] for row in rows if row["cover_id"]))
    found = {one.id: one for one in await session.scalars(covers.options(selectinload(MediaAsset.object)))}

    def cover(row: Any) -> dict[str, Any] | None:
        asset = found.get(row["cover_id"])
        if asset is None:
            return None
        return {**asset_links(settings, request.app.state.media_key, asset), "alt": row["cover_alt"]}

    items = [{**row, "cover": cover(row)} for row in rows]
    return AuthoredPage.model_validate({"items": items, "next": following})
