"""What a package keeps: sent twice, late, from two windows, too much; and what follows for the learner's progress."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.settings import Settings
from api.learning.package_rules import Outcome, item_outcome, span_s
from api.learning.service import enroll
from tests.api.media.zips import zipped
from tests.factories import make_person, modules_of
from tests.packages import TWO_PARTS, package_asset, package_course

PASSED = {"core": {"lesson_status": "passed", "score": {"raw": "85"}}}
ITEM: dict[str, Any] = {"mastery": None, "completion_percent": None}


@pytest.mark.parametrize(
    ("standard", "item", "cmi", "outcome"),
    [
        ("scorm12", {}, {}, (0, None)),
        ("scorm12", {}, {"core": {"lesson_status": "incomplete"}}, (0, None)),
        ("scorm12", {}, {"core": {"lesson_status": "completed"}}, (100, None)),
        ("scorm12", {}, PASSED, (100, 85)),
        ("scorm12", {}, {"core": {"lesson_status": "failed", "score": {"raw": 20}}}, (0, 20)),
        ("scorm12", {"mastery": 90.0}, PASSED, (0, 85)),
        ("scorm12", {"mastery": 80.0}, {"core": {"lesson_status": "failed", "score": {"raw": "80"}}}, (100, 80)),
        ("scorm12", {"mastery": 80.0}, {"core": {"lesson_status": "incomplete", "score": {"raw": "99"}}}, (0, 99)),
        ("scorm12", {}, {"core": "nonsense"}, (0, None)),
        ("scorm12", {}, {"core": {"lesson_status": ["passed"], "score": {"raw": "1e999"}}}, (0, None)),
        ("scorm2004", {}, {"completion_status": "completed", "success_status": "unknown"}, (100, None)),
        ("scorm2004", {}, {"completion_status": "completed", "success_status": "failed"}, (0, None)),
        ("scorm2004", {}, {"success_status": "passed", "score": {"scaled": "0.9"}}, (100, 90)),
        ("scorm2004", {}, {"completion_status": "incomplete", "progress_measure": "0.456"}, (45, None)),
        ("scorm2004", {}, {"completion_status": "incomplete", "progress_measure": "1.0"}, (99, None)),
        ("scorm2004", {"completion_percent": 75.0}, {"progress_measure": "0.8"}, (100, None)),
        ("scorm2004", {"mastery": 70.0}, {"success_status": "passed", "score": {"scaled": "0.5"}}, (0, 50)),
        ("scorm2004", {"mastery": 70.0}, {"score": {"scaled": "0.7", "raw": "1"}}, (100, 70)),
        ("scorm2004", {}, {"progress_measure": True, "score": {"scaled": {}, "raw": "-3"}}, (0, 0)),
    ],
)
def test_how_far_one_is_follows_from_what_is_kept(
    standard: str, item: dict[str, Any], cmi: dict[str, Any], outcome: tuple[int, int | None]
) -> None:
    assert item_outcome(standard, ITEM | item, cmi, is_finished=False) == Outcome(*outcome)


def test_the_learners_word_counts_only_where_a_package_says_nothing() -> None:
    assert item_outcome("html", ITEM, {}, is_finished=True).percent == 100
    begun = {"core": {"lesson_status": "incomplete"}}
    assert item_outcome("scorm12", ITEM, begun, is_finished=True).percent == 0


@dataclass
class Learner:
    api: httpx.AsyncClient
    session: AsyncSession
    course_id: uuid.UUID
    module_id: uuid.UUID
    headers: dict[str, str]
    author: dict[str, str]
    tab: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def ids(self) -> dict[str, str]:
        return {"course_id": str(self.course_id), "module_id": str(self.module_id)}

    async def read(self, headers: dict[str, str] | None = None, **more: str) -> httpx.Response:
        return await self.api.get("/package-state", params=self.ids | more, headers=headers or self.headers)

    async def save(self, revision: int, cmi: Any, *, base: int = 0, item: str = "two", **more: Any) -> httpx.Response:
        body = {"tab": self.tab, "base_revision": base, "revision": revision, "cmi": cmi, "item": item}
        return await self.api.put("/package-state", json={**self.ids, **body, **more}, headers=self.headers)

    async def kept(self) -> dict[str, Any]:
        return {one["id"]: one for one in (await self.read()).json()["items"]}


@pytest.fixture
async def learner(
    api: httpx.AsyncClient,
    committed: AsyncSession,
    settings: Settings,
    token_for: Callable[..., dict[str, str]],
    tmp_path: Path,
) -> Learner:
    author = await make_person(committed, "Author", roles=("creator",))
    person = await make_person(committed, "Ada Ito")
    asset = await package_asset(committed, settings, zipped(tmp_path / "two.zip", dict(TWO_PARTS)), author)
    course = await package_course(committed, author, asset)
    await enroll(committed, person_id=person.id, course_id=course.id)
    (module,) = await modules_of(committed, course)
    await committed.commit()
    return Learner(
        api, committed, course.id, module.id, token_for(person.id), token_for(author.id, "employee", "creator")
    )


async def test_a_package_is_gone_on_with_where_it_was_left(learner: Learner) -> None:
    first = (await learner.read()).json()
    assert (first["standard"], first["mode"], first["learner"]["name"]) == ("scorm12", "normal", "Ada Ito")
    assert [one["revision"] for one in first["items"]] == [0, 0]
    cmi = {"core": {"lesson_location": "7", "lesson_status": "incomplete"}, "suspend_data": "é\n" * 2000}
    assert (await learner.save(1, cmi)).json()["module_percent"] == 0
    assert (await learner.kept())["two"]["cmi"] == cmi


async def test_each_item_counts_and_the_last_completes_the_course(learner: Learner) -> None:
    half = (await learner.save(1, PASSED)).json()
    assert (half["percent"], half["score_percent"], half["module_percent"]) == (100, 85, 50)
    whole = (await learner.save(1, {}, item="one", is_finished=True)).json()
    assert (whole["module_percent"], whole["progress_percent"]) == (100, 100)
    progress = (await learner.api.get("/progress", headers=learner.headers)).json()["items"][0]
    assert progress["completed_at"] is not None
    told = text("select payload - 'version_id' - 'enrollment_id' from event where type = 'learning.package_scored'")
    facts = [fact for fact in await learner.session.scalars(told) if fact["module_id"] == str(learner.module_id)]
    assert [(fact["item"], fact["item_percent"], fact["score_percent"]) for fact in facts] == [
        ("two", 100, 85),
        ("one", 100, None),
    ]


async def test_the_server_decides_and_not_the_claim_of_a_percent(learner: Learner) -> None:
    answer = await learner.api.post("/progress", json={**learner.ids, "percent": 100}, headers=learner.headers)
    assert (answer.status_code, answer.json()["module"]["percent"]) == (200, 0)


async def test_sent_twice_or_overtaken_it_changes_nothing(learner: Learner) -> None:
    await learner.save(2, {"suspend_data": "new"})
    for revision in (1, 2):
        assert (await learner.save(revision, {"suspend_data": "old"})).json()["revision"] == 2
    assert (await learner.kept())["two"]["cmi"] == {"suspend_data": "new"}


async def test_another_window_has_to_read_first(learner: Learner) -> None:
    await learner.save(1, {"suspend_data": "first window"})
    learner.tab = str(uuid.uuid4())
    refused = await learner.save(1, {"suspend_data": "second window"})
    assert (refused.status_code, refused.json()["revision"]) == (409, 1)
    assert (await learner.save(2, {"suspend_data": "second window"}, base=1)).status_code == 200
    assert (await learner.kept())["two"]["cmi"] == {"suspend_data": "second window"}


async def test_what_is_too_much_or_no_text_of_a_database_is_refused(learner: Learner) -> None:
    assert (await learner.save(1, {"suspend_data": "x" * 300_000})).status_code == 413
    assert (await learner.save(1, {"suspend_data": "\0"})).status_code == 422
    assert (await learner.save(1, {}, item="three")).status_code == 404
    assert (await learner.save(1, {}, base=1)).status_code == 409
    assert (await learner.kept())["two"]["revision"] == 0


async def test_only_who_is_enrolled_plays_and_only_authors_preview(learner: Learner) -> None:
    author = learner.author
    assert (await learner.read(author)).status_code == 409
    preview = (await learner.read(author, preview="true")).json()
    assert (preview["mode"], preview["items"][0]["revision"]) == ("preview", 0)
    assert (await learner.read(preview="true")).status_code == 403


@pytest.mark.parametrize(
    ("standard", "text", "seconds"),
    [
        ("scorm12", "0000:01:02.50", 62.5),
        ("scorm12", "12:00:00", 43_200),
        ("scorm12", "00:01", None),
        ("scorm12", "PT1S", None),
        ("scorm2004", "PT1H5M2.25S", 3902.25),
        ("scorm2004", "P1DT1S", 86_401),
        ("scorm2004", "P", None),
        ("scorm2004", "PT", None),
        ("scorm2004", "P1DT", None),
        ("scorm2004", 12, None),
    ],
)
def test_a_packages_times_are_seconds(standard: str, text: object, seconds: float | None) -> None:
    assert span_s(standard, text) == seconds


async def test_each_visit_is_one_fact_and_their_seconds_are_the_total(learner: Learner) -> None:
    def cmi(total: str, **more: Any) -> dict[str, Any]:
        return {"core": {"lesson_status": "incomplete", "total_time": total}, **more}

    await learner.session.execute(text("update enrollment set enrolled_at = now() - interval '1 hour'"))
    await learner.session.commit()
    await learner.save(1, cmi("0000:00:10"))
    await learner.save(2, cmi("0000:00:20", suspend_data="p3"), is_over=True)
    await learner.save(2, cmi("0000:00:20", suspend_data="p3"), is_over=True)  # sent again
    learner.tab = str(uuid.uuid4())
    assert (await learner.read()).json()["items"][1]["cmi"]["core"]["total_time"] == "0000:00:20"
    await learner.save(3, cmi("0000:00:50"), base=2)  # broken off: nobody says that it is over
    learner.tab = str(uuid.uuid4())
    await learner.save(4, cmi("9999:00:00"), base=3, is_over=True)
    ours = "type = 'learning.package_session' and payload ->> 'course_id' = :course_id"
    facts = text(f"select payload from event where {ours} order by id")
    told = list((await learner.session.execute(facts, {"course_id": learner.ids["course_id"]})).scalars())
    assert [(one["session_s"], one["total_s"], one["has_suspend_data"]) for one in told[:2]] == [
        (20, 20, True),
        (30, 50, False),
    ]
    assert (len(told), 3500 < told[2]["total_s"] < 3700) == (3, True)
