"""How many courses each filter of the catalogue would leave: counted with the other filters, but not with its own."""
# ruff: noqa: S608 (statements are put together of our own words, values are always bound)

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
BANDS = ", ".join(f"count(*) filter (where duration_min <= {minutes})" for minutes in MINUTES)


async def count_facets(
    reader: AsyncConnection, asked: Asked, stems: list[str], *, meant: str = "", alike: bool = False
) -> dict[str, Any]:
    """`total`, and of each facet the values with their counts; `meant` and `alike` as the courses were found."""
    search = meant or asked.search
    source = "" if not search else LOOKS_ALIKE if alike and not meant else SEARCHED
    statement = _statement(asked, source)
    given = values(asked, stems, search) | {"search": search}
    given = {name: value for name, value in given.items() if f":{name}" in statement}
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for facet, value, counts in (await reader.execute(text(statement), given)).all():
        if facet == "max_minutes":
            found[facet] = [{"value": one, "count": n} for one, n in zip(MINUTES, counts, strict=True)]
        else:
            found[facet].append({"value": value, "count": counts[0]})
    total = found.pop("total")[0]["count"]
    return {"total": total, "facets": {name: found[name] for name in (*GROUPED, "skill", "max_minutes")}}


def _statement(asked: Asked, source: str) -> str:
    """(facet, value, counts) rows. Facets with the same condition are counted in one pass over the courses."""
    table = "found" if source else "course_search"
    passes: dict[str, list[str]] = defaultdict(list)
    for name in GROUPED:
        passes[_but(asked, name)].append(name)
    parts = [
        f"(select case {' '.join(_when(name) for name in names)} end,"
        f" coalesce({', '.join(names)}), array[count(*)] from {table} {where}"
        f" group by grouping sets ({', '.join(f'({name})' for name in names)}) order by 3 desc, 2)"
        for where, names in passes.items()
    ]
    return f"""
        {f"with {source}" if source else ""} {" union all ".join(parts)}
        union all (select 'total', '', array[count(*)] from {table} {_but(asked)})
        union all (select 'max_minutes', '', array[{BANDS}] from {table} {_but(asked, "max_minutes")})
        union all (
            select 'skill', skill, array[count(*)] from {table}, unnest(skills) skill {_but(asked, "skill")}
            group by skill order by 3 desc, 2 limit {MOST_SKILLS}
        )
    """


def _when(name: str) -> str:
    return f"when grouping({name}) = 0 then '{name}'"


def _but(asked: Asked, own: str = "") -> str:
    """All filters that were given, without one."""
    given = [told for name, told in FILTERS.items() if name != own and getattr(asked, name)]
    return f"where {' and '.join(given)}" if given else ""
