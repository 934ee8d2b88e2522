"""Stars and comments: one a learner, read by the authors without names."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.learning.ratings import plain_text
from api.learning.service import enroll
from tests.factories import make_course, make_person


@dataclass
class Class:
    api: httpx.AsyncClient
    session: AsyncSession
    course_id: uuid.UUID
    author: dict[str, str]
    learners: list[dict[str, str]]
    outsider: dict[str, str]

    async def rate(self, learner: int, stars: Any = 4, comment: str = "Clear.") -> httpx.Response:
        body = {"course_id": str(self.course_id), "stars": stars, "comment": comment}
        return await self.api.put("/course-ratings", json=body, headers=self.learners[learner])

    async def read(self, headers: dict[str, str]) -> dict[str, Any]:
        answer = await self.api.get("/course-ratings", params={"course_id": str(self.course_id)}, headers=headers)
        return dict(answer.raise_for_status().json())

    async def facts(self) -> list[dict[str, Any]]:
        told = text(
            "select payload from event where type = 'learning.course_rated'"
            " and payload->>'course_id' = :id order by xid"
        )
        return list((await self.session.execute(told, {"id": str(self.course_id)})).scalars())


@pytest.fixture
async def course(api: httpx.AsyncClient, committed: AsyncSession, token_for: Callable[..., dict[str, str]]) -> Class:
    author, outsider = await make_person(committed, roles=("creator",)), await make_person(committed)
    people = [await make_person(committed) for _ in range(2)]
    found = await make_course(committed, author)
    for person in people:
        await enroll(committed, person_id=person.id, course_id=found.id)
    await committed.commit()
    learners = [token_for(person.id) for person in people]
    return Class(
        api, committed, found.id, token_for(author.id, "employee", "creator"), learners, token_for(outsider.id)
    )


async def test_a_learner_rates_once_and_may_think_again(course: Class) -> None:
    assert (await course.rate(0, 2, "Too fast.")).json()["stars"] == 2
    again = await course.rate(0, 5, "Better at half speed.")
    await course.rate(0, 5, "Better at half speed.")
    await course.rate(1, 4, "")
    assert again.json()["comment"] == "Better at half speed."
    read = await course.read(course.learners[0])
    assert (read["average"], read["count"], read["mine"]["stars"]) == (4.5, 2, 5)
    facts = await course.facts()
    assert [fact["stars"] for fact in facts] == [2, 5, 4], "the same again is no fact"
    assert not any("speed" in str(fact) for fact in facts), "what somebody wrote can be erased: no event has it"


async def test_everybody_who_may_take_the_course_reads_comments_without_names(course: Class) -> None:
    await course.rate(0, 3, "Nobody told me about R290.")
    read = await course.read(course.author)
    assert [(c["stars"], c["comment"], c["version"]) for c in read["comments"]] == [
        (3, "Nobody told me about R290.", 1)
    ]
    assert set(read["comments"][0]) == {"stars", "comment", "version", "written_on"}
    assert (await course.read(course.learners[1]))["comments"] == read["comments"]
    assert (await course.read(course.outsider))["comments"] == read["comments"]
    assert read["by_stars"] == [0, 0, 1, 0, 0]


async def test_only_who_is_enrolled_rates(course: Class) -> None:
    body = {"course_id": str(course.course_id), "stars": 5}
    answer = await course.api.put("/course-ratings", json=body, headers=course.outsider)
    assert (answer.status_code, answer.json()["title"]) == (409, "Not enrolled")
    nowhere = await course.api.get("/course-ratings", params={"course_id": str(uuid.uuid4())}, headers=course.outsider)
    assert nowhere.status_code == 404


@pytest.mark.parametrize("stars", [0, 6, 4.5, "4", True, None])
async def test_stars_are_one_to_five(course: Class, stars: Any) -> None:
    assert (await course.rate(0, stars)).status_code == 422


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Good <b>film</b><script>alert(1)</script>", "Good film"),
        ("a < b & c", "a < b & c"),
        ("  two   words\n\n\n\nand\tmore ", "two words\n\nand more"),
        ("nul\x00 and \u202eevil\u202c", "nul and evil"),
        ("👩‍🏫 fine", "👩‍🏫 fine"),
    ],
)
def test_a_comment_is_plain_text(written: str, kept: str) -> None:
    assert plain_text(written) == kept
