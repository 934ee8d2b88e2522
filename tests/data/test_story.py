"""The generated company itself, without a database."""

import hashlib
import json
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time, timedelta

import pytest

from api.learning.history import History
from api.learning.rules import course_percent, course_score
from data.demo.accounts import choose, creators, teams
from data.demo.catalogue import catalogue
from data.demo.changes import Workforce, workforce
from data.demo.company import FILES, company
from data.demo.directory import Directory, invented
from data.demo.people import Seat
from data.demo.rosters import csv_of
from data.demo.story import tell

ANCHOR = date(2026, 11, 23)


@pytest.fixture(scope="module")
def people() -> Workforce:
    return workforce(company(), ANCHOR)


@pytest.fixture(scope="module")
def directory(people: Workforce) -> Directory:
    return invented(people, catalogue())


@pytest.fixture(scope="module")
def history(people: Workforce, directory: Directory) -> History:
    return tell(people, directory, ANCHOR)


def digest(told: Workforce, history: History) -> str:
    files = [csv_of(company(), seats) for _, seats in told.snapshots]
    rows = [history.enrollments, history.module_progress, history.quiz_attempts, history.certificates, history.events]
    return hashlib.sha256(repr((files, rows)).encode()).hexdigest()


def level(seats: dict[str, Seat], seat: Seat) -> int:
    return 1 if seat.manager is None else 1 + level(seats, seats[seat.manager])


def test_the_same_day_tells_the_same_story(people: Workforce, history: History) -> None:
    again = workforce(company(), ANCHOR)
    assert digest(again, tell(again, invented(again, catalogue()), ANCHOR)) == digest(people, history)


def test_people_and_hierarchy_have_the_promised_size(people: Workforce) -> None:
    active = {seat.number: seat for seat in people.active()}
    assert 1140 <= len(active) <= len(people.people) <= 1260
    assert max(level(active, seat) for seat in active.values()) == 9
    assert sum(seat.manager is None for seat in active.values()) == 1
    assert len({seat.unit for seat in active.values()}) == len(company().units) == 14
    assert len({seat.country for seat in active.values()}) == 6
    assert len({seat.email for seat in people.people.values()}) == len(people.people)
    assert all(seat.email.isascii() for seat in people.people.values())


def test_people_join_leave_move_and_one_comes_back(people: Workforce) -> None:
    first, last = ({seat.number: seat for seat in people.snapshots[i][1]} for i in (0, -1))
    assert len(last.keys() - first.keys()) > 50
    assert sum(seat.ended_on is not None for seat in people.people.values()) > 40
    assert sum(first[n].unit != last[n].unit for n in first.keys() & last.keys()) > 10
    assert any(len(spans) == 2 for spans in people.spans.values())
    assert all(end is None or start <= end for spans in people.spans.values() for start, end in spans)


def test_nobody_reports_to_somebody_who_is_gone(people: Workforce) -> None:
    for _, seats in people.snapshots:
        there = {seat.number for seat in seats if seat.ended_on is None}
        assert all(seat.manager is None or seat.manager in there for seat in seats if seat.ended_on is None)


def test_catalogue_has_24_courses_in_6_categories_with_3_to_7_modules() -> None:
    published = [course for course in catalogue().values() if not course.is_draft]
    assert len(published) == 24
    assert set(Counter(course.category for course in published).values()) == {4}
    assert all(3 <= len(course.modules) <= 7 for course in published)
    assert {rule.course for rule in company().rules} <= {course.key for course in published}
    quizzes = [m for course in published for m in course.modules if m.kind == "quiz"]
    assert all(3 <= len(quiz.questions) <= 6 for quiz in quizzes)
    assert all(len({label for label, _ in q.choices}) == len(q.choices) for quiz in quizzes for q in quiz.questions)


def test_films_and_sheets_are_real_files() -> None:
    names = {m.file for course in catalogue().values() for m in course.modules if m.file}
    heads = {name: (FILES / name).read_bytes()[:12] for name in names}
    assert all(head[4:8] == b"ftyp" for name, head in heads.items() if name.endswith(".mp4"))
    assert all(head.startswith(b"%PDF-") for name, head in heads.items() if name.endswith(".pdf"))
    assert all((FILES / name).stat().st_size < 1_500_000 for name in names)


