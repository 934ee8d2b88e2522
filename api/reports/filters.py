"""What a report is narrowed to."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.core.errors import ProblemError
from api.reports.snapshots import Snapshot


class NotYet(ProblemError):
    status = 422
    title = "This day has not been yet"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the caller narrows the report to; None means all, and for `as_of` the day of the snapshot."""

    due_from: date | None = None
    due_to: date | None = None
    team: str | None = None
    courses: tuple[uuid.UUID, ...] | None = None
    status: str | None = None
    people: tuple[uuid.UUID, ...] | None = None
    as_of: date | None = None
    units: tuple[uuid.UUID, ...] = ()
    """One: it with all below it; several: the same of each, side by side."""
    q: str | None = None
    """A part of a person's name."""

    def parameters(self, snapshot: Snapshot, limit: int | None, offset: int = 0) -> dict[str, Any]:
        """Those of the queries."""
        if self.as_of and self.as_of > snapshot.day:
            raise NotYet(
                f"Give {snapshot.day} or a day before it; due days of the future are in `due_from` and `due_to`."
            )
        return {
            "today": self.as_of or snapshot.day,
            "as_of": self.as_of,
            "due_from": self.due_from,
            "due_to": self.due_to,
            "team": self.team,
            "courses": None if self.courses is None else [str(one) for one in self.courses],
            "people": None if self.people is None else [str(one) for one in self.people],
            "status": self.status,
            "q": self.q,
            "limit": limit,
            "offset": offset,
        }
