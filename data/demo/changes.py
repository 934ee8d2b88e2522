"""Fifteen months of joiners, leavers, movers and rehires, told as one roster a quarter."""

import itertools
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from data.demo.company import SEED, Company
from data.demo.people import Seat, Staff, founding_staff

SNAPSHOT_DAYS_AGO = (455, 365, 270, 180, 90, 1)
JOINERS, LEAVERS, MOVERS = 19, 13, 11
REHIRES = 2


@dataclass(slots=True)
class Workforce:
    """`snapshots`: what each roster says, on its day. `spans`: each person's employments, first and last day."""

    snapshots: list[tuple[date, list[Seat]]] = field(default_factory=list)
    spans: dict[str, list[tuple[date, date | None]]] = field(default_factory=dict)
    people: dict[str, Seat] = field(default_factory=dict)
    """Everyone who ever worked here, in their last seat."""

    def active(self) -> list[Seat]:
        return [seat for seat in self.snapshots[-1][1] if seat.ended_on is None]


def workforce(company: Company, anchor: date) -> Workforce:
    rng = random.Random(SEED)  # noqa: S311  (a story, not a secret)
    days = [anchor - timedelta(days=ago) for ago in SNAPSHOT_DAYS_AGO]
    staff = Staff(company, rng)
    seats = founding_staff(staff, days[0])
    told = Workforce(snapshots=[(days[0], list(seats.values()))])
    gone: list[Seat] = []
    for since, until in itertools.pairwise(days):
        left = _leave(rng, seats, since, until)
        _move(staff, seats)
        _join(staff, seats, since, until)
        if len(told.snapshots) >= 3 and gone:
            _rehire(seats, gone.pop(0), since, until)
        gone.extend(left[:REHIRES] if len(told.snapshots) == 1 else [])
        told.snapshots.append((until, [*seats.values(), *left]))
    _trace(told)
    return told


def _managers(seats: dict[str, Seat]) -> dict[str | None, list[str]]:
    below: dict[str | None, list[str]] = defaultdict(list)
    for seat in seats.values():
        below[seat.manager].append(seat.number)
    return below


def _leave(rng: random.Random, seats: dict[str, Seat], since: date, until: date) -> list[Seat]:
    """Mostly people without a team; one manager, whose longest-serving report takes over."""
    below = _managers(seats)
    leaves = [seat for seat in seats.values() if seat.number not in below and seat.started_on < since]
    left = rng.sample(leaves, LEAVERS)
    middle = [seat for seat in seats.values() if 2 < len(below.get(seat.number, ())) < 9 and seat.started_on < since]
    boss = rng.choice(middle)
    reports = [n for n in below[boss.number] if seats[n] not in left]
    if reports:
        heir = min((seats[n] for n in reports), key=lambda seat: seat.started_on)
        seats[heir.number] = heir.changed(title=boss.title, manager=boss.manager)
        for number in reports:
            if number != heir.number:
                seats[number] = seats[number].changed(manager=heir.number)
        left.append(boss)
    span = (until - since).days
    ended = [seat.changed(ended_on=since + timedelta(days=rng.randint(5, span - 2))) for seat in left]
    for seat in ended:
        del seats[seat.number]
    orphans = [seat for seat in seats.values() if seat.manager is not None and seat.manager not in seats]
    for seat in orphans:
        seats[seat.number] = seat.changed(manager=boss.manager)
    return ended


def _move(staff: Staff, seats: dict[str, Seat]) -> None:
    """People without a team take the place beside a colleague elsewhere, more often in the same country."""
    rng, below = staff.rng, _managers(seats)
    free = [seat for seat in seats.values() if seat.number not in below and len(below[seat.manager]) > 2]
    for seat in rng.sample(free, MOVERS):
        beside = rng.choice([other for other in free if other.country == seat.country and other is not seat])
        seats[seat.number] = seat.changed(title=beside.title, unit=beside.unit, manager=beside.manager)


def _join(staff: Staff, seats: dict[str, Seat], since: date, until: date) -> None:
    rng, below = staff.rng, _managers(seats)
    models = [seat for seat in seats.values() if seat.number not in below]
    span = (until - since).days
    for model in rng.sample(models, JOINERS):
        started = until - timedelta(days=int(span * rng.random() ** 1.3))
        hired = staff.hire(model.title, model.unit, model.manager, model.country, max(started, since))
        seats[hired.number] = hired


def _rehire(seats: dict[str, Seat], seat: Seat, since: date, until: date) -> None:
    manager = seat.manager if seat.manager in seats else next(iter(seats))
    started = since + (until - since) / 2
    seats[seat.number] = seat.changed(started_on=started, ended_on=None, manager=manager)


def _trace(told: Workforce) -> None:
    for _, seats in told.snapshots:
        for seat in seats:
            told.people[seat.number] = seat
            spans = told.spans.setdefault(seat.number, [])
            if spans and spans[-1][0] == seat.started_on:
                spans.pop()
            spans.append((seat.started_on, seat.ended_on))
