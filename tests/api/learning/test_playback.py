"""What was really played: exactly the intervals, whatever the order, and never more than there was time for."""

import asyncio
import random
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.courses.models import CourseVersion, Module
from api.learning.playback_rules import Claim, Session, Span, credit, merged, pages_percent, video_percent, without
from api.media.models import MediaAsset
from tests.factories import make_course, make_person, modules_of

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("elapsed", "said", "believed"),
    [
        (60, [Claim((0, 3600))], [(0, 65)]),
        (60, [Claim((0, 3600), rate=2)], [(0, 130)]),
        (60, [Claim((0, 3600), rate=16)], [(0, 130)]),
        (60, [Claim((0, 30), rate=0.5)], [(0, 30)]),
        (60, [Claim((0, 60), rate=0.5)], [(0, 32.5)]),
        (60, [Claim((40, 90)), Claim((0, 30))], [(0, 30), (40, 75)]),
        (60, [Claim((0, 40)), Claim((0, 40)), Claim((10, 50))], [(0, 50)]),
        (0, [Claim((10, 20))], [(10, 15)]),
        (60 * 60 * 48, [Claim((0, 1_000_000))], [(0, 86_405)]),
        (7, [Claim((n, n + 1.0), is_page=True) for n in range(9)], [(0, 6)]),
    ],
)
def test_no_more_is_believed_than_there_was_time_for(elapsed: int, said: list[Claim], believed: list[Span]) -> None:
    session = Session(NOON, [])
    assert credit(session, [session], said, NOON + timedelta(seconds=elapsed)) == believed
    assert session.covered == believed


def test_many_sessions_at_once_get_no_more_than_one_at_the_fastest_rate() -> None:
    now = NOON + timedelta(seconds=60)
    sessions = [Session(NOON + timedelta(milliseconds=n), []) for n in range(50)]
    for n, one in enumerate(sessions):
        credit(one, sessions, [Claim((n * 100.0, n * 100.0 + 60))], now)
    assert sum(b - a for one in sessions for a, b in one.covered) == pytest.approx(130)


def test_what_was_played_offline_counts_beside_what_was_played_elsewhere_meanwhile() -> None:
    phone, desk = Session(NOON, []), Session(NOON + timedelta(minutes=60), [])
    now = NOON + timedelta(minutes=70)
    assert credit(desk, [phone, desk], [Claim((0, 600))], now) == [(0, 600)]
    assert credit(phone, [phone, desk], [Claim((0, 3600))], now) == [(0, 3600)]


@pytest.mark.parametrize(
    ("span", "known", "rest"),
    [
        ((0, 10), [], [(0, 10)]),
        ((0, 10), [(0, 10)], []),
        ((0, 10), [(2, 3), (5, 12)], [(0, 2), (3, 5)]),
        ((5, 10), [(0, 6), (9, 20)], [(6, 9)]),
        ((5, 10), [(10, 20)], [(5, 10)]),
    ],
)
def test_only_what_is_new_costs_time(span: Span, known: list[Span], rest: list[Span]) -> None:
    assert without(span, known) == rest
    assert merged([*known, span]) == merged([*known, *rest])


@pytest.mark.parametrize(
    ("watched", "duration", "minimum", "percent"),
    [
        (0, 60, None, 0),
        (30, 60, None, 50),
        (55.9, 60, None, 93),
        (56, 60, None, 100),
        (59, 60, 100, 100),
        (58.9, 60, 100, 98),
        (53, 60, 90, 100),
        (5, 0, None, 100),
        (999.4, 1001, 100, 99),
    ],
)
def test_a_video_is_seen_once_enough_was_played(watched: float, duration: float, minimum: int, percent: int) -> None:
    assert video_percent(watched, duration, minimum) == percent


def test_pages_count_one_by_one() -> None:
    assert [pages_percent(read, 3) for read in (0, 1, 2, 3)] == [0, 33, 66, 100]


