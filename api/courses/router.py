"""The catalogue, and what creators do."""

import uuid
from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.core.http import BODY, ReaderDep, SessionDep, problems
from api.courses import service
from api.courses.draft_schemas import ID
from api.courses.schemas import AuthorOut, AuthorPage, AuthorsIn, CoursePage
from api.identity.deps import CreatorDep, PrincipalDep
from api.people.models import Person

router = APIRouter(tags=["courses"])
Text = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$", examples=["safety"])]


@router.get(
    "/courses",
    operation_id="searchCourses",
    summary="Search the catalogue",
    responses={200: {"model": CoursePage}, **problems(401)},
    response_class=Response,
)
async def search_courses(
    _: PrincipalDep,
    reader: ReaderDep,
    search: Text = "",
    category: Text = "",
    difficulty: Annotated[Literal["", "beginner", "intermediate", "advanced"], Query()] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=40, examples=["bzIw"])] = None,
) -> Response:
    """Published courses by relevance, or by title without `search`; a misspelt word finds titles that look alike."""
    rows, following = await service.search_courses(
        reader, search=search.strip(), category=category, difficulty=difficulty, limit=limit, cursor=cursor
    )
    page = {"items": [dict(row) for row in rows], "next": following}
    return Response(msgspec.json.encode(page, enc_hook=str), media_type="application/json")


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
