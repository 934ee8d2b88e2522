"""The catalogue and what creators do, over HTTP."""

import asyncio
import uuid
from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from tests.factories import make_course, make_person

Headers = dict[str, str]
QUIZ = {
    "kind": "quiz",
    "title": "Ready?",
    "questions": [{"prompt": "It wobbles.", "choices": [{"label": "Climb"}, {"label": "Stop", "is_correct": True}]}],
}
DRAFT = {
    "title": "Working at height",
    "summary": "Ladders and harnesses.",
    "category": "Safety",
    "difficulty": "beginner",
    "modules": [{"kind": "text", "title": "Before you climb", "duration_s": 120, "body": "Check."}, QUIZ],
}


@pytest.fixture
async def creator(committed: AsyncSession, token_for: Callable[..., Headers]) -> Headers:
    person = await make_person(committed, "Cleo Ray")
    await committed.commit()
    return token_for(person.id, "employee", "creator")


@pytest.fixture
async def stranger(committed: AsyncSession, token_for: Callable[..., Headers]) -> Headers:
    """Another creator."""
    person = await make_person(committed, "Sam Strange")
    await committed.commit()
    return token_for(person.id, "employee", "creator")


async def titles(api: httpx.AsyncClient, headers: Headers, **query: object) -> list[str]:
    answer = await api.get("/courses", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in answer.json()["items"]]


async def test_a_draft_is_not_in_the_catalogue_until_it_is_published(api: httpx.AsyncClient, creator: Headers) -> None:
    title = f"Height {uuid.uuid4().hex}"
    made = (await api.post("/create-course", json=DRAFT | {"title": title}, headers=creator)).json()
    assert title not in await titles(api, creator, search=title)
    published = await api.post("/publish-course", json={"course_id": made["course_id"]}, headers=creator)
    assert published.json()["published_at"]
    assert await titles(api, creator, search=title) == [title]


async def test_creating_with_the_same_id_again_gives_the_first_course(api: httpx.AsyncClient, creator: Headers) -> None:
    body = DRAFT | {"id": str(uuid.uuid4())}
    first, second = [await api.post("/create-course", json=body, headers=creator) for _ in range(2)]
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()


async def test_two_requests_with_the_same_id_at_once_make_one_course(api: httpx.AsyncClient, creator: Headers) -> None:
    body = DRAFT | {"id": str(uuid.uuid4())}
    answers = await asyncio.gather(*(api.post("/create-course", json=body, headers=creator) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["version_id"] for answer in answers}) == 1


async def test_an_id_of_somebody_else_is_a_conflict(
    api: httpx.AsyncClient, creator: Headers, stranger: Headers
) -> None:
    body = DRAFT | {"id": str(uuid.uuid4())}
    await api.post("/create-course", json=body, headers=creator)
    assert (await api.post("/create-course", json=body, headers=stranger)).status_code == 409


async def test_publishing_twice_gives_the_same_version(api: httpx.AsyncClient, creator: Headers) -> None:
    made = (await api.post("/create-course", json=DRAFT, headers=creator)).json()
    body = {"course_id": made["course_id"]}
    first, second = [(await api.post("/publish-course", json=body, headers=creator)).json() for _ in range(2)]
    assert first == second


@pytest.mark.parametrize(
    ("modules", "missing"),
    [
        ([], "no module yet"),
        ([{"kind": "video", "title": "Film"}], "Module 1 (Film) has no file"),
        ([{"kind": "text", "title": "Words", "body": "  "}], "has no text"),
        ([{"kind": "quiz", "title": "Quiz"}], "has no question"),
        (
            [
                {
                    "kind": "quiz",
                    "title": "Q",
                    "questions": [{"prompt": "?", "choices": [{"label": "a"}, {"label": "b"}]}],
                }
            ],
            "mark the right choice",
        ),
    ],
)
async def test_an_unfinished_course_is_not_published_and_the_answer_says_what_is_missing(
    api: httpx.AsyncClient, creator: Headers, modules: list[object], missing: str
) -> None:
    made = (await api.post("/create-course", json=DRAFT | {"modules": modules}, headers=creator)).json()
    answer = await api.post("/publish-course", json={"course_id": made["course_id"]}, headers=creator)
    assert answer.status_code == 409
    assert missing in answer.json()["missing"][0]


async def test_only_the_owner_publishes(api: httpx.AsyncClient, creator: Headers, stranger: Headers) -> None:
    made = (await api.post("/create-course", json=DRAFT, headers=creator)).json()
    answer = await api.post("/publish-course", json={"course_id": made["course_id"]}, headers=stranger)
    assert answer.status_code == 403


