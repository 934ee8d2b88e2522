"""Which units an answer tells of, and by what names."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from api.reports.filters import Filters
from api.reports.published import Sight
from api.reports.rules import Unit, compared, paths

MOST_LISTED = 500
"""Above that a list of units has the upper ones alone."""


@dataclass(frozen=True, slots=True)
class Shown:
    """`row_of`: to each unit with people the one under which it is told, by their numbers."""

    units: list[Unit]
    row_of: dict[int, int]
    listed: list[dict[str, Any]]
    teams: list[str]

    def named(self, number: int) -> dict[str, Any]:
        """Names are not unique: one that stands beside its like has the unit above it too."""
        unit = self.units[number]
        shares = sum(1 for row in set(self.row_of.values()) if self.units[row].name == unit.name) > 1
        above = next((one.name for one in self.units if one.id == unit.parent_id), None) if shares else None
        return {"unit": {"id": unit.id, "name": unit.name}, "team": f"{unit.name} ({above})" if above else unit.name}


def shown(sight: Sight, filters: Filters) -> Shown:
    units, held = sight.company.units, sight.held
    trees = paths(units)
    at = {unit.id: number for number, unit in enumerate(units)}
    chosen = {at[str(unit)] for unit in filters.units if str(unit) in at} if filters.units else None
    those = [u for u in held if filters.team is None or units[u].name == filters.team]
    return Shown(units, compared(trees, those, chosen), _listed(units, trees, held), _teams(units, held))


def _teams(units: list[Unit], held: Counter[int]) -> list[str]:
    return sorted({units[u].name for u in held})


def _listed(units: list[Unit], trees: list[list[int]], held: Counter[int]) -> list[dict[str, Any]]:
    """All that hold somebody, and those above them, as a tree; the upper levels alone where these are too many."""
    below: Counter[int] = Counter()
    for u, many in held.items():
        for above in trees[u]:
            below[above] += many
    ordered = sorted(below, key=lambda u: [units[above].name for above in trees[u]])
    depths = sorted(len(trees[u]) - 1 for u in ordered)
    deepest = depths[min(len(depths), MOST_LISTED) - 1]
    if len(ordered) > MOST_LISTED and depths[MOST_LISTED] == deepest:
        deepest -= 1
    return [
        {"id": units[u].id, "name": units[u].name, "depth": len(trees[u]) - 1, "people": below[u]}
        for u in ordered
        if len(trees[u]) - 1 <= deepest
    ]
