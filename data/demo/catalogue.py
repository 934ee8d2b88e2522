"""The courses of `content/courses/*.yml`; the right answers are shuffled among the choices, the same way each time."""

import functools
import random
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from data.demo.company import CONTENT, SEED, read_yaml

VIDEO_S = 60
KINDS = ("video", "document", "text", "quiz")


@dataclass(frozen=True, slots=True)
class Question:
    """`hardness` and `discrimination` shape the demo answers (two-parameter logistic model)."""

    kind: str
    prompt: str
    choices: list[tuple[str, bool]]
    hardness: float
    discrimination: float


@dataclass(frozen=True, slots=True)
class Module:
    kind: str
    title: str
    duration_s: int
    body: str = ""
    file: str | None = None
    questions: list[Question] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Course:
    """`key` is the file's name; `owner` a role of `creators` in company.yml."""

    key: str
    title: str
    summary: str
    description: str
    category: str
    difficulty: str
    skills: list[str]
    owner: str
    pass_percent: int
    is_draft: bool
    modules: list[Module]
    next: "Next | None" = None
    love: float = 4.2
    """Around which the stars of its learners lie."""


@dataclass(frozen=True, slots=True)
class Next:
    """The version after the first: the course as it is from `days_ago` on, with what is new in it."""

    days_ago: int
    notes: str
    course: Course


@functools.cache
def catalogue() -> dict[str, Course]:
    return {path.stem: _course(path) for path in sorted((CONTENT / "courses").glob("*.yml"))}


def _course(path: Path) -> Course:
    raw = read_yaml(path)
    rng = random.Random(f"{SEED} {path.stem}")  # noqa: S311  (a story, not a secret)
    modules = [_module(item, rng) for item in raw["modules"]]
    items = max((len(module.questions) for module in modules), default=0)
    course = Course(
        key=path.stem,
        title=raw["title"],
        summary=raw["summary"],
        description=raw["description"],
        category=raw["category"],
        difficulty=raw["difficulty"],
        skills=raw["skills"],
        owner=raw["owner"],
        pass_percent=raw.get("pass_percent", {3: 65, 4: 75}.get(items, 80)),
        is_draft=raw.get("is_draft", False),
        modules=modules,
        love=raw.get("love", rng.gauss(4.1, 0.25)),
    )
    return replace(course, next=_next(course, raw["next"])) if "next" in raw else course


def _next(course: Course, raw: dict[str, Any]) -> Next:
    """The same modules; an edited question keeps its place and its choices."""
    edits = raw["edits"]

    def edited(module: Module) -> Module:
        questions = [replace(q, **edits[q.prompt]) if q.prompt in edits else q for q in module.questions]
        return replace(module, questions=questions)

    modules = [edited(module) for module in course.modules]
    return Next(raw["days_ago"], raw["notes"], replace(course, modules=modules, love=raw.get("love", course.love)))


def _module(raw: dict[str, Any], rng: random.Random) -> Module:
    kind = next(kind for kind in KINDS if kind in raw)
    questions = [_question(item, rng) for item in raw.get("questions", [])]
    seconds = {"video": VIDEO_S, "quiz": 45 * len(questions)}.get(kind, 60 * raw.get("minutes", 5))
    return Module(kind, raw[kind], seconds, raw.get("body", ""), raw.get("file"), questions)


def _question(raw: dict[str, Any], rng: random.Random) -> Question:
    right = raw["right"] if isinstance(raw["right"], list) else [raw["right"]]
    choices = [(str(label), True) for label in right] + [(str(label), False) for label in raw["wrong"]]
    rng.shuffle(choices)
    hardness = raw.get("hardness", rng.gauss(-0.9, 0.6))
    return Question(
        raw.get("kind", "single"), raw["ask"], choices, hardness, raw.get("discrimination", rng.uniform(0.9, 1.7))
    )
