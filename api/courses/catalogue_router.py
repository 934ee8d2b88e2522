"""GET /courses."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.core.fast_lane import LanedRoute, fast_lane
from api.core.http import problems
from api.courses.catalogue import Catalogue
from api.courses.catalogue_schemas import CoursePage
from api.courses.search_rules import Asked, Sort
from api.identity.deps import PrincipalDep, bearer, current_principal

Text = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$", examples=["safety"])]


async def remembered(request: Request) -> Response | None:
    """A query string whose answer is known is answered without checking its parameters again: only who asks."""
    catalogue: Catalogue = request.app.state.catalogue
    known = catalogue.remembered(request.scope["query_string"])
    if known is None:
        return None
    await current_principal(request, await bearer(request))
    return Response(known.body, media_type="application/json")


router = APIRouter(tags=["courses"], route_class=LanedRoute)


@router.get(
    "/courses",
    operation_id="searchCourses",
    summary="Search the catalogue",
    responses={200: {"model": CoursePage}, **problems(401)},
    response_class=Response,
)
@fast_lane(remembered)
async def search_courses(
    request: Request,
    _: PrincipalDep,
    search: Text = "",
    category: Text = "",
    difficulty: Annotated[Literal["", "beginner", "intermediate", "advanced"], Query()] = "",
    language: Annotated[str, Query(max_length=12, pattern=r"^[A-Za-z0-9-]*$", examples=["en"])] = "",
    skill: Text = "",
    max_minutes: Annotated[int | None, Query(ge=1, le=100_000, examples=[30])] = None,
    sort: Annotated[Sort, Query(description="`relevance` without words to search for is by title.")] = "relevance",
    facets: Annotated[bool, Query(description="Also count what each filter would leave.")] = False,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=40, examples=["bzIw"])] = None,
) -> Response:
    """Published courses whose title, skills, texts or captions have the words, in the stems of each course's language.

    The last word may be half typed. Where no course has the words, what is spelt alike is listed. What was published is
    found within a second.
    """
    asked = Asked(
        search=search,
        category=category,
        difficulty=difficulty,
        language=language,
        skill=skill,
        max_minutes=max_minutes,
        sort=sort,
        facets=facets,
        limit=limit,
        cursor=cursor,
    )
    catalogue: Catalogue = request.app.state.catalogue
    found = await catalogue.find(asked, request.scope["query_string"])
    return Response(found.body, media_type="application/json")
