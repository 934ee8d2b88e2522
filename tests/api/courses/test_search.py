"""The catalogue's search over a real Postgres: stems, captions, typos, half words, filters with counts, each order."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_sessions
from api.core.jobs import Context
from api.core.settings import Settings
from api.courses.models import Course, CourseVersion, Module
from api.courses.search_rules import Words, meant_by, words_of
from api.learning.models import CourseRating
from api.learning.popularity_tasks import recount
from api.media.caption_tasks import read_captions
from api.media.models import MediaAsset
from api.media.storage import object_key, put_bytes
from tests.factories import make_course, make_enrollment, make_person

Headers = dict[str, str]


async def add(session: AsyncSession, title: str, *modules: Module, **fields: Any) -> Course:
    """A published course with these columns of its version."""
    owner = await make_person(session, "Owner")
    course = await make_course(session, owner, title, modules=list(modules) or None, is_published=False)
    version = (await session.scalars(select(CourseVersion).filter_by(course_id=course.id))).one()
    for name, value in fields.items():
        setattr(version, name, value)
    version.published_at = (await session.execute(text("select clock_timestamp()"))).scalar_one()
    await session.flush()
    course.current_version_id = version.id
    await session.commit()
    return course


@pytest.fixture
async def reader(committed: AsyncSession, token_for: Callable[..., Headers]) -> Headers:
    person = await make_person(committed, "Rita Reader")
    await committed.commit()
    return token_for(person.id, "employee")


async def found(api: httpx.AsyncClient, reader: Headers, search: str = "", **query: Any) -> dict[str, Any]:
    answer = await api.get("/courses", params={"search": search, **query}, headers=reader)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def titles(api: httpx.AsyncClient, reader: Headers, search: str = "", **query: Any) -> list[str]:
    return [item["title"] for item in (await found(api, reader, search, **query))["items"]]


async def test_a_course_is_found_by_its_own_languages_stems_in_all_that_is_written_of_it(
    api: httpx.AsyncClient, reader: Headers, committed: AsyncSession
) -> None:
    step = Module(position=1, kind="text", title="Notausgänge finden", duration_s=60, body="Da.")
    labour = {
        "language": "de",
        "skills": ["Gefahrstoffe"],
        "summary": "Was im Labor gilt",
        "description": "Mit Übungen.",
    }
    await add(committed, "Sicherheit im Labor", step, **labour)
    await add(committed, "Negotiating salaries", language="en")
    await add(committed, "Turvallisuus työpaikalla", language="fi")
    await add(committed, "安全 第一", language="ja")
    for search in ("Sicherheiten", "Labore", "Gefahrstoff", "übung", "Notausgang", "sicherh", "-Salat Sicherheit"):
        assert await titles(api, reader, search) == ["Sicherheit im Labor"], search
    for search in ("negotiated", "salary negotiations", "negoti", '"negotiating salaries"'):
        assert await titles(api, reader, search) == ["Negotiating salaries"], search
    assert await titles(api, reader, "turvallisuuden") == ["Turvallisuus työpaikalla"]
    assert await titles(api, reader, "安全") == ["安全 第一"]
    assert await titles(api, reader, "Sicherheit -Labor") == []


async def test_a_title_counts_more_than_a_text_and_a_whole_word_more_than_a_half_one(
    api: httpx.AsyncClient, reader: Headers, committed: AsyncSession
) -> None:
    await add(committed, "An article about welders", summary="On art")
    await add(committed, "Art for welders", summary="Painting")
    await add(committed, "Welders at work", summary="Nothing", description="They paint and art is near.")
    assert await titles(api, reader, "art") == ["Art for welders", "An article about welders", "Welders at work"]


async def test_a_misspelt_word_finds_titles_and_skills_and_says_what_was_meant(
    api: httpx.AsyncClient, reader: Headers, committed: AsyncSession
) -> None:
    await add(committed, "Strange mails", skills=["Phishing"], category="Mail")
    await add(committed, "Forklift basics", category="Depot")
    for search, title, meant in (
        ("phising", "Strange mails", "phishing"),
        ("forclift", "Forklift basics", "forklift"),
        ("basics of forkliftt", "Forklift basics", "basics of forklift"),
    ):
        page = await found(api, reader, search, facets=True)
        assert [item["title"] for item in page["items"]] == [title]
        assert (page["meant"], page["alike"], page["total"]) == (meant, True, 1), search
    assert await titles(api, reader, "phising", category="Depot") == []
    nothing = await found(api, reader, "qqqqxx", facets=True)
    assert (nothing["items"], nothing["total"], nothing["facets"]["category"]) == ([], 0, [])


async def test_each_filter_is_counted_with_the_others_but_not_with_itself(
    api: httpx.AsyncClient, reader: Headers, committed: AsyncSession
) -> None:
    for number, (category, difficulty, language, minutes) in enumerate(
        [("Red", "beginner", "en", 10), ("Red", "advanced", "de", 40), ("Blue", "beginner", "de", 70)]
    ):
        fields = {"category": category, "difficulty": difficulty, "language": language, "duration_min": minutes}
        await add(committed, f"Counting {number}", skills=["Sums", f"Only {number}"], **fields)

    async def counts(**query: Any) -> dict[str, dict[Any, int]]:
        page = await found(api, reader, "counting", facets=True, **query)
        told = {name: {one["value"]: one["count"] for one in values} for name, values in page["facets"].items()}
        return {"total": page["total"], **told}

    whole = await counts()
    assert whole["total"] == 3
    assert (whole["category"], whole["difficulty"]) == ({"Red": 2, "Blue": 1}, {"beginner": 2, "advanced": 1})
    assert (whole["language"], whole["skill"]["Sums"]) == ({"de": 2, "en": 1}, 3)
    assert whole["max_minutes"] == {15: 1, 30: 1, 60: 2, 120: 3}
    red = await counts(category="Red", skill="Sums", max_minutes=60)
    assert (red["total"], red["category"], red["language"]) == (2, {"Red": 2}, {"en": 1, "de": 1})
    assert (red["max_minutes"], red["skill"]["Sums"]) == ({15: 1, 30: 1, 60: 2, 120: 2}, 2)
    assert await titles(api, reader, "counting", category="Red", language="de") == ["Counting 1"]
    assert await titles(api, reader, category="Blue", facets=True, skill="Only 2") == ["Counting 2"]


@pytest.mark.parametrize("search", ["", "ordinary"])
async def test_every_order_has_its_pages_without_a_gap_or_a_double(
    api: httpx.AsyncClient, reader: Headers, committed: AsyncSession, search: str
) -> None:
    for number in range(0 if await titles(api, reader, "ordinary") else 5):
        minutes = {"duration_min": 50 - number, "category": "Ordinary"}
        course = await add(committed, f"Ordinary {'dbeca'[number]}", **minutes)
        for one in range(number):
            person = await make_person(committed, f"Learner {one}")
            rating = {"person_id": person.id, "course_id": course.id, "version_id": course.current_version_id}
            committed.add(CourseRating(**rating, stars=number))
            await make_enrollment(committed, person, course)
    await recount(committed)
    await committed.commit()
    orders = {"title": "abcde", "newest": "acebd", "popular": "acebd", "duration": "acebd", "relevance": "abcde"}
    if search:
        orders["relevance"] = "acebd"  # alike in all words, so by who takes them
    for sort, order in orders.items():
        seen, cursor = "", None
        while True:
            asked = {"sort": sort, "limit": 2, "category": "Ordinary"} | ({"cursor": cursor} if cursor else {})
            page = await found(api, reader, search, **asked)
            seen += "".join(item["title"][-1] for item in page["items"])
            if not (cursor := page["next"]):
                break
        assert seen == order, sort
    cursor = (await found(api, reader, search, sort="newest", limit=1))["next"]
    other = await api.get("/courses", params={"search": search, "sort": "title", "cursor": cursor}, headers=reader)
    assert (other.status_code, "same `sort`" in other.json()["detail"]) == (422, True)


async def test_one_rating_of_five_stars_does_not_beat_many_that_are_nearly_so(
    api: httpx.AsyncClient, reader: Headers, committed: AsyncSession
) -> None:
    for title, stars in (("Lauded once", [5]), ("Lauded often", [5] * 11 + [4]), ("Booed", [1, 1, 2])):
        course = await add(committed, title, category="Lauded")
        for given in stars:
            person = await make_person(committed, "Critic")
            rating = {"person_id": person.id, "course_id": course.id, "version_id": course.current_version_id}
            committed.add(CourseRating(**rating, stars=given))
    await recount(committed)
    await committed.commit()
    page = await found(api, reader, sort="rating", category="Lauded")
    told = [(item["title"], item["rating"], item["rating_count"]) for item in page["items"]]
    assert told == [("Lauded often", 4.9, 12), ("Lauded once", 5.0, 1), ("Booed", 1.3, 3)]


async def test_what_captions_say_is_searched_from_when_they_are_given_until_they_change(
    api: httpx.AsyncClient, reader: Headers, committed: AsyncSession, settings: Settings
) -> None:
    await put_bytes(settings, object_key("a" * 64), b"WEBVTT\n\n00:01.000 --> 00:02.000\nBeware of <b>crocodiles</b>\n")
    await put_bytes(settings, object_key("b" * 64), b"WEBVTT\n\n00:01.000 --> 00:02.000\nNur Krokodile\n")
    film = {"kind": "video", "file_name": "f.mp4", "content_type": "video/mp4", "size_bytes": 1, "status": "ready"}
    asset = MediaAsset(**film, detail={"captions": [{"language": "en", "label": "English", "sha256": "a" * 64}]})
    committed.add(asset)
    await committed.flush()
    step = Module(position=1, kind="video", title="Film", duration_s=60, media_id=asset.id)
    await add(committed, "Rivers", step, language="en")
    context = Context(settings, make_sessions(committed.bind))  # type: ignore[arg-type]
    assert await titles(api, reader, "crocodile") == []
    await read_captions(context, asset_id=str(asset.id))
    await until(lambda: titles(api, reader, "crocodile", limit=9), ["Rivers"])
    asset.detail = {"captions": [{"language": "de", "label": "Deutsch", "sha256": "b" * 64}]}
    await committed.commit()
    await read_captions(context, asset_id=str(asset.id))
    await until(lambda: titles(api, reader, "Krokodilen", limit=8), ["Rivers"])
    assert await titles(api, reader, "crocodiles", limit=7) == []


async def until(ask: Callable[[], Any], wanted: list[str]) -> None:
    """Another process sees a change within a second."""
    for _ in range(100):
        if (seen := await ask()) == wanted:
            return
        await asyncio.sleep(0.1)
    assert seen == wanted


async def test_who_changes_the_catalogue_sees_it_at_once_and_everybody_else_soon(
    api: httpx.AsyncClient, reader: Headers, committed: AsyncSession, token_for: Callable[..., Headers]
) -> None:
    author = await make_person(committed, "Ada Author")
    await committed.commit()
    creator = token_for(author.id, "employee", "creator")
    step = {"kind": "text", "title": "Read", "duration_s": 60, "body": "This."}
    draft = {"title": "Zeppelins", "summary": "s", "category": "Air", "difficulty": "beginner", "modules": [step]}
    course_id = (await api.post("/create-course", json=draft, headers=creator)).json()["course_id"]
    for path, body, seen in (
        ("/publish-course", {}, ["Zeppelins"]),
        ("/unpublish-course", {}, []),
        ("/restore-course", {}, ["Zeppelins"]),
        ("/archive-course", {}, []),
        ("/restore-course", {}, ["Zeppelins"]),
    ):
        assert await titles(api, reader, "zeppelin") == ([] if seen else ["Zeppelins"])
        answer = await api.post(path, json={"course_id": course_id, **body}, headers=creator)
        assert answer.is_success, answer.text
        assert await titles(api, reader, "zeppelin") == seen, path
    await committed.execute(text("update course set archived_at = now() where id = :id"), {"id": course_id})
    await committed.commit()
    await until(lambda: titles(api, reader, "zeppelin"), [])


async def test_an_answer_that_is_remembered_is_still_only_for_who_is_signed_in(
    api: httpx.AsyncClient, reader: Headers
) -> None:
    for _ in range(2):
        assert (await api.get("/courses?limit=3", headers=reader)).status_code == 200
    for headers in ({}, {"Authorization": "Bearer nonsense"}):
        assert (await api.get("/courses?limit=3", headers=headers)).status_code == 401


@pytest.mark.parametrize(
    ("search", "words"),
    [
        ("data protection", Words("data", "protection")),
        ("data", Words("", "data")),
        ("i", Words("i")),
        ("data -gdpr -law rules", Words("data", "rules", "gdpr or law")),
        ('"fire exit" plan', Words('"fire exit" plan')),
        ("cats or dogs", Words("cats or dogs")),
        ("e-mail", Words("e-mail")),
        ("C++", Words("C++")),
        ("-", Words("-")),
    ],
)
def test_the_last_word_may_be_half_typed_unless_the_search_says_more(search: str, words: Words) -> None:
    assert words_of(search) == words


@pytest.mark.parametrize(
    ("search", "meant"),
    [
        ("phising", "phishing"),
        ("phising mails", "phishing mails"),
        ("phishing", ""),
        ("pishing 7", "phishing 7"),
        ("xyzabc", ""),
        ("phi", ""),
    ],
)
def test_a_word_means_the_most_alike_one_of_the_names(search: str, meant: str) -> None:
    assert meant_by(search, ["Phishing by mail", "Strange mails", "7 rules"]) == meant
