"""One course in two versions, learned by 14 people through the API, and every figure worked out by hand.

Version 1: 9 people (Ann to Finn of the plant, Olga to Oskar of the office) enrolled on 10 January, Dan and Finn were
moved to version 2, Dan to see the film again. Version 2, with another second question: 5 people of the lab (Lars to
Lena) enrolled on 2 March.
"""

import csv
import io
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.settings import Settings
from pipelines.dbt_runner import build
from pipelines.lake.export import export_events
from tests.api.reports.course_story import RIGHT, WRONG, Course, first_version, second_version

Reads = Callable[..., Any]


@pytest.fixture(scope="module")
async def course(settings: Settings, token_for_all: Callable[..., dict[str, str]]) -> AsyncIterator[Course]:
    from api.app import create_app  # noqa: PLC0415

    app, engine = create_app(settings), make_engine(settings.database_url, pool_size=1)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://praxis") as api,
        AsyncSession(engine, expire_on_commit=False) as session,
    ):
        found = Course(api, session, token_for_all)
        await found.settle()
        await first_version(found)
        await second_version(found)
        export_events(settings)
        list(build(settings))
        yield found
    await engine.dispose()


@pytest.fixture(scope="module")
def token_for_all(settings: Settings) -> Callable[..., dict[str, str]]:
    from api.identity.tokens import operator_token  # noqa: PLC0415

    def headers(person_id: uuid.UUID, *roles: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {operator_token(settings, person_id, roles or ('employee', 'manager'))}"}

    return headers


@pytest.fixture
def read(course: Course) -> Reads:
    async def detail(**filters: Any) -> dict[str, Any]:
        parameters = {"course_id": course.id, **filters}
        return dict((await course.sent("GET", "/course-analytics", course.author, params=parameters))["detail"])

    return detail


def counts(funnel: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(step["step"], step["person_count"]) for step in funnel]


async def test_the_funnel_counts_who_finished_each_module_of_the_version(read: Reads) -> None:
    steps = ("Enrolled", "Started", "Film", "Reading", "Quiz", "Finished")
    whole, first, second = (await read(), await read(version=1), await read(version=2))
    assert counts(whole["funnel"]) == list(zip(steps, (14, 11, 9, 8, 5, 5), strict=True))
    assert counts(first["funnel"]) == list(zip(steps, (7, 6, 5, 5, 3, 3), strict=True))
    assert counts(second["funnel"]) == list(zip(steps, (7, 5, 4, 3, 2, 2), strict=True)), "Dan's film is void"
    assert [step["lost"] for step in first["funnel"]] == [None, 1, 1, 0, 2, 0]
    assert first["funnel"][4]["share"] == pytest.approx(3 / 7)
    assert first["funnel"][4]["lost_share"] == pytest.approx(2 / 5)


async def test_the_films_moments_are_of_a_version_or_of_all(read: Reads) -> None:
    for filters, viewers, seen, plays in (
        ({"version": 1}, 4, [4, 4, 3, 3], [4, 5, 3, 3]),
        ({"version": 2}, 2, [2, 1, 1, 1], [2, 1, 1, 1]),
        ({}, 6, [6, 5, 4, 4], [6, 6, 4, 4]),
    ):
        (film,) = (await read(**filters))["retention"]
        assert film["viewer_count"] == viewers
        assert [s["segment_s"] for s in film["segments"]] == [0, 5, 10, 15]
        assert [s["viewer_count"] for s in film["segments"]] == seen, filters
        assert [s["play_count"] for s in film["segments"]] == plays


async def test_an_item_is_measured_by_first_answers_and_an_edited_one_apart(read: Reads) -> None:
    """Ann RR, Bob RW, Cem WW, Olga RR, Oskar WR: 3 of 5 right on each, and 2 on both.

    Discrimination of both: cov = 2/5 - 3/5 * 3/5 = 0.04, var = 0.24. Scores: Cem 0 is the lowest third; Ann and Olga
    are the highest; Bob and Oskar stand between. In version 2 Lars RR, Liv RR, Leo WR.
    """
    first = {item["prompt"]: item for item in (await read(version=1))["quiz_items"]}
    assert set(first) == {"First?", "Second?"}
    for item in first.values():
        assert (item["answer_count"], item["correct_share"], item["points_share"]) == (5, 0.6, 0.6)
        assert item["discrimination"] == pytest.approx(0.04 / 0.24, abs=1e-4)
        assert (item["upper_correct_share"], item["lower_correct_share"]) == (1, 0)
        shares = {c["label"]: (c["share"], c["upper_share"], c["lower_share"]) for c in item["choices"]}
        assert shares == {RIGHT: (0.6, 1, 0), WRONG: (0.4, 0, 1)}
    assert first["Second?"]["last_correct_share"] == 0.8, "Bob knew it in his second attempt"
    everywhere = [
        (i["prompt"], i["is_shown"], i["answer_count"], i["correct_share"]) for i in (await read())["quiz_items"]
    ]
    assert everywhere == [
        ("First?", True, 8, 0.625),
        ("Second, asked better?", True, 3, 1),
        ("Second?", False, 5, 0.6),
    ]


async def test_changes_of_mind_and_time_are_of_those_who_told_them(read: Reads) -> None:
    """Ann went from wrong to right in 10 s, Bob stayed right in 20, Cem went wrong in 30, Olga stayed right in 40."""
    item = (await read(version=1))["quiz_items"][0]
    assert item["traced_count"] == 4
    assert (item["first_correct_share"], item["changed_share"]) == (0.75, 0.5)
    assert (item["wrong_to_right_share"], item["right_to_wrong_share"]) == (0.25, 0.25)
    assert (item["median_s"], item["p90_s"]) == (25, 37)


async def test_time_to_complete_is_in_exact_days(read: Reads) -> None:
    """Version 1: Olga 1, Ann 2, Bob 3 days; version 2: Lars 1, Liv 2."""
    time = (await read(version=1))["completion_time"]
    assert {name: time[name] for name in ("count", "p25", "median", "p75")} == {
        "count": 3,
        "p25": 1.5,
        "median": 2,
        "p75": 2.5,
    }
    assert time["p90"] == pytest.approx(2.8)
    bars = [
        (bar["from_days"], bar["to_days"], bar["person_count"])
        for bar in (await read())["completion_time"]["histogram"]
    ]
    assert bars[:4] == [(0, 1, 0), (1, 2, 2), (2, 3, 2), (3, 5, 1)]
    assert bars[-1] == (90, None, 0)


async def test_small_groups_are_one_and_cannot_be_asked_for(read: Reads, course: Course) -> None:
    """Plant 6, Lab 5, Office 3: the office with the lab is one group, so that nobody subtracts its three people."""
    groups = {(g["by"], g["name"]): g for g in (await read())["breakdown"]}
    units = {name: g["learner_count"] for (by, name), g in groups.items() if by == "unit"}
    assert units == {"Plant": 6, "Smaller groups": 8}
    assert {name for by, name in groups if by == "country"} == {"Smaller groups"}
    assert groups["cohort", "2026-01"]["completion_rate"] == pytest.approx(3 / 9)
    assert groups["unit", "Plant"]["median_days"] == 2.5
    office = await read(unit=course.units["Office"])
    assert (office["funnel"], office["kpis"], office["ratings"]) == ([], None, None)
    assert "Fewer than 5 learners match" in office["hidden"]
    beside = await read(country="DE")
    assert "by subtraction" in beside["hidden"], "all of them less those of DE would be the three of PL"
    plant = await read(unit=course.units["Plant"])
    assert (plant["funnel"][0]["person_count"], plant["hidden"], plant["comments"]) == (6, None, [])


async def test_ratings_are_the_newest_of_each_learner(read: Reads) -> None:
    whole, second = await read(), await read(version=2)
    assert (whole["ratings"]["count"], whole["ratings"]["average"]) == (3, 4)
    assert whole["ratings"]["by_stars"] == [0, 0, 1, 1, 1]
    assert second["ratings"]["average"] == 4
    assert [comment["stars"] for comment in whole["comments"]] == [5]


async def test_two_versions_stand_side_by_side(read: Reads) -> None:
    detail = await read(compare=1)
    assert detail["chosen"]["version"] == 2, "beside the current one, where none is named"
    second, first = detail["comparison"]
    assert (first["version"], first["learner_count"], first["completion_rate"]) == (1, 7, 3 / 7)
    assert (first["median_days_to_complete"], second["median_days_to_complete"]) == (2, 1.5)
    assert (first["first_try_pass_rate"], second["first_try_pass_rate"]) == (0.4, pytest.approx(2 / 3))
    assert [len(side["retention"][0]["segments"]) for side in (first, second)] == [4, 4]


async def test_a_version_that_is_not_there_is_not_found(course: Course) -> None:
    answer = await course.api.get(
        "/course-analytics", params={"course_id": course.id, "version": 7}, headers=course.author
    )
    assert (answer.status_code, "[1, 2]" in answer.json()["detail"]) == (404, True)


@pytest.mark.parametrize(
    ("table", "lines", "cell"),
    [
        ("funnel", 6, "Reading"),
        ("retention", 4, "Film"),
        ("items", 6, "Second, asked better?"),
        ("breakdown", 7, "Smaller groups"),
        ("comments", 1, "'=cmd|' /C calc'!A0 is what I learned"),
    ],
)
async def test_each_table_can_be_taken_along(course: Course, table: str, lines: int, cell: str) -> None:
    parameters = {"course_id": course.id, "table": table}
    answer = await course.api.get("/course-analytics-export", params=parameters, headers=course.author)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 1 + lines
    assert {len(row) for row in rows} == {len(rows[0])}
    assert cell in [cell for row in rows for cell in row]


async def test_an_export_is_for_the_authors_and_is_in_the_log(course: Course) -> None:
    parameters = {"course_id": course.id, "table": "comments"}
    other = course.token_for(course.people["Ann"], "employee", "creator")
    assert (await course.api.get("/course-analytics-export", params=parameters, headers=other)).status_code == 404
    await course.api.get("/course-analytics-export", params=parameters, headers=course.author)
    found = await course.session.execute(
        text("select after from audit_entry where action = 'reports.course_table_exported' order by seq desc limit 1")
    )
    assert found.scalar_one()["table"] == "comments"
