"""What a page that plays a package calls."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request

from api.core.http import BODY, SessionDep, SettingsDep, problems
from api.identity.deps import LearnerDep
from api.learning import packages
from api.learning.package_schemas import PackageStateIn, PackageStateOut, PackageStateSaved
from api.learning.schemas import ID

router = APIRouter(tags=["learning"])
CourseId = Annotated[uuid.UUID, Query(examples=[ID])]
ModuleId = Annotated[uuid.UUID, Query(examples=[ID])]


@router.get(
    "/package-state",
    operation_id="packageState",
    summary="A package with what it keeps of me",
    responses=problems(401, 404, 409),
)
async def package_state(
    me: LearnerDep,
    session: SessionDep,
    settings: SettingsDep,
    request: Request,
    course_id: CourseId,
    module_id: ModuleId,
    preview: Annotated[bool, Query(description="As an author, also of a draft: nothing is kept.")] = False,
) -> PackageStateOut:
    key = request.app.state.media_key
    ids = {"person_id": me.person_id, "course_id": course_id, "module_id": module_id}
    return await packages.package_state(session, settings, key, **ids, is_preview=preview)


@router.put(
    "/package-state",
    operation_id="savePackageState",
    summary="Keep what a package says",
    responses=problems(*BODY, 401, 404, 409),
)
async def save_package_state(body: PackageStateIn, me: LearnerDep, session: SessionDep) -> PackageStateSaved:
    """Idempotent. From what is kept the server decides how far the learner is: completion leads to /progress.

    409 where another window saved since this one read: nothing is overwritten unseen.
    """
    return await packages.save_package_state(session, person_id=me.person_id, sent=body)