async def test_an_employee_does_not_create_courses(
    api: httpx.AsyncClient, committed: AsyncSession, token_for: Callable[..., Headers]
) -> None:
    person = await make_person(committed)
    await committed.commit()
    answer = await api.post("/create-course", json=DRAFT, headers=token_for(person.id, "employee"))
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
    assert "role creator" in answer.json()["detail"]


@pytest.mark.parametrize(
    "change",
    [
        {"title": ""},
        {"title": "nul \x00"},
        {"difficulty": "heroic"},
        {"modules": [{"kind": "hologram", "title": "x"}]},
        {"pass_percent": 101},
        {"language": "english"},
    ],
)
async def test_a_bad_draft_is_refused_with_the_place(api: httpx.AsyncClient, creator: Headers, change: dict) -> None:
    answer = await api.post("/create-course", json=DRAFT | change, headers=creator)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith("/body/")


@pytest.mark.parametrize(
    "statement",
    [
        "update course_version set title = 'changed' where id = :v",
        "update module set title = 'changed' where version_id = :v",
        "update module set version_id = :other, position = 9 where version_id = :v and position = 1",
        "update module set version_id = :v, position = 9 where version_id = :other and position = 1",
        "delete from choice where question_id in (select q.id from question q join module m on m.id = q.module_id"
        " where m.version_id = :v)",
    ],
)
async def test_a_published_version_is_immutable_even_for_plain_sql(session: AsyncSession, statement: str) -> None:
    owner = await make_person(session)
    course = await make_course(session, owner)
    draft = text("select id from course_version where course_id = :c")
    other = await session.scalar(draft, {"c": (await make_course(session, owner, is_published=False)).id})
    with pytest.raises(IntegrityError, match="published and immutable"):
        values = {"v": course.current_version_id} | ({"other": other} if ":other" in statement else {})
        await session.execute(text(statement), values)


async def test_search_finds_stems_typos_and_filters(
    api: httpx.AsyncClient, creator: Headers, committed: AsyncSession
) -> None:
    owner = await make_person(committed)
    await make_course(committed, owner, "Lifting heavy loads", category="Safety")
    await make_course(committed, owner, "Negotiating salaries", category="Leadership", difficulty="advanced")
    await committed.commit()
    assert await titles(api, creator, search="negotiate") == ["Negotiating salaries"]
    assert await titles(api, creator, search="negociating") == ["Negotiating salaries"]
    assert await titles(api, creator, search="liffting") == ["Lifting heavy loads"]
    assert await titles(api, creator, search="heavy", category="Leadership") == []
    assert await titles(api, creator, category="Leadership", difficulty="advanced") == ["Negotiating salaries"]


@pytest.mark.parametrize(
    "search",
    ["'", '"', "a & | !", "((", "%", "\\", "ß" * 150, "🎓", "-", "or and not", ":x", "<->", "!!", "a:*", "𝕏" * 50],
)
async def test_a_strange_search_finds_nothing_or_something_but_never_fails(
    api: httpx.AsyncClient, creator: Headers, search: str
) -> None:
    await titles(api, creator, search=search)


@pytest.mark.parametrize("query", [{"category": "Paging"}, {"search": "walkthrough"}, {"search": "wolkthrough"}])
async def test_pages_follow_each_other_without_a_gap_or_a_double(
    api: httpx.AsyncClient, creator: Headers, committed: AsyncSession, query: Headers
) -> None:
    """By category, by rank and by look."""
    owner = await make_person(committed)
    for number in range(0 if await titles(api, creator, category="Paging") else 5):
        await make_course(committed, owner, f"Walkthrough {number}", category="Paging")
    await committed.commit()
    seen: list[str] = []
    cursor: str | None = None
    while True:
        asked = query | {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await api.get("/courses", params=asked, headers=creator)).json()
        seen += [item["title"] for item in page["items"]]
        if not (cursor := page["next"]):
            break
    assert seen == [f"Walkthrough {number}" for number in range(5)]


@pytest.mark.parametrize("cursor", ["x", "%00", "é", "bzk5OTk5OTk5", "b2FiYw", "by0x"])
async def test_an_invented_cursor_is_refused(api: httpx.AsyncClient, creator: Headers, cursor: str) -> None:
    assert (await api.get("/courses", params={"cursor": cursor}, headers=creator)).status_code == 422