def test_no_event_lies_outside_of_an_employment(people: Workforce, directory: Directory, history: History) -> None:
    spans = {directory.people[number]: spans for number, spans in people.spans.items()}
    slack = timedelta(hours=14)  # days are local, moments UTC
    for row in history.events:
        moment = row[5]
        assert any(
            datetime.combine(start, time(), UTC) - slack
            <= moment
            < datetime.combine((end or ANCHOR) + timedelta(days=1), time(), UTC)
            for start, end in spans[row[3]]
        )
        assert moment < datetime.combine(ANCHOR, time(), UTC)


def test_enrollments_say_what_their_modules_say(directory: Directory, history: History) -> None:
    """The same rules that the API computes with; completed means every module, once, and in time order."""
    module_count = {ids.version_id: len(ids.modules) for ids in directory.courses.values()}
    progress, best = defaultdict(list), defaultdict(dict)
    for row in history.module_progress:
        progress[row[0]].append(row)
    for row in history.quiz_attempts:
        best[row[1]][row[2]] = max(row[5], best[row[1]].get(row[2], 0))
    certified = {row[1] for row in history.certificates}
    for enrollment_id, _, _, version_id, enrolled_at, last_at, completed_at, percent, score in history.enrollments:
        rows = progress[enrollment_id]
        done = [row[5] for row in rows if row[5]]
        assert percent == course_percent([row[2] for row in rows], module_count[version_id])
        assert (completed_at is not None) == (len(done) == module_count[version_id]) == (enrollment_id in certified)
        if completed_at:
            assert completed_at == max(done) == last_at >= enrolled_at
            assert score == course_score(list(best[enrollment_id].values()))


def test_nobody_enrolls_twice_in_a_course_and_no_key_repeats(history: History) -> None:
    pairs = [(row[1], row[2]) for row in history.enrollments]
    assert len(set(pairs)) == len(pairs)
    for rows in (history.enrollments, history.quiz_attempts, history.certificates, history.events):
        assert len({row[0] for row in rows}) == len(rows)
    assert 140_000 <= len(history.events) <= 300_000


def test_facts_carry_what_the_platform_itself_would_write(history: History) -> None:
    keys = {
        "learning.enrolled": set(),
        "learning.module_completed": {"module_id", "percent", "course_percent"},
        "learning.quiz_submitted": {"module_id", "attempt_id", "number", "score_percent", "is_passed", "answers"},
        "learning.course_completed": {"score_percent"},
        "learning.certificate_issued": {"certificate_id", "code"},
        "engagement.video_played": {"module_id", "from_s", "to_s", "rate"},
        "engagement.page_viewed": {"module_id", "page", "dwell_s"},
    }
    seen = {row[1]: json.loads(row[4]) for row in history.events}
    for kind, expected in keys.items():
        assert set(seen[kind]) == {"enrollment_id", "course_id", "version_id", *expected}


def test_one_quiz_item_is_too_easy_and_one_separates_nobody(directory: Directory, history: History) -> None:
    quiz = directory.courses["information-security-basics"].modules[-1]
    right, others = defaultdict(list), defaultdict(list)
    for row in history.quiz_attempts:
        if str(row[2]) == quiz.id and row[3] == 1:
            marks = [answer["is_correct"] for answer in json.loads(row[4])]
            for index, mark in enumerate(marks):
                right[index].append(mark)
                others[index].append(sum(marks) - mark)
    shares = [sum(right[index]) / len(right[index]) for index in range(6)]
    gaps = [
        mean([o for o, mark in zip(others[i], right[i], strict=True) if mark])
        - mean([o for o, mark in zip(others[i], right[i], strict=True) if not mark])
        for i in range(6)
    ]
    assert shares[2] > 0.97
    assert gaps[4] < 0 < gaps[0]


def mean(values: list[int]) -> float:
    return sum(values) / len(values)


def test_visitors_may_sign_in_as_people_with_something_to_see(people: Workforce) -> None:
    chosen = choose(company(), people, {})
    by_email = {seat.email: seat for seat in people.active()}
    below = {number: len(team) for number, team in teams(people.active()).items()}
    employee, manager, executive, chief, creator = (by_email[one.email].number for one in chosen[:5])
    assert [one.role for one in chosen] == [
        *("employee", "manager", "executive", "chief executive", "creator"),
        *("compliance officer", "officer of a unit", "HR data", "auditor"),
    ]
    assert len({one.email for one in chosen}) == len(chosen)
    assert not any(by_email[one.email].number in below for one in chosen[5:-1]), "what they see is by their role"
    assert employee not in below
    assert 30 <= below[manager] <= 50
    assert below[executive] > 300
    assert below[chief] == len(by_email) - 1
    assert by_email[chosen[4].email].unit == "SWD"
    assert by_email[chosen[4].email].number == creator == creators(company(), people.active())["software"].number
