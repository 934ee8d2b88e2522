"""Whatever authors do to a draft, what they read is what they saved, and parts that stay keep their ids."""

import random
import uuid
from typing import Any

import pytest

from tests.api.courses.conftest import COURSE, Author, written

Document = dict[str, Any]
WORDS = ["Ladder", "naïve — ✓", "a\tb", "Ж" * 40, "{{1}}", "<b>", "  padded  ", "line\nline"]


def words(dice: random.Random) -> str:
    return dice.choice(WORDS)


def question(dice: random.Random) -> Document:
    kind = dice.choice(["single", "multiple", "ordering", "matching", "numeric", "short_text", "cloze"])
    choices = [{"label": f"{words(dice)} {n}", "is_correct": dice.random() < 0.5, "match": "x"} for n in range(3)]
    spec = {"numeric": {"value": 1.5, "tolerance": 0.25}, "short_text": {"accepted": ["a"], "case_sensitive": True}}
    return {
        "id": str(uuid.UUID(int=dice.getrandbits(128), version=4)),
        "kind": kind,
        "prompt": words(dice),
        "points": dice.randint(1, 5),
        "choices": choices if kind in ("single", "multiple", "ordering", "matching") else [],
        "spec": spec.get(kind, {"gaps": [{"accepted": ["b"]}]} if kind == "cloze" else {}),
    }


def module(dice: random.Random, sections: list[str]) -> Document:
    kind = dice.choice(["text", "quiz", "link", "live"])
    told: Document = {
        "id": str(uuid.UUID(int=dice.getrandbits(128), version=4)),
        "kind": kind,
        "title": words(dice),
        "weight": dice.randint(0, 9),
        "duration_s": dice.randint(0, 900),
        "section_id": dice.choice([None, *sections]),
        "body": words(dice),
    }
    if kind == "quiz":
        told["questions"] = [question(dice) for _ in range(dice.randint(0, 3))]
        told["settings"] = dice.choice([{}, {"attempts": 3, "shuffle": True}, {"pass_percent": 50}])
    if kind == "link":
        told["url"] = dice.choice(["", "https://example.com/a?b=c"])
    if kind == "live":
        told["settings"] = dice.choice([{}, {"starts_at": "2030-01-01T10:00:00Z", "place": "Hall"}])
    return told


def edited(dice: random.Random, document: Document) -> Document:
    """One to three things that an author does between two saves."""
    told = {**document, "modules": list(document["modules"]), "sections": list(document["sections"])}
    for _ in range(dice.randint(1, 3)):
        deed, sections = dice.randrange(8), [one["id"] for one in told["sections"]]
        at = dice.randrange(len(told["modules"])) if told["modules"] else None
        if deed == 0:
            told["modules"].insert(at or 0, module(dice, sections))
        elif deed == 1 and at is not None:
            told["modules"].pop(at)
        elif deed == 2:
            dice.shuffle(told["modules"])
        elif deed == 3 and at is not None:
            told["modules"][at] = told["modules"][at] | {"title": words(dice), "body": words(dice)}
        elif deed == 4:
            told["sections"].append({"id": str(uuid.UUID(int=dice.getrandbits(128), version=4)), "title": words(dice)})
        elif deed == 5 and sections:
            gone = told["sections"].pop(0)["id"]
            told["modules"] = [m | {"section_id": None} if m["section_id"] == gone else m for m in told["modules"]]
        elif deed == 6 and at is not None and told["modules"][at]["kind"] == "quiz":
            asked = [*told["modules"][at]["questions"], question(dice)]
            dice.shuffle(asked)
            told["modules"][at] = told["modules"][at] | {"questions": asked[: dice.randint(0, 4)]}
        else:
            told |= {
                "summary": words(dice),
                "skills": dice.sample(["A", "B", "C"], 2),
                "pass_percent": dice.randint(1, 100),
            }
    return told


def comparable(document: Document) -> Document:
    """Without what the server adds where an author said nothing, and with texts trimmed where it trims them."""
    told = written(document)
    plain = {"section_id": None, "media_id": None, "url": "", "settings": {}, "questions": [], "duration_s": 60}
    told["modules"] = [plain | one | {"title": one["title"].strip()} for one in told["modules"]]
    for one in told["modules"]:
        one["questions"] = [
            {"feedback": "", "image": None, **asked, "choices": [_choice(choice) for choice in asked["choices"]]}
            for asked in one["questions"]
        ]
    told["sections"] = [one | {"title": one["title"].strip()} for one in told["sections"]]
    return told


def _choice(choice: Document) -> Document:
    plain = {name: value for name, value in choice.items() if name != "id"}
    return {"feedback": "", **plain, "label": choice["label"].strip()}


@pytest.mark.parametrize("seed", range(6))
async def test_after_any_edits_what_is_read_is_what_was_saved(author: Author, seed: int) -> None:
    dice = random.Random(seed)
    await author.creates(**(COURSE if seed % 2 else {"modules": []}))
    stems: dict[str, str] = {}
    for _ in range(8):
        before = {one["id"]: one["stem_id"] for one in author.document["modules"]}
        sent = edited(dice, author.document)
        answer = await author.puts(sent)
        assert answer.status_code == 200, (sent, answer.text)
        saved = answer.json()
        assert comparable(saved) == comparable(sent)
        assert (await author.opens(author.course_id)) == saved
        stems = {one["id"]: one["stem_id"] for one in saved["modules"]}
        assert {id_: stem for id_, stem in before.items() if id_ in stems}.items() <= stems.items()
        again = await author.puts(sent, if_match='"1"')
        assert (again.status_code, again.headers["etag"]) == (200, author.etag)
    assert len(set(stems.values())) == len(stems)
