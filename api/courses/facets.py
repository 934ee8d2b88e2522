"""How many courses each filter of the catalogue would leave: counted with the other filters, but not with its own."""

from collections import defaultdict
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.courses.queries import ALIKE, ASKED, FILTERS, values
from api.courses.search_rules import Asked

MINUTES = (15, 30, 60, 120)
MOST_SKILLS = 20
GROUPED = ("category", "difficulty", "language")
COLUMNS = "category, difficulty, language, skills, duration_min"
SEARCHED = f"""
    {ASKED}, found as materialized (
        select {COLUMNS} from course_search s where s.search @@ (select q from asked)
    )
"""
LOOKS_ALIKE = f"{ALIKE}, found as (select {COLUMNS} from alike)"


async def count_facets(
    reader: AsyncConnection, asked: Asked, stems: list[str], *, meant: str = "", alike: bool = False
) -> dict[str, Any]:
    """`total` and, of each facet, the values with their counts; `meant` and `alike` as the list of courses was found."""
    search = meant or asked.search
    source = "" if not search else LOOKS_ALIKE if alike and not meant else SEARCHED
    given = values(asked, stems, search) | {"search": search}
    statement = _statement(asked, source)
    given = {name: value for name, value in given.items() if f":{name}" in statement}
    rows = (await reader.execute(text(statement), given)).all()
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for facet, value, count in rows:
        found[facet].append({"value": int(value) if facet == "max_minutes" else value, "count": count})
    total = found.pop("total")[0]["count"]
    named = {name: found[name] for name in (*GROUPED, "skill", "max_minutes")}
    return {"total": total, "facets": named}


def _statement(asked: Asked, source: str) -> str:
    table = "found" if source else "course_search"
    parts = [f"(select 'total', '', count(*) from {table} {_but(asked)})"]
    parts += [
        f"(select '{name}', {name}, count(*) from {table} {_but(asked, name)} group by {name} order by 3 desc, 2)"
        for name in GROUPED
    ]
    parts += [
        f"(select 'skill', skill, count(*) from {table}, unnest(skills) skill {_but(asked, 'skill')}"
        f" group by skill order by 3 desc, 2 limit {MOST_SKILLS})"
    ]
    counts = ", ".join(f"count(*) filter (where duration_min <= {minutes})" for minutes in MINUTES)
    values_of = ", ".join(f"('{minutes}', n[{place}])" for place, minutes in enumerate(MINUTES, 1))
    parts += [
        f"(select 'max_minutes', told.* from (select array[{counts}] as n from {table} {_but(asked, 'max_minutes')}) c,"
        f" lateral (values {values_of}) told)"
    ]
    return f"{f'with {source}' if source else ''} {' union all '.join(parts)}"


def _but(asked: Asked, own: str = "") -> str:
    """All filters that were given, without one."""
    given = [told for name, told in FILTERS.items() if name != own and getattr(asked, name)]
    return f"where {' and '.join(given)}" if given else ""
