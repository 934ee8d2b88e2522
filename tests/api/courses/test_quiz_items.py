"""Item versions: what was published keeps its number, what was edited gets the next, and nobody takes others' items."""

import random
import uuid
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from api.courses.quiz_rules import draw
from tests.api.courses.conftest import Author

Json = dict[str, Any]
QUESTION = {"prompt": "It wobbles.", "choices": [{"label": "Climb"}, {"label": "Stop", "is_correct": True}]}


def quiz(*questions: Json) -> Json:
    return {"kind": "quiz", "title": "Ready?", "questions": list(questions)}


async def published(author: Author, *questions: Json) -> list[Json]:
    """The questions of the next draft, after these were published."""
    await author.creates(modules=[quiz(*questions)])
    await author.publishes()
    return list((await author.begins())["modules"][0]["questions"])


async def saved(author: Author, questions: list[Json]) -> list[Json]:
    module = author.document["modules"][0] | {"questions": questions}
    return list((await author.saves(modules=[module]))["modules"][0]["questions"])


def numbers(questions: list[Json]) -> list[tuple[str, int]]:
    return [(question["item_id"], question["item_version"]) for question in questions]


async def test_an_edit_after_publishing_is_the_next_version_however_often_it_is_saved(author: Author) -> None:
    (question,) = await published(author, QUESTION)
    item_id = question["item_id"]
    assert question["item_version"] == 1
    for prompt in ("It wobbles!", "It wobbles!!"):
        (edited,) = await saved(author, [question | {"prompt": prompt}])
        assert numbers([edited]) == [(item_id, 2)]
    (back,) = await saved(author, [question])
    assert numbers([back]) == [(item_id, 1)]
    (told,) = await saved(author, [question | {"feedback": "Look first."}])
    assert numbers([told]) == [(item_id, 1)]
    await saved(author, [question | {"points": 3}])
    await author.publishes()
    (copy,) = (await author.begins())["modules"][0]["questions"]
    assert (numbers([copy]), copy["id"] != question["id"]) == ([(item_id, 2)], True)
    assert numbers(await saved(author, [copy | {"prompt": "Other"}])) == [(item_id, 3)]


async def test_a_copy_of_a_question_that_is_changed_is_an_item_of_its_own(author: Author) -> None:
    (question,) = await published(author, QUESTION)
    twin = {name: value for name, value in question.items() if name != "id"}
    twin["choices"] = [choice | {"id": None} for choice in question["choices"]]
    same, changed = twin | {"id": str(uuid.uuid4())}, twin | {"id": str(uuid.uuid4()), "prompt": "Another"}
    first, second, third, fourth = await saved(
        author, [question, same, changed, changed | {"id": str(uuid.uuid4()), "prompt": "A third"}]
    )
    assert numbers([first, second]) == [(question["item_id"], 1)] * 2
    assert numbers([third]) == [(question["item_id"], 2)]
    assert numbers([fourth]) == [(fourth["id"], 1)]


async def test_an_item_of_another_course_is_not_taken_over(author: Author, other: Author) -> None:
    (theirs,) = await published(other, QUESTION)
    await author.creates(modules=[quiz(QUESTION | {"item_id": theirs["item_id"]})])
    (mine,) = author.document["modules"][0]["questions"]
    assert mine["item_id"] != theirs["item_id"]


async def test_a_question_copied_from_a_bank_keeps_its_item_until_it_is_edited(author: Author) -> None:
    bank_id = (await author.post("/question-banks", title="Bank")).json()["id"]
    item = (await author.post("/bank-items", bank_id=bank_id, **QUESTION)).json()
    await author.creates(modules=[quiz(QUESTION | {"item_id": item["item_id"]})])
    (kept,) = author.document["modules"][0]["questions"]
    assert numbers([kept]) == [(item["item_id"], 1)]
    (edited,) = await saved(author, [kept | {"prompt": "Mine now"}])
    assert numbers([edited]) == [(edited["id"], 1)]


async def test_a_draft_keeps_every_kind_as_it_was_written(author: Author) -> None:
    given_questions = [
        {"kind": "ordering", "choices": [{"label": "a"}, {"label": "b"}]},
        {"kind": "matching", "choices": [{"label": "a", "match": "1"}, {"label": "b", "match": "2"}]},
        {"kind": "numeric", "spec": {"value": 0.1, "tolerance": 0.01}},
        {"kind": "short_text", "spec": {"accepted": ["Ada"], "case_sensitive": True}},
        {"kind": "cloze", "prompt": "{{1}}", "spec": {"gaps": [{"accepted": ["x", "y"]}]}},
    ]
    await author.creates(modules=[quiz(*given_questions)])
    read = author.document["modules"][0]["questions"]
    assert [one["spec"] for one in read[2:]] == [one["spec"] for one in given_questions[2:]]
    assert [choice["match"] for choice in read[1]["choices"]] == ["1", "2"]
    assert await saved(author, read) == read
    failed = await author.post("/publish-course", course_id=author.course_id)
    assert sum("write what is asked" in sentence for sentence in failed.json()["missing"]) == 4


draws = st.lists(st.tuples(st.integers(1, 4), st.lists(st.integers(0, 12), unique=True, max_size=10)), max_size=4)


@settings(max_examples=100, deadline=None)
@given(asked=draws, seed=st.integers())
def test_a_draw_takes_nothing_twice_and_is_found_whenever_there_is_one(
    asked: list[tuple[int, list[int]]], seed: int
) -> None:
    drawn = draw(asked, random.Random(seed))
    slots = [set(candidates) for count, candidates in asked for _ in range(count)]
    if drawn is None:  # Hall: some draws together have fewer candidates than they ask for
        subsets = range(1, 2 ** len(asked))
        picked = [[one for place, one in enumerate(asked) if subset >> place & 1] for subset in subsets]
        assert any(len(set().union(*(c for _, c in some))) < sum(count for count, _ in some) for some in picked)
    else:
        assert len(set(drawn)) == len(drawn) == len(slots)
        assert all(thing in candidates for thing, candidates in zip(drawn, slots, strict=True))
