"""What the HR roster says and what follows from it: plain values in, plain values out."""

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from api.people.breaker_rules import Limits


@dataclass(frozen=True, slots=True)
class TeamMember:
    """One person whom somebody sees, on one day; `depth` 1 is a direct report, None who is seen by a role alone."""

    person_id: uuid.UUID
    display_name: str
    email: str | None
    job_title: str
    org_unit_id: uuid.UUID
    org_unit_name: str
    country: str | None
    manager_id: uuid.UUID | None
    depth: int | None
    via: str = "team"
    """team | dotted | delegated | role"""


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One stretch of one employment: `valid_from` None means 'as of the roster's day'; it may lie ahead.

    A source that knows its history sends several rows with `valid_from`; the others send one row a person.
    """

    employee_number: str
    display_name: str
    started_on: date
    job_title: str
    org_unit_code: str
    email: str | None = None
    ended_on: date | None = None
    manager_number: str | None = None
    location: str | None = None
    country: str | None = None
    cost_center: str | None = None
    valid_from: date | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What a directory says of a person now; `units` are names from the top down."""

    display_name: str
    email: str | None
    is_active: bool
    employee_number: str
    job_title: str | None = None
    units: tuple[str, ...] = ()
    manager_id: uuid.UUID | None = None
    location: str | None = None
    country: str | None = None
    cost_center: str | None = None


@dataclass(frozen=True, slots=True)
class OrgUnitRow:
    code: str
    name: str
    parent_code: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that is kept out, or kept with a remark; `line` counts from 1 with the header as line 1.

    Somebody whose line is kept out stays as they were: they don't count as having left.
    """

    file_name: str
    line: int
    reason: str
    raw: dict[str, Any]
    employee_number: str | None = None
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class Roster:
    """A source's whole truth on one day: who is missing has left; or (`is_whole` False) only whom it changed."""

    source: str
    as_of: date
    file_name: str
    content_hash: str
    rows: list[RosterRow]
    org_units: list[OrgUnitRow]
    refused: list[Refused] = field(default_factory=list)
    limits: Limits = field(default_factory=Limits)
    """Beyond which the import stops and asks."""
    is_whole: bool = True
    said_at: datetime | None = None
    """When the source said it: orders what came of one day. None: when it arrives."""


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What became of a roster; counts: joined, rehired, changed, left, unchanged, refused."""

    import_id: uuid.UUID
    status: str
    reason: str | None
    counts: dict[str, int]


def cycles(manager_of: dict[str, str | None]) -> list[list[str]]:
    """Every circle in employee number -> manager number, each once, as the numbers on it."""
    state: dict[str, int] = {}
    found: list[list[str]] = []
    for first in manager_of:
        path: list[str] = []
        node: str | None = first
        while node is not None and node in manager_of and node not in state:
            state[node] = 1
            path.append(node)
            node = manager_of[node]
        if node is not None and state.get(node) == 1:
            found.append(path[path.index(node) :])
        for number in path:
            state[number] = 2
    return found
