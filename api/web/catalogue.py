"""The catalogue's page: the same answers as GET /courses, with what the reader has of each course."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Query, Request, Response, status
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.http import SessionDep, SettingsDep
from api.courses.catalogue import Catalogue
from api.courses.draft_schemas import Difficulty
from api.courses.search_rules import SORTS, Asked
from api.identity.rules import Principal
from api.learning.models import Enrollment
from api.web.catalogue_words import Address, chips_of, facets_of, language_name, level_name, sorts, tone_of
from api.web.shell import learner_page

router = APIRouter(include_in_schema=False)
A_PAGE, MOST_SHOWN = 18, 360
Text = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")]


@router.get("/catalogue")
async def catalogue(
    request: Request,
    session: SessionDep,
    settings: SettingsDep,
    search: Text = "",
    category: Text = "",
    difficulty: Text = "",
    language: Text = "",
    skill: Text = "",
    max_minutes: Text = "",
    sort: Text = "",
    show: Text = "",
) -> Response:
    """Whole, or for htmx what was found alone."""
    filters = _filters(category, difficulty, language, skill, max_minutes)
    sort = sort if sort in SORTS else ""
    address = Address(search=search.strip(), **filters, sort=sort)
    most = max(A_PAGE, min(MOST_SHOWN, int(show[:4]))) if _is_number(show) else A_PAGE
    asked = _asked(search.strip(), filters, sort)

    async def load(who: Principal) -> dict[str, Any]:
        return await _load(request.app.state.catalogue, session, who.person_id, asked, most, filters, address)

    is_part = "hx-request" in request.headers and "hx-history-restore-request" not in request.headers
    template = "learn/catalogue_found.html" if is_part else "learn/catalogue.html"
    values: dict[str, Any] = {
        "asked": asked,
        "address": address,
        "filters": filters,
        "sort": sort,
        "show": most,
        "tone": tone_of,
    }
    values |= {"page_size": A_PAGE, "most_shown": MOST_SHOWN, "language_name": language_name, "level": level_name}
    response = await learner_page(request, session, settings, template, section="catalogue", load=load, **values)
    if is_part and response.status_code == status.HTTP_303_SEE_OTHER:  # a piece would be exchanged for the sign-in
        return Response(headers={"HX-Redirect": response.headers["location"]})
    if is_part:
        name = "HX-Push-Url" if "hx-boosted" in request.headers else "HX-Replace-Url"
        response.headers[name] = address.but(show=str(most) if most > A_PAGE else "")
    response.headers["Vary"] = "HX-Request"
    return response


def _is_number(given: str) -> bool:
    return given.isascii() and given.isdecimal()


def _filters(category: str, difficulty: str, language: str, skill: str, max_minutes: str) -> dict[str, str]:
    """A value that there isn't is left out: links are kept for long, and the page helps whoever follows one."""
    has_minutes = _is_number(max_minutes) and 0 < int(max_minutes[:9]) < 100_000
    return {
        "category": category,
        "difficulty": difficulty if difficulty in get_args(Difficulty) else "",
        "language": language[:12],
        "skill": skill,
        "max_minutes": max_minutes if has_minutes else "",
    }


def _asked(search: str, filters: dict[str, str], sort: str) -> Asked:
    told: dict[str, Any] = {**filters, "max_minutes": int(filters["max_minutes"] or 0) or None}
    told["sort"] = sort or ("relevance" if search else "popular")
    return Asked(search=search, **told, facets=True, limit=A_PAGE)


async def _load(
    answers: Catalogue,
    session: AsyncSession,
    person_id: uuid.UUID,
    asked: Asked,
    most: int,
    filters: dict[str, str],
    address: Address,
) -> dict[str, Any]:
    found = await _pages(answers, asked, most)
    others = [] if found["items"] else (await _pages(answers, Asked(sort="popular", limit=3), 3))["items"]
    shown = [one["id"] for one in [*found["items"], *others]]
    return {
        **found,
        "others": others,
        "mine": await _mine(session, person_id, shown),
        "facets": facets_of(found["facets"], filters, address),
        "chips": chips_of(filters, address),
        "sorts": sorts(),
    }


async def _pages(answers: Catalogue, asked: Asked, most: int) -> dict[str, Any]:
    """Page after page, as the API gives them, until `most` courses are there."""
    first = (await answers.find(asked)).told
    items, following = list(first["items"]), first["next"]
    while following and len(items) < most:
        more = (await answers.find(replace(asked, facets=False, cursor=following))).told
        items, following = items + more["items"], more["next"]
    return {**first, "items": items, "next": following}


async def _mine(session: AsyncSession, person_id: uuid.UUID, courses: Sequence[uuid.UUID]) -> dict[uuid.UUID, Any]:
    columns = (Enrollment.course_id, Enrollment.progress_percent, Enrollment.completed_at, Enrollment.retake_version_id)
    mine = select(*columns).filter_by(person_id=person_id, withdrawn_at=None).where(Enrollment.course_id.in_(courses))
    return {row.course_id: row for row in await session.execute(mine)}
