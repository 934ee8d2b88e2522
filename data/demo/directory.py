"""The database's ids of what was loaded, so that a story told in keys can become rows."""

import random
import uuid
from dataclasses import dataclass, field

from data.demo.catalogue import Course
from data.demo.changes import Workforce
from data.demo.company import SEED


@dataclass(slots=True)
class ModuleIds:
    id: str
    questions: list[tuple[str, list[str]]]
    """(question id, ids of its choices in order)."""


@dataclass(slots=True)
class CourseIds:
    id: uuid.UUID
    version_id: uuid.UUID
    modules: list[ModuleIds]


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
            ModuleIds(str(new()), [(str(new()), [str(new()) for _ in q.choices]) for q in module.questions])
            for module in course.modules
        ]
        found.courses[key] = CourseIds(new(), new(), modules)
    return found
