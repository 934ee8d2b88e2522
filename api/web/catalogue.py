"""The catalogue's page: the same answers as GET /courses, with what the reader has of each course."""

import uuid
from collections.abc import Sequence
from typing import Annotated, Any, get_args
from urllib.parse import quote, urlencode

from babel import Locale, UnknownLocaleError
from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.http import SessionDep, SettingsDep
from api.core.i18n import gettext as _
from api.core.i18n import wording
from api.courses.catalogue import Catalogue
from api.courses.draft_schemas import Difficulty
from api.courses.search_rules import SORTS, Asked
from api.identity.rules import Principal
from api.learning.models import Enrollment
from api.web.shell import learner_page

router = APIRouter(include_in_schema=False)
A_PAGE, MOST_SHOWN, TONES = 18, 360, 6
Text = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")]


class Address:
    """Of the page with these filters, without what is as it is by itself."""

    def __init__(self, **given: str) -> None:
        self.given = {name: value for name, value in given.items() if value}

    def but(self, **changes: str) -> str:
        told = {name: value for name, value in {**self.given, **changes}.items() if value}
        return f"/catalogue?{urlencode(told, quote_via=quote)}" if told else "/catalogue"


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
    """A filter that there isn't is left out: links are kept for long, and this page helps whoever follows one."""
    filters = {
        "category": category,
        "difficulty": difficulty if difficulty in get_args(Difficulty) else "",
        "language": language[:12],
        "skill": skill,
        "max_minutes": max_minutes if max_minutes.isdecimal() and 0 < int(max_minutes[:6]) < 100_000 else "",
    }
    sort = sort if sort in SORTS else ""
    address = Address(search=search.strip(), **filters, sort=sort)
    most = max(A_PAGE, min(MOST_SHOWN, int(show[:4]))) if show.isdecimal() else A_PAGE
    asked = Asked(
        search=search.strip(),
        **{**filters, "max_minutes": int(filters["max_minutes"]) if filters["max_minutes"] else None},  # type: ignore[arg-type]
        sort=sort or ("relevance" if search.strip() else "popular"),  # type: ignore[arg-type]
        facets=True,
        limit=A_PAGE,
    )

    async def load(who: Principal) -> dict[str, Any]:
        answers: Catalogue = request.app.state.catalogue
        found = await _pages(answers, asked, most)
        others = [] if found["items"] else await _pages(answers, Asked(sort="popular", limit=3), 3)
        others = others and others["items"]
        shown = [*found["items"], *others]
        return {
            **found,
            "others": others,
            "mine": await _mine(session, who.person_id, [one["id"] for one in shown]),
            "facets": _facets(found["facets"], filters, address),
            "chips": _chips(filters, address),
            "sorts": _sorts(),
        }

    is_part = "hx-request" in request.headers and "hx-history-restore-request" not in request.headers
    template = "learn/catalogue_found.html" if is_part else "learn/catalogue.html"
    values = {"asked": asked, "address": address, "filters": filters, "sort": sort, "show": most, "tone": _tone}
    values |= {"page_size": A_PAGE, "language_name": language_name, "level": level_name}
    response = await learner_page(request, session, settings, template, section="catalogue", load=load, **values)
    if is_part:
        response.headers["HX-Replace-Url" if "hx-boosted" not in request.headers else "HX-Push-Url"] = address.but(
            show=str(most) if most > A_PAGE else ""
        )
    response.headers["Vary"] = "HX-Request"
    return response


async def _pages(answers: Catalogue, asked: Asked, most: int) -> dict[str, Any]:
    """Page after page, as the API gives them, until `most` courses are there."""
    first = (await answers.find(asked)).told
    items, following = list(first["items"]), first["next"]
    while following and len(items) < most:
        more = (await answers.find(_next(asked, following))).told
        items, following = items + more["items"], more["next"]
    return {**first, "items": items, "next": following}


def _next(asked: Asked, cursor: str) -> Asked:
    told = {name: getattr(asked, name) for name in Asked.__slots__}
    return Asked(**{**told, "facets": False, "cursor": cursor})


async def _mine(session: AsyncSession, person_id: uuid.UUID, courses: Sequence[uuid.UUID]) -> dict[uuid.UUID, Any]:
    columns = (Enrollment.course_id, Enrollment.progress_percent, Enrollment.completed_at, Enrollment.retake_version_id)
    mine = select(*columns).filter_by(person_id=person_id, withdrawn_at=None).where(Enrollment.course_id.in_(courses))
    return {row.course_id: row for row in await session.execute(mine)}


def _tone(category: str) -> int:
    """Which of the placeholders a category has: the same one everywhere."""
    return sum(category.casefold().encode()) % TONES


def language_name(code: str) -> str:
    try:
        name = Locale.parse(code, sep="-").get_display_name(wording().locale)
    except (UnknownLocaleError, ValueError):
        return code
    return name[:1].upper() + name[1:] if name else code


def level_name(difficulty: str) -> str:
    names = {"beginner": _("Beginner"), "intermediate": _("Intermediate"), "advanced": _("Advanced")}
    return names.get(difficulty, difficulty)


def _said(facet: str, value: str) -> str:
    """A filter's value, for a person."""
    if facet == "max_minutes":
        return _("Up to {duration}").format(duration=wording().duration(60 * int(value)))
    return {"difficulty": level_name, "language": language_name}.get(facet, str)(value)


def _facets(counted: dict[str, Any], filters: dict[str, str], address: Address) -> list[dict[str, Any]]:
    titles = {
        "category": _("Topic"),
        "difficulty": _("Level"),
        "max_minutes": _("Duration"),
        "language": _("Language"),
        "skill": _("Skill"),
    }
    return [
        {
            "name": name,
            "title": title,
            "values": [
                {
                    "key": quote(f"{name}-{one['value']}"),
                    "text": _said(name, str(one["value"])),
                    "count": one["count"],
                    "is_on": filters[name] == str(one["value"]),
                    "href": address.but(**{name: "" if filters[name] == str(one["value"]) else str(one["value"])}),
                }
                for one in counted[name][: 10 if name == "skill" else 20]
                if one["count"] or filters[name] == str(one["value"])
            ],
        }
        for name, title in titles.items()
    ]


def _chips(filters: dict[str, str], address: Address) -> list[dict[str, str]]:
    return [{"text": _said(name, value), "href": address.but(**{name: ""})} for name, value in filters.items() if value]


def _sorts() -> list[tuple[str, str]]:
    """The first is what happens by itself: without words, the most taken."""
    return [
        ("", _("Best match")),
        ("popular", _("Most taken")),
        ("newest", _("Newest")),
        ("rating", _("Best rated")),
        ("duration", _("Shortest")),
        ("title", _("Title")),
    ]
