"""The first hierarchy: nine levels from the chief executive to the line."""

import dataclasses
import random
from dataclasses import dataclass
from datetime import date, timedelta

from data.demo.company import Company, Unit
from data.demo.names import Names


@dataclass(slots=True)
class Seat:
    """Somebody's current job; a change replaces the seat, so that an earlier roster keeps its own."""

    number: str
    name: str
    email: str
    title: str
    unit: str
    manager: str | None
    country: str
    location: str
    started_on: date
    ended_on: date | None = None

    def changed(self, **fields: str | date | None) -> "Seat":
        return dataclasses.replace(self, **fields)  # type: ignore[arg-type]


class Staff:
    """Hands out employee numbers, names and seats."""

    def __init__(self, company: Company, rng: random.Random) -> None:
        self.company = company
        self.rng = rng
        self._names = Names(rng, company.domain)
        self._next = 10_001

    def hire(self, title: str, unit: str, manager: str | None, country: str, started_on: date) -> Seat:
        name, email = self._names.draw(country)
        number, self._next = f"N{self._next}", self._next + 1
        place = self.company.countries[country]["location"]
        return Seat(number, name, email, title, unit, manager, country, place, started_on)


def founding_staff(staff: Staff, on: date) -> dict[str, Seat]:
    """Everybody employed on the first day, by employee number."""
    seats: dict[str, Seat] = {}
    heads: dict[str, Seat] = {}
    for unit in staff.company.units.values():
        boss = heads[unit.parent] if unit.parent else None
        for seat in _fill(staff, unit, boss, on):
            seats[seat.number] = seat
            heads.setdefault(unit.code, seat)
    return seats


def _fill(staff: Staff, unit: Unit, boss: Seat | None, on: date) -> list[Seat]:
    """One unit, layer by layer; each layer is spread evenly over the one above, in the country of its manager."""
    filled: list[Seat] = []
    above: list[Seat | None] = [boss]
    for depth, (titles, count) in enumerate(unit.layers):
        layer: list[Seat | None] = []
        for index in range(count):
            manager = above[index % len(above)] if depth < 2 else _uneven(staff.rng, above, index)
            country = manager.country if manager and depth >= 2 else unit.countries[index % len(unit.countries)]
            hired = on - timedelta(days=int(staff.rng.triangular(30, 5200, 900)) + 250 * (len(unit.layers) - depth))
            title = staff.rng.choice(titles)
            layer.append(staff.hire(title, unit.code, manager.number if manager else None, country, hired))
        filled.extend(seat for seat in layer if seat)
        above = layer
    return filled


def _uneven(rng: random.Random, above: list[Seat | None], index: int) -> Seat | None:
    """Everyone above gets somebody first; the rest fall by chance, so that teams differ in size."""
    return above[index] if index < len(above) else rng.choice(above)
