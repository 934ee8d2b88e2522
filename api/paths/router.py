"""Paths for who learns, and for who writes them."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from api.core.http import BODY, ReaderDep, SessionDep, problems
from api.identity.deps import CreatorDep, LearnerDep
from api.learning.schemas import ID
from api.paths import authoring, service
from api.paths.models import LearningPath
from api.paths.schemas import (
    AuthoredPaths,
    PathDetail,
    PathEnrollmentOut,
    PathIn,
    PathOut,
    PathRef,
    PathsShown,
    PathUpdate,
    PathWithdrawn,
)

router = APIRouter()
PathId = Annotated[uuid.UUID, Path(examples=[ID])]
LEARN: list[Any] = ["learning"]
WRITE: list[Any] = ["courses"]
MADE: dict[int | str, dict[str, Any]] = {200: {"model": PathOut, "description": "There already"}}


@router.get(
    "/learning-paths", operation_id="learningPaths", summary="Paths to take", tags=LEARN, responses=problems(401)
)
async def learning_paths(me: LearnerDep, reader: ReaderDep) -> PathsShown:
    """What is published, and what I am on or have finished: begun ones first."""
    return PathsShown.model_validate({"items": [shown(way) for way in await service.ways(reader, me.person_id)]})


@router.get(
    "/learning-paths/{path_id}",
    operation_id="learningPath",
    summary="A path and how far I am on it",
    tags=LEARN,
    responses=problems(401, 404),
)
async def learning_path(path_id: PathId, me: LearnerDep, reader: ReaderDep) -> PathDetail:
    return PathDetail.model_validate(detail(await service.way(reader, me.person_id, path_id)))


@router.post(
    "/enroll-path",
    status_code=201,
    operation_id="enrollPath",
    summary="Set out on a path",
    tags=LEARN,
    responses={
        200: {"model": PathEnrollmentOut, "description": "On it already"},
        **problems(*BODY, 401, 404),
    },
)
async def enroll_path(body: PathRef, me: LearnerDep, session: SessionDep, response: Response) -> PathEnrollmentOut:
    """Courses finished before count. An ordered path enrols in its first course, and in each next one as it opens."""
    mine, is_new = await service.enroll_path(session, person_id=me.person_id, path_id=body.path_id)
    response.status_code = 201 if is_new else 200
    return PathEnrollmentOut.model_validate(mine, from_attributes=True)


@router.post(
    "/withdraw-path",
    operation_id="withdrawPath",
    summary="Leave a path",
    tags=LEARN,
    responses=problems(*BODY, 401, 409),
)
async def withdraw_path(body: PathRef, me: LearnerDep, session: SessionDep) -> PathWithdrawn:
    """Idempotent. The courses that were begun stay; a finished path stays too: 409."""
    was_on_it = await service.withdraw_path(session, person_id=me.person_id, path_id=body.path_id)
    return PathWithdrawn(path_id=body.path_id, was_enrolled=was_on_it)


@router.get(
    "/authored-paths", operation_id="authoredPaths", summary="Paths that I own", tags=WRITE, responses=problems(401)
)
async def authored_paths(creator: CreatorDep, reader: ReaderDep) -> AuthoredPaths:
    return AuthoredPaths.model_validate({"items": list(await authoring.authored_paths(reader, creator.person_id))})


@router.get(
    "/authored-paths/{path_id}",
    operation_id="authoredPath",
    summary="A path of mine, to edit",
    tags=WRITE,
    responses=problems(401, 404),
)
async def authored_path(path_id: PathId, creator: CreatorDep, session: SessionDep) -> PathOut:
    return await _out(session, await authoring.own_path(session, path_id, creator.person_id))


@router.post(
    "/create-path",
    status_code=201,
    operation_id="createPath",
    summary="Begin a path",
    tags=WRITE,
    responses={**MADE, **problems(*BODY, 401, 409)},
)
async def create_path(body: PathIn, creator: CreatorDep, session: SessionDep, response: Response) -> PathOut:
    """A draft that its owner alone sees. The same id again gives the one that is there with 200."""
    path, is_new = await authoring.create_path(session, creator, given=body)
    response.status_code = 201 if is_new else 200
    return await _out(session, path)


@router.put(
    "/update-path",
    operation_id="updatePath",
    summary="Change my path",
    tags=WRITE,
    responses=problems(*BODY, 401, 404, 409),
)
async def update_path(body: PathUpdate, creator: CreatorDep, session: SessionDep) -> PathOut:
    """The whole path; idempotent. A published one changes for all who have not finished it."""
    return await _out(session, await authoring.update_path(session, creator, given=body))


@router.post(
    "/publish-path",
    operation_id="publishPath",
    summary="Publish my path",
    tags=WRITE,
    responses=problems(*BODY, 401, 404, 409),
)
async def publish_path(body: PathRef, creator: CreatorDep, session: SessionDep) -> PathOut:
    """Idempotent; brings an archived one back. 409 says what it still needs."""
    return await _out(session, await authoring.publish_path(session, creator, path_id=body.path_id))


@router.post(
    "/archive-path",
    operation_id="archivePath",
    summary="Archive my path",
    tags=WRITE,
    responses=problems(*BODY, 401, 404),
)
async def archive_path(body: PathRef, creator: CreatorDep, session: SessionDep) -> PathOut:
    """Idempotent. Nobody new comes; who is on it goes on to its end."""
    return await _out(session, await authoring.archive_path(session, creator, path_id=body.path_id))


async def _out(session: SessionDep, path: LearningPath) -> PathOut:
    return PathOut.model_validate(await authoring.told(session, path))


def shown(way: service.Way) -> dict[str, Any]:
    return {
        **way.path,
        "state": way.state,
        "percent": way.percent,
        "done_count": way.done_count,
        "course_count": len(way.steps),
        "duration_min": sum(row["duration_min"] for row in way.rows),
    }


def detail(way: service.Way) -> dict[str, Any]:
    steps = [{**row, "state": state} for row, state in zip(way.rows, way.states, strict=True)]
    return {**shown(way), "steps": steps}
