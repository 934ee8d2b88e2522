"""From all that a source said of one employee number to its employments: the same whatever order it arrived in."""

import uuid
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from api.people.rules import RosterRow

DAY = timedelta(1)
Order = tuple[date, datetime, uuid.UUID]
"""(the day it is of, when the source said it, the import)"""


class Attributes(NamedTuple):
    """What holds for a stretch of time."""

    job_title: str
    org_unit_code: str
    manager_number: str | None
    location: str | None
    country: str | None
    cost_center: str | None


class Stretch(NamedTuple):
    """`until` is exclusive; None is open."""

    since: date
    until: date | None
    attributes: Attributes


@dataclass(slots=True)
class Observation:
    """What one import said of the number: rows, or (`absent`) that it is not listed, or (`silent`) nothing."""

    order: Order
    kind: str
    is_whole: bool
    rows: Sequence[RosterRow] = ()


@dataclass(slots=True)
class Employment:
    started_on: date
    ended_on: date | None = None
    changes: dict[date, Attributes] = field(default_factory=dict)
    """From which day each holds, until the next."""

    def at(self, day: date) -> Attributes | None:
        days = sorted(self.changes)
        place = bisect_right(days, day)
        return self.changes[days[place - 1]] if place else None

    def is_over_before(self, day: date) -> bool:
        return self.ended_on is not None and self.ended_on < day

    def stretches(self) -> list[Stretch]:
        """The first holds from the start on, as nothing else is known; nothing holds after the end."""
        end = self.ended_on + DAY if self.ended_on else None
        found: list[Stretch] = []
        days = sorted(self.changes)
        for n, day in enumerate(days):
            since = self.started_on if n == 0 else max(day, self.started_on)
            until = min((d for d in (days[n + 1] if n + 1 < len(days) else None, end) if d), default=None)
            if until is not None and until <= since:
                continue
            if found and found[-1].attributes == self.changes[day]:
                found[-1] = found[-1]._replace(until=until)
            else:
                found.append(Stretch(since, until, self.changes[day]))
        return found


def replay(told: Iterable[Observation], whole: Iterable[Order], known: Collection[str]) -> list[Employment]:
    """The employments of one number, by start.

    `told` are the kept observations; an import of everybody (`whole`) without one said what was said before it. A
    manager who is not among the `known` numbers changes nothing for somebody who has one.
    """
    kept = {one.order: one for one in told}
    employments: list[Employment] = []
    last: Observation | None = None
    for order in sorted({*kept, *whole}):
        one = kept.get(order) or (last and Observation(order, last.kind, True, last.rows))
        if one is None or one.kind == "silent":
            continue
        last = one
        if one.kind == "absent":
            _end(employments, order[0])
        else:
            _tell(employments, one, known)
    return employments


def _end(employments: list[Employment], day: date) -> None:
    """Who is not listed worked until yesterday; who has not begun yet is not listed by every source."""
    for one in employments:
        if one.started_on <= day and not one.is_over_before(day):
            one.ended_on = day - DAY


def _tell(employments: list[Employment], told: Observation, known: Collection[str]) -> None:
    day = told.order[0]

    def since(row: RosterRow) -> date:
        return max(row.valid_from or day, row.started_on)

    rows = sorted(told.rows, key=lambda row: (row.started_on, since(row)))
    for started_on, group in groupby(rows, key=lambda row: row.started_on):
        stretches = list(group)
        one = _place(employments, started_on, stretches[-1].ended_on, day)
        one.ended_on = stretches[-1].ended_on
        if told.is_whole and any(row.valid_from for row in stretches):
            first = since(stretches[0])
            one.changes = {at: what for at, what in one.changes.items() if at < first}
        for row in stretches:
            _change(one, since(row), row, known)


def _change(one: Employment, since: date, row: RosterRow, known: Collection[str]) -> None:
    """A row without a date is news only if it was otherwise; one with a date stands for itself."""
    before = one.at(since)
    manager = row.manager_number
    if manager is not None and manager not in known:
        manager = before.manager_number if before else None
    now = Attributes(row.job_title, row.org_unit_code, manager, row.location, row.country, row.cost_center)
    if row.valid_from or now != before:
        one.changes[since] = now


def _place(employments: list[Employment], started_on: date, ended_on: date | None, day: date) -> Employment:
    """The employment that a row is of: the one with its start; one whose start it corrects; or a new one.

    A start that lies ahead, or an earlier one, corrects; a later one after the old one began is a second employment,
    and the old one ended the day before.
    """
    for one in employments:
        if one.started_on == started_on:
            return one
    overlapping = [
        one
        for one in employments
        if not one.is_over_before(started_on) and (ended_on is None or one.started_on <= ended_on)
    ]
    placed = overlapping[-1] if overlapping else None
    if placed is None or (placed.started_on < started_on and placed.started_on <= day):
        placed = Employment(started_on)
        employments.append(placed)
    else:
        between = sorted((placed.started_on, started_on))
        employments[:] = [one for one in employments if one is placed or not between[0] <= one.started_on <= between[1]]
        placed.started_on = started_on
    for one in employments:
        if one.started_on < started_on and not one.is_over_before(started_on):
            one.ended_on = started_on - DAY
    employments.sort(key=lambda one: one.started_on)
    return placed
