"""The whole year, from the seed and the day: the same each time."""

import gc
import random
from datetime import date

from api.learning.history import History
from data.demo.catalogue import catalogue
from data.demo.changes import Workforce
from data.demo.company import SEED, company
from data.demo.directory import Directory
from data.demo.journeys import Journey
from data.demo.learners import learners
from data.demo.plans import plans


def tell(workforce: Workforce, directory: Directory, anchor: date) -> History:
    """Every enrollment, attempt, certificate and event before the start of `anchor`, in the order of time."""
    rng = random.Random(SEED + 1)  # noqa: S311  (a story, not a secret)
    history = History()
    people = learners(company(), workforce, rng)
    gc.disable()  # a million small tuples and no cycle: the collector would take a third of the time
    try:
        for learner in people:
            # One generator a person: a changed course doesn't change everybody's year.
            own = random.Random(f"{SEED} {learner.seat.number}")  # noqa: S311
            for plan in plans(company(), workforce, learner, catalogue(), anchor, own):
                Journey(plan, directory, history, own).write()
    finally:
        gc.enable()
    history.events.sort(key=lambda row: row[5])
    return history
