"""What people think of a course: about one in five who finish says it, one in three of them with a comment."""

import functools
import random

from data.demo.catalogue import Course
from data.demo.company import CONTENT, read_yaml


@functools.cache
def _comments() -> dict[int, list[str]]:
    """What is said with so many stars."""
    return {int(stars): said for stars, said in read_yaml(CONTENT / "comments.yml").items()}


def rating(course: Course, is_done: bool, rng: random.Random) -> tuple[int, str] | None:
    """(stars, comment), or None: who gave up seldom says why, and then with fewer stars."""
    if rng.random() > (0.2 if is_done else 0.06):
        return None
    stars = max(1, min(5, round(rng.gauss(course.love - (0 if is_done else 1.2), 0.9))))
    return stars, rng.choice(_comments()[stars]) if rng.random() < 0.33 else ""
