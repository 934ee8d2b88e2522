"""Quiz items between the wire and the tables: as authors write them, and as learners see them, without the answers."""

import random
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.strategy_options import _AbstractLoad

from api.core.db import new_id
from api.courses.bank_models import BankItem, BankItemVersion, QuestionBank
from api.courses.models import Choice, Course, CourseAuthor, CourseVersion, Module, Question
from api.courses.quiz_rules import ChoiceContent, ItemContent, item_fault, item_version_of
from api.courses.quiz_schemas import SPEC_FIELDS, QuestionIn, QuizSettings
from api.media.models import MediaAsset

SHARED = ("kind", "prompt", "points", "feedback", "spec", "image_id", "image_alt")
"""Columns of a question and of a bank item's version."""

Link = Callable[[MediaAsset], dict[str, Any]]
T = TypeVar("T")


def question_parts() -> tuple[_AbstractLoad, ...]:
    """All that this module of ours reads of a question, as options of a statement that loads questions."""
    return selectinload(Question.choices), selectinload(Question.image).selectinload(MediaAsset.object)


def with_questions(modules: _AbstractLoad) -> _AbstractLoad:
    """The same for an option that loads modules."""
    return modules.selectinload(Module.questions).options(*question_parts())


@dataclass(frozen=True, slots=True)
class KnownItems:
    """What was there before: the item of each question of the draft, and the contents of each item's versions.

    An item `of_bank` gets its versions there: edited in a quiz, it becomes an item of its own.
    """

    items: dict[uuid.UUID, uuid.UUID] = field(default_factory=dict)
    versions: dict[uuid.UUID, dict[int, ItemContent]] = field(default_factory=dict)
    of_bank: frozenset[uuid.UUID] = frozenset()


async def known_items(session: AsyncSession, *, course_id: uuid.UUID, given: Iterable[QuestionIn]) -> KnownItems:
    """Ask before the draft's old rows are deleted. Known are items of this course and of its authors' banks only:
    nobody writes into the statistics of others' items.
    """
    asked = list(given)
    mine = select(Question).join(Question.module).join(Module.version).where(CourseVersion.course_id == course_id)
    ids = [question.id for question in asked if question.id]
    rows = await session.execute(mine.where(Question.id.in_(ids)).with_only_columns(Question.id, Question.item_id))
    items = {row.id: row.item_id for row in rows}
    named = {question.item_id for question in asked if question.item_id}
    wanted = {*items.values(), *named}
    banked = await _bank_versions(session, course_id, wanted, set(items.values()))
    published = mine.where(CourseVersion.published_at.is_not(None), Question.item_id.in_(wanted - set(banked)))
    versions: dict[uuid.UUID, dict[int, ItemContent]] = {**banked}
    for old in await session.scalars(published.options(selectinload(Question.choices))):
        versions.setdefault(old.item_id, {})[old.item_version] = content_of(old)
    return KnownItems(items, versions, frozenset(banked))


async def _bank_versions(
    session: AsyncSession, course_id: uuid.UUID, wanted: set[uuid.UUID], used: set[uuid.UUID]
) -> dict[uuid.UUID, dict[int, ItemContent]]:
    """Of bank items that belong to an author of the course, or that it uses already."""
    if not wanted:
        return {}
    owner = select(Course.owner_id).where(Course.id == course_id)
    others = select(CourseAuthor.person_id).where(CourseAuthor.course_id == course_id)
    theirs = QuestionBank.owner_id.in_(owner) | QuestionBank.owner_id.in_(others)
    statement = (
        select(BankItem, BankItemVersion)
        .join(BankItemVersion, BankItemVersion.item_id == BankItem.id)
        .join(BankItem.bank)
        .where(BankItem.id.in_(wanted), theirs | BankItem.id.in_(used))
        .options(selectinload(BankItemVersion.image))
    )
    versions: dict[uuid.UUID, dict[int, ItemContent]] = {}
    for item, version in await session.execute(statement):
        content = content_of(as_question(item, version, is_stored=False))
        versions.setdefault(item.id, {})[version.version] = content
    return versions


def as_question(
    item: BankItem, version: BankItemVersion, *, draws: list[int] | None = None, is_stored: bool = True
) -> Question:
    """A row that can be asked, as a quiz gets it. Not to be stored, it has the item's id, and its choices' own."""
    return Question(
        id=new_id() if is_stored else item.id,
        item_id=item.id,
        item_version=version.version,
        **{name: getattr(version, name) for name in SHARED},
        image=version.image,
        draws=draws or [],
        choices=[
            Choice(position=number, **(choice | {"id": uuid.uuid4() if is_stored else uuid.UUID(choice["id"])}))
            for number, choice in enumerate(version.choices, 1)
        ],
    )


