"""The database's ids of what was loaded, so that a story told in keys can become rows."""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from data.demo.catalogue import Course
from data.demo.changes import Workforce
from data.demo.company import SEED


@dataclass(slots=True)
class QuestionIds:
    id: str
    item_id: str
    item_version: int
    choices: list[str]
    """In order."""


@dataclass(slots=True)
class ModuleIds:
    id: str
    questions: list[QuestionIds]


@dataclass(slots=True)
class CourseIds:
    """`next` are those of the version after this one, which who enrolls from `next_from` on gets."""

    id: uuid.UUID
    version_id: uuid.UUID
    modules: list[ModuleIds]
    next: "CourseIds | None" = None
    next_from: datetime | None = None


@dataclass(slots=True)
class Directory:
    """`people` by employee number, `courses` by key."""

    people: dict[str, uuid.UUID] = field(default_factory=dict)
    courses: dict[str, CourseIds] = field(default_factory=dict)


def invented(workforce: Workforce, courses: dict[str, Course]) -> Directory:
    """A directory without a database: the same ids each time, for looking at the story itself."""
    rng = random.Random(SEED)  # noqa: S311  (a story, not a secret)

    def new() -> uuid.UUID:
        return uuid.UUID(int=rng.getrandbits(128), version=4)

    found = Directory({number: new() for number in workforce.people})
    for key, course in courses.items():
        modules = [
            ModuleIds(str(new()), [_question(new, len(q.choices)) for q in module.questions])
            for module in course.modules
        ]
        found.courses[key] = CourseIds(new(), new(), modules)
    return found


def _question(new: Callable[[], uuid.UUID], choices: int) -> QuestionIds:
    return QuestionIds(str(new()), str(new()), 1, [str(new()) for _ in range(choices)])


def current(course: Course, ids: CourseIds, moment: datetime) -> tuple[Course, CourseIds]:
    """The version that somebody got who enrolled then."""
    if course.next and ids.next and ids.next_from and moment >= ids.next_from:
        return course.next.course, ids.next
    return course, ids