class Viewer:
    """Enrolled in a course with a video of ten minutes and a document of three pages."""

    def __init__(self, api: httpx.AsyncClient, headers: dict[str, str], course_id: str, ids: list[str]) -> None:
        self.api, self.headers, self.course_id, (self.video, self.paper) = api, headers, course_id, ids
        self.enrollment = ""

    async def post(self, path: str, **body: Any) -> dict[str, Any]:
        answer = await self.api.post(path, json=body, headers=self.headers)
        assert answer.is_success, answer.text
        return dict(answer.json())

    async def begins(self, module: str | None = None) -> dict[str, Any]:
        return await self.post("/play-sessions", course_id=self.course_id, module_id=module or self.video)

    def event(self, kind: str = "video_played", module: str | None = None, **more: Any) -> dict[str, Any]:
        ids = {"enrollment_id": self.enrollment, "module_id": module or self.video}
        return {"id": str(uuid.uuid4()), "kind": kind, **ids, "occurred_at": datetime.now(UTC).isoformat(), **more}

    async def progress(self, module: str | None = None, **more: Any) -> dict[str, Any]:
        sent = {"course_id": self.course_id, "module_id": module or self.video, **more}
        return await self.post("/progress", **sent)


@pytest.fixture
async def viewer(api: httpx.AsyncClient, committed: AsyncSession, token_for: Callable[..., dict[str, str]]) -> Viewer:
    person = await make_person(committed)
    paper = MediaAsset(kind="document", file_name="p.pdf", content_type="application/pdf", size_bytes=1, status="ready")
    paper.detail = {"pages": 3}
    committed.add(paper)
    await committed.flush()
    modules = [
        Module(position=1, kind="video", title="Film", duration_s=600),
        Module(position=2, kind="document", title="Paper", duration_s=60, media_id=paper.id),
    ]
    course = await make_course(committed, person, modules=modules)
    ids = [str(one.id) for one in await modules_of(committed, course)]
    await committed.commit()
    found = Viewer(api, token_for(person.id), str(course.id), ids)
    found.enrollment = (await found.post("/enroll", course_id=found.course_id))["id"]
    return found


async def set_back(session: AsyncSession, seconds: int, *ids: str) -> None:
    """As if these sessions had begun so long ago."""
    ago = text("update play_session set started_at = started_at - make_interval(secs => :s) where id = any(:ids)")
    await session.execute(ago, {"s": seconds, "ids": [uuid.UUID(one) for one in ids]})
    await session.commit()


async def test_400_heartbeats_shuffled_and_doubled_from_two_tabs_are_exactly_what_was_played(
    viewer: Viewer, committed: AsyncSession
) -> None:
    """One tab played 0 to 300 and back over 100 to 200; the other 250 to 350, and the end at double speed."""
    one, other = [(await viewer.begins())["id"] for _ in range(2)]
    await set_back(committed, 400, one, other)
    told = [(one, n, n + 1, 1) for n in range(300)] + [(one, 100 + n * 2, 102 + n * 2, 1) for n in range(25)]
    told += [(other, 250 + n * 2, 252 + n * 2, 1.25) for n in range(50)]
    told += [(other, 500 + n * 4, 504 + n * 4, 2) for n in range(25)]
    beats = [viewer.event(session_id=tab, from_s=a, to_s=b, rate=rate) for tab, a, b, rate in told]
    assert len(beats) == 400
    sent = beats * 2
    random.Random(5).shuffle(sent)
    parts = [sent[n : n + 20] for n in range(0, len(sent), 20)]
    await asyncio.gather(*(viewer.post("/engagement", events=part) for part in parts))
    again = await viewer.begins()
    assert (again["watched"], again["percent"], again["duration_s"]) == ([[0, 350], [500, 600]], 75, 600)
    assert (await viewer.progress(percent=100, position_s=349))["module"]["percent"] == 75
    assert (await viewer.begins())["position_s"] == 349


async def test_who_claims_an_hour_in_a_minute_gets_a_minute(viewer: Viewer, committed: AsyncSession) -> None:
    begun = await viewer.begins()
    await set_back(committed, 60, begun["id"])
    lie = viewer.event(session_id=begun["id"], from_s=0, to_s=600)
    for _ in range(3):
        await viewer.post("/engagement", events=[lie])
    ((start, end),) = (await viewer.begins())["watched"]
    assert (start, 65 <= end <= 95) == (0, True), "a minute, five seconds of grace, and what this test itself takes"
    assert (await viewer.progress(percent=100))["module"]["percent"] < 20


