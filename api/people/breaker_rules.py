"""When a load is likelier a broken export than the truth: limits in, trips out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Check = Literal["ends", "orphans", "cycles", "nulled", "halved", "refused"]


@dataclass(frozen=True, slots=True)
class Limit:
    """More than this share trips; fewer than `least` never do, so that a small team may change as it likes."""

    share: float
    least: int

    def is_passed(self, found: int, of: int) -> bool:
        return found >= self.least and found > of * self.share


@dataclass(frozen=True, slots=True)
class Limits:
    """What a source may change at once without anybody looking; `hold:` of its mapping."""

    ends: Limit = Limit(0.10, 20)
    """Of the people employed, those whose employment would end."""
    orphans: Limit = Limit(0.05, 20)
    """Of those who have a manager, those who would have none who works here."""
    nulled: Limit = Limit(0.50, 20)
    """Of the values of one column, those that would be empty."""
    halved: Limit = Limit(0.50, 10)
    """Of the people of one unit and below, those who would be neither in it nor below; half is enough."""
    refused: Limit = Limit(0.25, 20)
    """Of the rows, those that break the contract: as a rule a required column is empty."""
    cycles: bool = True
    """Whether a new circle of managers stops the load; else only its people are kept out."""

    @property
    def least(self) -> int:
        """Where fewer of anything is found, none of the limits is passed."""
        return min(one.least for one in (self.ends, self.orphans, self.nulled, self.halved, self.refused))


@dataclass(frozen=True, slots=True)
class Trip:
    """One reason to stop: `found` of `of` is beyond the limit; `says` is a sentence for who decides."""

    check: Check
    found: int
    of: int
    says: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What a load would do, counted. Units are by code; `parents` are today's, and of new units the load's."""

    active: int
    ends: int
    managed: int
    nulled: Mapping[str, tuple[int, int]]
    """By column (how many values would be emptied, how many there are)."""
    units: Mapping[str, str]
    """Names by code."""
    parents: Mapping[str, str | None]
    here: Mapping[str, int]
    """People of a unit itself, today."""
    moves: Mapping[tuple[str, str | None], int]
    """People by (their unit today, the one that they would be in or None)."""
    rows: int
    orphans: int = 0
    refused: int = 0
    circles: tuple[str, ...] = ()
    """Each new circle as its own sentence."""


def trips(effect: Effect, limits: Limits) -> list[Trip]:
    """Everything that is beyond its limit, the gravest kind first."""
    return [
        *_share("ends", effect.ends, effect.active, limits.ends, "people", "would leave at once"),
        *_share("orphans", effect.orphans, effect.managed, limits.orphans, "people", "would lose their manager"),
        *(Trip("cycles", 1, 0, f"New {circle}.") for circle in effect.circles if limits.cycles),
        *(
            trip
            for column, (found, of) in effect.nulled.items()
            for trip in _share("nulled", found, of, limits.nulled, f"values of {column}", "would be emptied")
        ),
        *_halved(effect, limits.halved),
        *_share("refused", effect.refused, effect.rows, limits.refused, "rows", "break the contract"),
    ]


def _share(check: Check, found: int, of: int, limit: Limit, what: str, would: str) -> Iterable[Trip]:
    if limit.is_passed(found, of):
        yield Trip(
            check, found, of, f"{found:,} of {of:,} {what} ({found / of:.0%}) {would}, more than {limit.share:.0%}."
        )


def _halved(effect: Effect, limit: Limit) -> Iterable[Trip]:
    """A unit counts with all below it as they are today: one that moves elsewhere with its people loses nobody."""
    total: dict[str, int] = {}
    lost: dict[str, int] = {}
    above = {code: _line(code, effect.parents) for code in {*effect.here, *(old for old, _ in effect.moves)}}
    for code, people in effect.here.items():
        for unit in above[code]:
            total[unit] = total.get(unit, 0) + people
    for (old, new), people in effect.moves.items():
        still = set(_line(new, effect.parents)) if new else set()
        for unit in above[old]:
            if unit not in still:
                lost[unit] = lost.get(unit, 0) + people
        for unit in still - set(above[old]):
            lost[unit] = lost.get(unit, 0) - people
    for code, gone in sorted(lost.items(), key=lambda one: (-one[1], one[0])):
        of = total.get(code, 0)
        if gone >= limit.least and gone >= of * limit.share:
            says = f"{effect.units.get(code, code)} would go from {of:,} people to {of - gone:,}."
            yield Trip("halved", gone, of, says)


def _line(code: str | None, parents: Mapping[str, str | None]) -> list[str]:
    """A unit and those above it; a circle of units ends where it began."""
    line: list[str] = []
    while code is not None and code not in line:
        line.append(code)
        code = parents.get(code)
    return line
