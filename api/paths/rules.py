"""When a path is finished, which of its courses is open, and which comes next: plain values."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

State = Literal["done", "going", "waiting", "pending_approval", "open", "locked", "gone"]


@dataclass(frozen=True, slots=True)
class Step:
    """A course on a path as one person has it. `status`: going, waiting, pending_approval or None."""

    course_id: uuid.UUID
    is_required: bool = True
    is_offered: bool = True
    is_done: bool = False
    percent: int = 0
    status: Literal["going", "waiting", "pending_approval"] | None = None
    was_left: bool = False
    """Given back, taken back or declined before: a person begins it again, nothing does so for them."""

    @property
    def asks(self) -> bool:
        """Whether the path needs it of this person: a course that is no longer offered can't be asked for."""
        return self.is_required and (self.is_offered or self.is_done or self.status == "going")


def is_finished(steps: Sequence[Step]) -> bool:
    asked = [step for step in steps if step.asks]
    return bool(asked) and all(step.is_done for step in asked)


def percent(steps: Sequence[Step]) -> int:
    """Of what it asks, the courses' own progress counted equally."""
    asked = [step for step in steps if step.asks]
    return sum(100 if step.is_done else min(99, step.percent) for step in asked) // len(asked) if asked else 0


def states(steps: Sequence[Step], *, is_ordered: bool) -> list[State]:
    """What is begun goes on; of an ordered path the rest opens once all that it asks for before is done."""
    found: list[State] = []
    is_open = True
    for step in steps:
        if step.is_done:
            found.append("done")
        elif step.status:
            found.append(step.status)
        elif not step.is_offered:
            found.append("gone")
        else:
            found.append("open" if is_open else "locked")
        is_open = is_open and (not is_ordered or step.is_done or not step.asks)
    return found


def to_begin(steps: Sequence[Step], *, is_ordered: bool) -> uuid.UUID | None:
    """The course that an ordered path enrols its learner in now. A free one leaves the choice: it would take seats
    and reminders of courses that nobody means to begin yet.
    """
    if not is_ordered:
        return None
    following = next((step for step in steps if step.asks and not step.is_done), None)
    can_begin = following is not None and following.status is None and not following.was_left
    return following.course_id if following and can_begin else None
