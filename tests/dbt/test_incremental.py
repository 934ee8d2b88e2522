"""Built bit by bit or at once: the same numbers, and none of an event counted twice."""

import json
import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2
from psycopg2.extras import execute_values

from api.core import lake
from api.core.settings import Settings
from pipelines import dbt_runner
from pipelines.lake.export import export_events

FACTS = (
    "fct_enrollment",
    "fct_module_progress",
    "fct_engagement_daily",
    "fct_video_segment",
    "fct_quiz_answer",
    "fct_course_rating",
    "fct_version_move",
)
STAGED = ("stg_lake__learning_event", "stg_lake__engagement_event")
RUN = ["run", "--select", *STAGED, "stg_lake__watermark", *FACTS]
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)

Event = tuple[str, str, str, str, datetime]


class Stream:
    """A few people, courses and modules whose events come in any order, so that builds touch the same rows again."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.modules = [str(uuid.UUID(int=self.chance.getrandbits(128))) for _ in range(4)]
        self.enrollments = [
            {"enrollment_id": self._id(), "course_id": self._id(), "version_id": self._id()} for _ in range(25)
        ]
        self.people = {each["enrollment_id"]: self._id() for each in self.enrollments}
        self.completed: set[str] = set()
        self.attempts: dict[tuple[str, str], int] = {}

    def events(self, count: int) -> Iterator[Event]:
        for _ in range(count):
            enrollment = self.chance.choice(self.enrollments)
            kind, payload = self._one(enrollment)
            moment = FIRST_DAY + timedelta(microseconds=self.chance.randrange(9 * 24 * 3600 * 10**6))
            yield self._id(), kind, self.people[enrollment["enrollment_id"]], json.dumps(enrollment | payload), moment

    def _one(self, enrollment: dict[str, str]) -> tuple[str, dict[str, Any]]:
        module = self.chance.choice(self.modules)
        start = self.chance.randrange(0, 400) / 2
        key = enrollment["enrollment_id"]
        choices: list[tuple[str, dict[str, Any]]] = [
            ("learning.enrolled", {}),
            ("learning.module_progressed", {"module_id": module, "course_percent": self.chance.randrange(101)}),
            ("learning.module_completed", {"module_id": module, "percent": 100}),
            ("learning.moved_to_version", {"version_id": self._id(), "redo_stem_ids": [module]}),
            ("learning.course_rated", {"stars": self.chance.randrange(1, 6)}),
            ("learning.withdrawn", {}),
            ("engagement.page_viewed", {"module_id": module, "dwell_s": self.chance.randrange(90)}),
            ("engagement.document_read", {"module_id": module, "page": 2, "dwell_s": 1.25}),
            (
                "engagement.video_played",
                {"module_id": module, "from_s": start, "to_s": start + self.chance.random() * 60},
            ),
        ]
        if key not in self.completed and self.chance.random() < 0.05:
            self.completed.add(key)
            return "learning.course_completed", {"score_percent": self.chance.randrange(101)}
        if self.chance.random() < 0.15:
            number = self.attempts[key, module] = self.attempts.get((key, module), 0) + 1
            answers: list[dict[str, Any]] = [
                {"question_id": "q0", "choice_ids": ["a"], "is_correct": False},
                {
                    "question_id": "q1",
                    "item_id": "i",
                    "item_version": 2,
                    "choice_ids": ["a", "b"],
                    "is_correct": True,
                    "points_share": 0.5,
                    "first_choice_ids": ["b"],
                    "is_first_correct": False,
                    "duration_s": 7.25,
                },
            ]
            attempt = {"module_id": module, "attempt_id": self._id(), "number": number, "is_passed": number > 1}
            return "learning.quiz_submitted", attempt | {"answers": answers}
        return self.chance.choice(choices)

    def _id(self) -> str:
        return str(uuid.UUID(int=self.chance.getrandbits(128)))


def record(settings: Settings, events: list[Event]) -> None:
    """In several transactions, as they would come."""
    with psycopg2.connect(settings.database_url) as connection:
        for start in range(0, len(events), 40):
            with connection.cursor() as cursor:
                statement = "insert into event (id, type, subject_id, payload, occurred_at) values %s"
                execute_values(cursor, statement, events[start : start + 40])
            connection.commit()


def tables(settings: Settings, names: tuple[str, ...], schema: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row, without the mark of the build that wrote it."""
    with lake.connect(settings, read_only=True) as duck:
        hidden = "exclude (as_of_xid)" if schema == "marts" else ""
        return {
            name: duck.execute(f"select * {hidden} from lake.{schema}.{name} order by all").fetchall() for name in names
        }


def test_building_bit_by_bit_gives_what_building_at_once_gives(settings: Settings) -> None:
    stream = Stream(seed=7)
    for count in (400, 1, 250):
        record(settings, list(stream.events(count)))
        export_events(settings)
        list(dbt_runner.events(settings, RUN))
    bit_by_bit = tables(settings, FACTS, "marts") | tables(settings, STAGED, "staging")
    list(dbt_runner.events(settings, [*RUN, "--full-refresh"]))
    at_once = tables(settings, FACTS, "marts") | tables(settings, STAGED, "staging")
    for name, rows in at_once.items():
        assert rows, name
        assert bit_by_bit[name] == rows, name


def test_a_model_that_got_another_column_is_built_from_all_events_again(settings: Settings) -> None:
    """As after an update of the product: what was built before has the shape of before."""
    record(settings, list(Stream(seed=9).events(80)))
    export_events(settings)
    list(dbt_runner.events(settings, RUN))
    before = tables(settings, ("fct_enrollment",), "marts") | tables(settings, STAGED, "staging")
    with lake.connect(settings) as duck:
        duck.execute("alter table lake.marts.fct_enrollment drop column moved_xid")
        duck.execute("alter table lake.staging.stg_lake__learning_event drop column stars")
    list(dbt_runner.events(settings, RUN))
    assert tables(settings, ("fct_enrollment",), "marts") | tables(settings, STAGED, "staging") == before


def test_a_mart_counts_every_event_up_to_its_mark_and_none_beyond(settings: Settings) -> None:
    stream = Stream(seed=8)
    record(settings, list(stream.events(60)))
    export_events(settings)
    list(dbt_runner.events(settings, RUN))
    record(settings, list(stream.events(60)))
    export_events(settings)
    with lake.connect(settings, read_only=True) as duck:
        counted, below, beyond = duck.execute(
            """
            with mark as (select max(as_of_xid) as xid from lake.marts.fct_engagement_daily)
            select
                (select sum(event_count) from lake.marts.fct_engagement_daily),
                count(*) filter (where event.xid <= mark.xid), count(*) filter (where event.xid > mark.xid)
            from lake.core.event as event, mark
            where type like 'engagement.%'
            """
        ).fetchone() or (0, 0, 0)
    assert counted == below > 0
    assert beyond > 0