def question_rows(given: Sequence[QuestionIn], known: KnownItems | None = None) -> list[Question]:
    """Rows of a draft's quiz, in order. An item edited since it was published has the next `item_version`."""
    known = known or KnownItems()
    taken: dict[tuple[uuid.UUID, int], ItemContent] = {}
    rows = [_row(position, question) for position, question in enumerate(given, 1)]
    for row, question in zip(rows, given, strict=True):
        content = content_of(row)
        row.item_id, row.item_version = _item_of(row.id, content, question.item_id, known)
        if taken.setdefault((row.item_id, row.item_version), content) != content:  # a copy that was changed
            row.item_id, row.item_version = row.id, 1
    return rows


def _row(position: int, given: QuestionIn) -> Question:
    return Question(
        id=given.id or uuid.uuid4(),
        position=position,
        **given.model_dump(include={"kind", "prompt", "points", "feedback"}),
        spec=given.spec.model_dump(include=SPEC_FIELDS.get(given.kind, set())),
        draws=[],
        image_id=given.image.media_id if given.image else None,
        image_alt=given.image.alt if given.image else "",
        # Random, not in order of time as elsewhere: an ordering item's ids would tell its order.
        choices=[
            Choice(position=number, **(choice.model_dump() | {"id": choice.id or uuid.uuid4()}))
            for number, choice in enumerate(given.choices, 1)
        ],
    )


def _item_of(
    question_id: uuid.UUID, content: ItemContent, named: uuid.UUID | None, known: KnownItems
) -> tuple[uuid.UUID, int]:
    item_id = known.items.get(question_id) or named
    if item_id is None or not (item_id in known.versions or item_id in known.items.values()):
        return question_id, 1
    versions = known.versions.get(item_id, {})
    if item_id in known.of_bank and content not in versions.values():
        return question_id, 1
    return item_id, item_version_of(content, versions)


def content_of(question: Question) -> ItemContent:
    return ItemContent(
        question.kind,
        question.prompt,
        question.points or 1,
        tuple(ChoiceContent(c.label, bool(c.is_correct), c.match or "") for c in question.choices),
        question.spec or {},
        str(question.image_id) if question.image_id else None,
        question.image_alt or "",
    )


def question_out(question: Question) -> dict[str, Any]:
    """A QuestionIn again, with `item_version`: for authors, because it says what is right."""
    plain = ("id", "item_id", "item_version", "kind", "prompt", "points", "feedback")
    choice_columns = ("id", "label", "is_correct", "feedback", "match")
    return {
        **{name: getattr(question, name) for name in plain},
        "image": question.image_id and {"media_id": question.image_id, "alt": question.image_alt},
        "choices": [{name: getattr(choice, name) for name in choice_columns} for choice in question.choices],
        "spec": question.spec,
    }


def own_questions(module: Module) -> list[Question]:
    """Those that authors wrote into the quiz; the others were copied from banks when it was published."""
    return [question for question in module.questions if not question.draws]


def image_ids(given: Iterable[QuestionIn]) -> set[uuid.UUID]:
    """Files that the questions show; the caller checks that they are the author's."""
    return {question.image.media_id for question in given if question.image}


def quiz_settings(module: Module) -> QuizSettings:
    return QuizSettings.model_validate(module.settings)


def quiz_problems(module: Module) -> list[str]:
    """Sentences that each name the module, the question and what to do; empty means that it can be asked."""
    name = f"Module {module.position} ({module.title})"
    questions = own_questions(module)
    if not questions and not module.settings.get("draws"):
        return [f"{name} has no question: add one."]
    faults = ((number, item_fault(content_of(question))) for number, question in enumerate(questions, 1))
    return [f"{name}, question {number}: {fault}." for number, fault in faults if fault]


def shuffled(things: Iterable[T], *seed: object) -> list[T]:
    """In an order that looks like any, and is the same for the same seed: a reload shows what was there."""
    mixed = list(things)
    random.Random(" ".join(map(str, seed))).shuffle(mixed)  # noqa: S311 (an order, not a secret)
    return mixed


def learner_question(question: Question, *, seed: object, is_shuffled: bool, link: Link) -> dict[str, Any]:
    """Without anything that says what is right: an ordering item's choices are always mixed, a matching item's
    partners are mixed apart from them.
    """
    choices = [{"id": choice.id, "label": choice.label} for choice in question.choices]
    if question.kind == "ordering" or is_shuffled:
        choices = shuffled(choices, seed, question.id)
    partners = {choice.match for choice in question.choices} if question.kind == "matching" else set()
    return {
        "id": question.id,
        "kind": question.kind,
        "prompt": question.prompt,
        "points": question.points,
        "image": question.image and {"alt": question.image_alt, **link(question.image)},
        "choices": choices,
        "matches": shuffled(sorted(partners), seed, question.id, "matches"),
        "gap_count": len(question.spec.get("gaps", [])) if question.kind == "cloze" else 0,
    }