async def test_neither_many_sessions_nor_none_are_a_way_around_the_clock(
    viewer: Viewer, committed: AsyncSession
) -> None:
    ids = [(await viewer.begins())["id"] for _ in range(20)]
    await set_back(committed, 30, *ids)
    lies = [viewer.event(session_id=one, from_s=n * 30, to_s=n * 30 + 30) for n, one in enumerate(ids)]
    lies += [viewer.event(from_s=0, to_s=600), viewer.event(session_id=str(uuid.uuid4()), from_s=0, to_s=600, rate=16)]
    await asyncio.gather(*(viewer.post("/engagement", events=[one]) for one in lies))
    assert sum(b - a for a, b in (await viewer.begins())["watched"]) < 130


async def test_a_film_that_was_played_completes_its_step_and_the_course_once(
    viewer: Viewer, committed: AsyncSession
) -> None:
    begun, reading = await viewer.begins(), await viewer.begins(viewer.paper)
    assert (await viewer.progress(percent=100, position_s=600))["module"] == {
        "module_id": viewer.video,
        "percent": 0,
        "position_s": 600,
        "completed_at": None,
    }
    await set_back(committed, 700, begun["id"], reading["id"])
    await viewer.post("/engagement", events=[viewer.event(session_id=begun["id"], from_s=0, to_s=599.2)])
    assert (await viewer.progress())["module"]["percent"] == 100
    pages = [("document_read", 1, 3), ("document_read", 1, 9), ("document_read", 2, 1.9), ("document_read", 3, 2)]
    read = [viewer.event(kind, viewer.paper, session_id=reading["id"], page=n, dwell_s=s) for kind, n, s in pages]
    await viewer.post("/engagement", events=read)
    assert (await viewer.progress(viewer.paper, percent=70))["module"]["percent"] == 66
    last = viewer.event("document_read", viewer.paper, session_id=reading["id"], page=2, dwell_s=4)
    await viewer.post("/engagement", events=[last])
    done = [await viewer.progress(viewer.paper) for _ in range(2)]
    assert done[0]["completed_at"] == done[1]["completed_at"] is not None
    facts = text("select count(*) from event where type = 'learning.course_completed' and payload @> :what")
    what = f'{{"enrollment_id": "{viewer.enrollment}"}}'
    assert (await committed.execute(facts, {"what": what})).scalar_one() == 1


async def test_what_was_played_follows_to_a_version_with_the_same_film_and_not_to_another_film(
    viewer: Viewer, committed: AsyncSession
) -> None:
    begun = await viewer.begins()
    await set_back(committed, 100, begun["id"])
    await viewer.post("/engagement", events=[viewer.event(session_id=begun["id"], from_s=0, to_s=90)])
    old = await committed.get_one(Module, uuid.UUID(viewer.video))
    film = MediaAsset(kind="video", file_name="f.mp4", content_type="video/mp4", size_bytes=1, status="ready")
    committed.add(film)
    await committed.flush()
    for number, (media_id, watched) in enumerate([(None, [[0, 90]]), (film.id, [])], 2):
        step = {"kind": "video", "title": "Film", "duration_s": 600, "stem_id": old.stem_id, "media_id": media_id}
        told = dict.fromkeys(("title", "summary", "category"), "x")
        version = CourseVersion(course_id=uuid.UUID(viewer.course_id), number=number, **told)
        version.difficulty, version.duration_min = "beginner", 10
        version.modules = [Module(position=1, **step)]
        committed.add(version)
        await committed.flush()
        moved = text("update enrollment set version_id = :v where id = :e")
        await committed.execute(moved, {"v": version.id, "e": uuid.UUID(viewer.enrollment)})
        await committed.commit()
        assert (await viewer.begins(str(version.modules[0].id)))["watched"] == watched


async def test_who_reads_the_file_elsewhere_says_so(viewer: Viewer) -> None:
    assert (await viewer.progress(viewer.paper, percent=99))["module"]["percent"] == 0
    assert (await viewer.progress(viewer.paper, percent=100))["module"]["percent"] == 100


@pytest.mark.parametrize("wrong", ["course_id", "module_id"])
async def test_only_a_film_of_ones_own_course_is_played(viewer: Viewer, wrong: str) -> None:
    body = {"course_id": viewer.course_id, "module_id": viewer.video} | {wrong: str(uuid.uuid4())}
    answer = await viewer.api.post("/play-sessions", json=body, headers=viewer.headers)
    assert answer.status_code == (409 if wrong == "course_id" else 404)
