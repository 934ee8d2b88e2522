"""Question banks: who may draw from which, and their items with versions."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping, and_, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import new_id
from api.core.errors import Conflict, Forbidden, NotFound
from api.courses.bank_models import BankItem, QuestionBank
from api.courses.bank_schemas import BankIn, BankPatch
from api.identity.audit import record
from api.identity.rules import Principal

NONE = "There is no such question bank of yours, nor of a course that you write."

SHARED = text(
    """
    select distinct (draw ->> 'bank_id')::uuid
    from course c
    join course_version v on v.course_id = c.id
    join module m on m.version_id = v.id and m.kind = 'quiz'
    cross join lateral jsonb_array_elements(m.settings -> 'draws') draw
    where c.owner_id = :person_id
        or exists (select from course_author a where a.course_id = c.id and a.person_id = :person_id)
    """
)

BANKS = text(
    """
    select b.id, b.title, b.description, b.updated_at, b.owner_id = :person_id as is_mine, p.display_name as owner_name,
        coalesce(i.item_count, 0) as item_count, coalesce(t.tags, '[]') as tags
    from question_bank b
    join person p on p.id = b.owner_id
    left join lateral (
        select count(*) as item_count from bank_item where bank_id = b.id and deleted_at is null
    ) i on true
    left join lateral (
        select jsonb_agg(jsonb_build_object('tag', tag, 'item_count', item_count) order by tag) as tags
        from (
            select tag, count(*) as item_count from bank_item, unnest(tags) tag
            where bank_id = b.id and deleted_at is null group by tag
        ) each
    ) t on true
    where b.deleted_at is null and (b.owner_id = :person_id or b.id = any(:shared))
        and (cast(:bank_id as uuid) is null or b.id = :bank_id)
    order by lower(b.title), b.id limit 500
    """
)

DRAWN = text(
    """
    select v.title from module m join course_version v on v.id = m.version_id
    where m.kind = 'quiz' and v.published_at is null
        and m.settings -> 'draws' @> jsonb_build_array(jsonb_build_object('bank_id', cast(:bank_id as text)))
    order by v.title limit 1
    """
)


async def shared_banks(session: AsyncSession, person_id: uuid.UUID) -> list[uuid.UUID]:
    """Banks that courses of this person draw from, whoever owns them."""
    return list((await session.execute(SHARED, {"person_id": person_id})).scalars())


async def banks(session: AsyncSession, person_id: uuid.UUID, *, bank_id: uuid.UUID | None = None) -> list[RowMapping]:
    """As BankOut, by title: the person's own, and those they may draw from."""
    parameters = {"person_id": person_id, "shared": await shared_banks(session, person_id), "bank_id": bank_id}
    return list((await session.execute(BANKS, parameters)).mappings())


async def bank(session: AsyncSession, person_id: uuid.UUID, bank_id: uuid.UUID) -> RowMapping:
    found = await banks(session, person_id, bank_id=bank_id)
    if not found:
        raise NotFound(NONE)
    return found[0]


async def usable_banks(session: AsyncSession, person_id: uuid.UUID, asked: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Of these, the ones that the person may read and draw from."""
    shared = await shared_banks(session, person_id)
    theirs = (QuestionBank.owner_id == person_id) | QuestionBank.id.in_(shared)
    statement = select(QuestionBank.id).where(QuestionBank.id.in_(asked), QuestionBank.deleted_at.is_(None), theirs)
    return set(await session.scalars(statement))


async def owned_bank(session: AsyncSession, person_id: uuid.UUID, bank_id: uuid.UUID) -> QuestionBank:
    """Locked. A bank that the caller may only draw from is told apart from none."""
    statement = select(QuestionBank).where(QuestionBank.id == bank_id, QuestionBank.deleted_at.is_(None))
    found = await session.scalar(statement.with_for_update())
    if found is not None and found.owner_id == person_id:
        return found
    if await usable_banks(session, person_id, [bank_id]):
        raise Forbidden("Only the owner of a question bank changes it: copy what you need into one of yours.")
    raise NotFound(NONE)


async def create_bank(session: AsyncSession, who: Principal, given: BankIn) -> RowMapping:
    """The same id of the same owner again gives what is there."""
    bank_id = given.id or new_id()
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(bank_id), 0))))
    known = await session.get(QuestionBank, bank_id)
    if known and (known.owner_id != who.person_id or known.deleted_at):
        raise Conflict("This id is taken: choose another, or leave it out.")
    if known is None:
        made = QuestionBank(id=bank_id, owner_id=who.person_id, title=given.title, description=given.description)
        session.add(made)
        await _record(session, who, "courses.question_bank_created", bank_id, after={"title": given.title})
    return await bank(session, who.person_id, bank_id)


async def change_bank(session: AsyncSession, who: Principal, bank_id: uuid.UUID, given: BankPatch) -> RowMapping:
    kept = await owned_bank(session, who.person_id, bank_id)
    before, after = (
        {"title": kept.title, "description": kept.description},
        given.model_dump(include={"title", "description"}),
    )
    if before != after:
        kept.title, kept.description, kept.updated_at = given.title, given.description, datetime.now(UTC)
        await _record(session, who, "courses.question_bank_changed", bank_id, before=before, after=after)
    return await bank(session, who.person_id, bank_id)


async def delete_bank(session: AsyncSession, who: Principal, bank_id: uuid.UUID) -> None:
    """Gone for authors; published quizzes have copies of their own. Not while a draft draws from it."""
    kept = await owned_bank(session, who.person_id, bank_id)
    if title := await session.scalar(DRAWN, {"bank_id": str(bank_id)}):
        raise Conflict(f"The draft of {title} draws from this bank: take the draw out of its quiz first.")
    now = datetime.now(UTC)
    kept.deleted_at = now
    living = and_(BankItem.bank_id == bank_id, BankItem.deleted_at.is_(None))
    for item in await session.scalars(select(BankItem).where(living).order_by(BankItem.id)):
        item.deleted_at = now
    await _record(session, who, "courses.question_bank_deleted", bank_id, before={"title": kept.title})


async def _record(session: AsyncSession, who: Principal, action: str, bank_id: uuid.UUID, **changed: Any) -> None:
    await record(session, action=action, actor=who, target_type="question_bank", target_id=bank_id, **changed)
