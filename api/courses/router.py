"""Who writes a course."""

import uuid
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query

from api.core.http import BODY, SessionDep, problems
from api.courses import service
from api.courses.draft_schemas import ID
from api.courses.schemas import AuthorOut, AuthorPage, AuthorsIn
from api.identity.deps import CreatorDep
from api.people.models import Person

router = APIRouter(tags=["courses"])


@router.put(
    "/course-authors",
    operation_id="setCourseAuthors",
    summary="Name the co-authors of my course",
    responses=problems(*BODY, 401, 404),
)
async def set_authors(body: AuthorsIn, creator: CreatorDep, session: SessionDep) -> AuthorPage:
    """They edit, publish and read how it does, like the owner; only the owner names them."""
    found = await service.set_co_authors(session, creator, course_id=body.course_id, emails=list(body.emails))
    return _authors(found)


@router.get(
    "/course-authors",
    operation_id="courseAuthors",
    summary="The co-authors of my course",
    responses=problems(401, 403, 404),
)
async def get_authors(
    creator: CreatorDep, session: SessionDep, course_id: Annotated[uuid.UUID, Query(examples=[ID])]
) -> AuthorPage:
    course = await service.authored_course(session, course_id, creator.person_id)
    return _authors(await service.co_authors(session, course.id))


def _authors(people: Sequence[Person]) -> AuthorPage:
    return AuthorPage(items=[AuthorOut(id=one.id, name=one.display_name, email=one.email) for one in people])
