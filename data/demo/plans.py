"""Who takes which course and when: first what they must, crammed before the due date, then what they like."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from data.demo.catalogue import Course
from data.demo.changes import Workforce
from data.demo.company import Company, Rule
from data.demo.learners import Learner

HISTORY_DAYS = 365


@dataclass(slots=True)
class Plan:
    """From `starts_on` to `ends_on` if nothing gets in the way; `stamina` 1 means until the end."""

    learner: Learner
    course: Course
    starts_on: date
    ends_on: date
    stamina: float
    last_day: date
    """No activity after it: the day before today, or the last day of the employment."""


def plans(
    company: Company,
    workforce: Workforce,
    learner: Learner,
    courses: dict[str, Course],
    anchor: date,
    rng: random.Random,
) -> Iterator[Plan]:
    """One person's year: a course once, in the employment in which it was first theirs."""
    liked = [course for course in courses.values() if not course.is_draft]
    seen: set[str] = set()
    for started, ended in workforce.spans[learner.seat.number]:
        last = min(ended or anchor, anchor - timedelta(days=1))
        for rule in company.rules:
            if rule.course not in seen and _applies(company, rule, learner):
                plan = _required(rule, courses[rule.course], learner, anchor, started, last, rng)
                if plan:
                    seen.add(rule.course)
                    yield plan
        first = max(started, anchor - timedelta(days=HISTORY_DAYS))
        yield from _chosen(company, learner, liked, seen, first, last, rng)


def _applies(company: Company, rule: Rule, learner: Learner) -> bool:
    seat = learner.seat
    return rule.country in (None, seat.country) and (rule.unit is None or rule.unit in company.units_above(seat.unit))


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def _required(
    rule: Rule, course: Course, learner: Learner, anchor: date, started: date, last: date, rng: random.Random
) -> Plan | None:
    """Early, crammed into the last days, late, or never: the diligent rather early, the others rather late."""
    assigned = max(anchor - timedelta(days=rule.days_ago), started)
    if assigned > last:
        return None
    due = assigned + timedelta(days=rule.due_within_days)
    d = learner.diligence
    never = min(0.45, 0.05 * math.exp(-0.9 * d))
    late = never + min(0.4, 0.12 * math.exp(-0.75 * d))
    early = late + 0.64 * _sigmoid(1.2 * d) * (1 - late)
    draw, stamina = rng.random(), 1.0
    if draw < never:
        if rng.random() < 0.45:
            return None
        ends, stamina = due + timedelta(days=3), rng.uniform(0.1, 0.85)
    elif draw < late:
        ends = due + timedelta(days=1 + int(rng.expovariate(1 / 22)))
    elif draw < early:
        ends = assigned + timedelta(days=1 + int(rng.expovariate(1 / 9)))
    else:
        ends = due - timedelta(days=int(rng.expovariate(1 / 4.5)))
    ends = max(ends, assigned + timedelta(days=1))
    starts = max(assigned, ends - timedelta(days=int(rng.expovariate(1 / 4))))
    return Plan(learner, course, starts, ends, stamina, last) if starts <= last else None


def _chosen(
    company: Company, learner: Learner, liked: list[Course], seen: set[str], first: date, last: date, rng: random.Random
) -> Iterator[Plan]:
    """Courses picked freely, by interest; about four in ten are left unfinished."""
    days = (last - first).days
    if days < 7:
        return
    interests = company.interests.get(learner.seat.unit, {})
    mean = max(1.0, 4.6 + 0.8 * learner.diligence)
    wanted = int(rng.expovariate(1 / mean) * days / HISTORY_DAYS + 0.5)
    for _ in range(min(wanted, 12)):
        free = [course for course in liked if course.key not in seen]
        weights = [_attraction(course, interests, learner) for course in free]
        course = rng.choices(free, weights)[0]
        seen.add(course.key)
        starts = first + timedelta(days=int(days * rng.random()))
        if starts.month in (7, 8, 12) and rng.random() < 0.4:  # holidays
            continue
        ends = starts + timedelta(days=int(rng.expovariate(1 / 9)))
        stamina = 1.0 if rng.random() < _sigmoid(0.75 + 0.6 * learner.diligence) else rng.uniform(0.0, 1.0)
        yield Plan(learner, course, starts, ends, stamina, last)


def _attraction(course: Course, interests: dict[str, float], learner: Learner) -> float:
    weight = interests.get(course.category, 1.0)
    if course.category == "Leadership" and not any(word in learner.seat.title for word in ("ead", "anager", "hief")):
        weight *= 0.3
    return weight * {"beginner": 1.0, "intermediate": 0.7, "advanced": 0.4}[course.difficulty]
