"""Random draws of a quiz: whether a bank has enough for them, and the copies that a published version draws from."""

import random
import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from api.core.errors import NotFound
from api.courses.bank_items import matching_items
from api.courses.bank_models import BankItem
from api.courses.banks import usable_banks
from api.courses.models import Module, Question
from api.courses.questions import as_question, own_questions, quiz_settings
from api.courses.quiz_rules import draw


async def check_draws(session: AsyncSession, person_id: uuid.UUID, settings: Iterable[dict[str, Any]]) -> None:
    """Before a draft is saved, with its quizzes' settings: a draw lets all co-authors read the bank, so nobody puts
    in one of a bank that they can't read.
    """
    asked = {uuid.UUID(str(drawn["bank_id"])) for one in settings for drawn in one.get("draws") or []}
    if asked and (missing := asked - await usable_banks(session, person_id, list(asked))):
        raise NotFound(f"There is no question bank {min(map(str, missing))} of yours, nor of a course that you write.")


async def _candidates(session: AsyncSession, module: Module) -> list[list[BankItem]]:
    return [await matching_items(session, one.bank_id, one.tags) for one in quiz_settings(module).draws]


async def draw_problems(session: AsyncSession, module: Module) -> list[str]:
    """Sentences for publishing: draws that ask for more than their bank has."""
    draws = quiz_settings(module).draws
    found = await _candidates(session, module)
    name = f"Module {module.position} ({module.title})"
    few = [
        f"{name}, draw {number}: its bank has {len(items)} of the {one.count} items asked for: write more, or ask less."
        for number, (one, items) in enumerate(zip(draws, found, strict=True), 1)
        if len(items) < one.count
    ]
    counted = [(one.count, [item.id for item in items]) for one, items in zip(draws, found, strict=True)]
    if not few and draw(counted, random.Random(0)) is None:  # noqa: S311 (whether it can be, not which)
        few = [f"{name}: its draws need the same items of a bank, and there are not enough for all of them."]
    return few


async def materialise_draws(session: AsyncSession, module: Module) -> None:
    """Copy what the draws may ask into the version, at publishing: later edits of a bank don't reach it."""
    pool: dict[uuid.UUID, tuple[BankItem, list[int]]] = {}
    for number, items in enumerate(await _candidates(session, module)):
        for item in items:
            pool.setdefault(item.id, (item, []))[1].append(number)
    kept = own_questions(module)
    for position, (item, draws) in enumerate(pool.values(), len(kept) + 1):
        question = as_question(item, item.now, draws=draws)
        question.module_id, question.position = module.id, position
        session.add(question)
        kept.append(question)
    await session.flush()
    set_committed_value(module, "questions", kept)


async def drawn_for_preview(session: AsyncSession, module: Module, seed: str) -> list[Question]:
    """What one learner might get: the same for the same seed, nothing stored."""
    found = {item.id: item for items in await _candidates(session, module) for item in items}
    counted = [
        (one.count, [item.id for item in items])
        for one, items in zip(quiz_settings(module).draws, await _candidates(session, module), strict=True)
    ]
    chosen = draw([(min(count, len(ids)), ids) for count, ids in counted], random.Random(seed)) or []  # noqa: S311
    return [as_question(found[item_id], found[item_id].now, is_stored=False) for item_id in chosen]
