"""All that I wrote or bookmarked, by course; to read, to search and to take along."""

import uuid
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.http import SessionDep, SettingsDep
from api.core.i18n import gettext as _
from api.core.i18n import wording
from api.core.spreadsheet import csv_text
from api.identity.rules import Principal
from api.learning.bookmarks import bookmarks
from api.learning.notes import MOST, notes
from api.web.pages import go
from api.web.shell import caller, learner_page, worded

router = APIRouter(include_in_schema=False)
Search = Annotated[str, Query(max_length=200)]


@router.get("/my/notes")
async def my_notes(request: Request, session: SessionDep, settings: SettingsDep, q: Search = "") -> Response:
    async def load(who: Principal) -> dict[str, Any]:
        found, marked = await _all(session, who.person_id, q.strip())
        return {"courses": by_course(found, [] if q.strip() else marked), "q": q, "count": len(found)}

    return await learner_page(request, session, settings, "learn/notes.html", section="notes", load=load)


@router.get("/my/notes/export")
async def export(
    request: Request, session: SessionDep, settings: SettingsDep, form: Literal["md", "csv"] = "md"
) -> Response:
    """A file for whatever one keeps notes in; each with its place as a link."""
    who = await caller(request, settings)
    await worded(request, session, who)
    if who is None or who.person is None:
        return go("/sign-in?next=/my/notes")
    found, marked = await _all(session, who.person, "")
    courses = by_course(found, marked)
    base = settings.api_url
    body = as_markdown(courses, base) if form == "md" else as_csv(courses, base)
    kind = "text/markdown" if form == "md" else "text/csv"
    name = f'attachment; filename="praxis-notes.{form}"'
    return Response(body, 200, {"Content-Disposition": name, "Cache-Control": "no-store"}, f"{kind}; charset=utf-8")


async def _all(
    session: AsyncSession, person_id: uuid.UUID, search: str
) -> tuple[Sequence[RowMapping], Sequence[RowMapping]]:
    found, _following = await notes(session, person_id=person_id, search=search, limit=MOST)
    return found, await bookmarks(session, person_id=person_id)


def by_course(notes: Sequence[RowMapping], marked: Sequence[RowMapping]) -> list[dict[str, Any]]:
    """The course written in last comes first; in one, bookmarks and notes by step and place."""
    courses: dict[uuid.UUID, dict[str, Any]] = {}
    for kind, rows in (("notes", notes), ("bookmarks", marked)):
        for row in rows:
            empty = {"id": row["course_id"], "title": row["course_title"], "notes": [], "bookmarks": [], "newest": None}
            course = courses.setdefault(row["course_id"], empty)
            course[kind].append({**row, "address": address(row)})
            course["newest"] = max(filter(None, (course["newest"], row["created_at"])))
    for course in courses.values():
        course["notes"].sort(key=lambda one: (one["module_title"] or "", one["at_s"] or 0, one["created_at"]))
    return sorted(courses.values(), key=lambda one: one["newest"], reverse=True)


def address(row: RowMapping) -> str:
    """Of the place; of the course where it has that step no more."""
    if not row["is_there"] or row["module_id"] is None:
        return f"/learn/{row['course_id']}"
    at = "" if row["at_s"] is None else f"?t={row['at_s']:g}"
    return f"/learn/{row['course_id']}/{row['module_id']}{at}"


def _entries(course: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(_("Bookmark"), one) for one in course["bookmarks"]] + [(_("Note"), one) for one in course["notes"]]


def as_markdown(courses: list[dict[str, Any]], base: str) -> str:
    lines = [f"# {_('My notes and bookmarks')}"]
    for course in courses:
        lines += ["", f"## {course['title']}", ""]
        for kind, one in _entries(course):
            at = "" if one["at_s"] is None else f", {wording().place(one['at_s'])}"
            lines.append(f"- [{one['module_title'] or kind}{at}]({base}{one['address']})")
            lines += [f"  > {line}" for line in one.get("text", "").splitlines()]
    return "\n".join(lines) + "\n"


def as_csv(courses: list[dict[str, Any]], base: str) -> bytes:
    """With a byte order mark, so that Excel shows umlauts right."""
    rows: list[list[Any]] = [[_("Course"), _("Step"), _("Place"), _("Kind"), _("Text"), _("Written (UTC)"), _("Link")]]
    for course in courses:
        for kind, one in _entries(course):
            at = "" if one["at_s"] is None else wording().place(one["at_s"])
            written = one["created_at"].isoformat(timespec="seconds")
            link = base + one["address"]
            rows.append([course["title"], one["module_title"] or "", at, kind, one.get("text", ""), written, link])
    return csv_text(rows).encode("utf-8-sig")
