"""The items of a question bank: each change of what a learner sees is a new version, the old ones stay."""

import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from api.core.db import new_id
from api.core.errors import Conflict, NotFound, ProblemError
from api.core.preconditions import check_if_match
from api.courses.bank_models import BankItem, BankItemVersion, QuestionBank
from api.courses.bank_schemas import BankItemIn, BankItemPatch
from api.courses.banks import bank, owned_bank, usable_banks
from api.courses.models import Question
from api.courses.questions import SHARED, as_question, content_of, question_out, question_rows
from api.courses.quiz_rules import item_fault, item_version_of
from api.courses.search_rules import DEEPEST, Place, decode_cursor, encode_cursor
from api.identity.audit import record
from api.identity.rules import Principal
from api.media.models import MediaAsset

MOST_ITEMS = 1000


class ItemNotReady(ProblemError):
    status = 422
    title = "The item can't be asked yet"


def item_out(item: BankItem) -> dict[str, Any]:
    """As BankItemOut: for authors, because it says what is right."""
    told = question_out(as_question(item, item.now, is_stored=False))
    return told | {name: getattr(item, name) for name in ("bank_id", "tags", "revision", "updated_at")}


async def bank_items(
    session: AsyncSession,
    person_id: uuid.UUID,
    *,
    bank_id: uuid.UUID,
    tag: str = "",
    search: str = "",
    limit: int = 50,
    cursor: str | None = None,
) -> tuple[list[BankItem], str | None]:
    """(items of a bank that the person may draw from, cursor of the next page), the newest first."""
    await bank(session, person_id, bank_id)
    place = decode_cursor(cursor)
    statement = (
        select(BankItem)
        .join(BankItem.now)
        .where(BankItem.bank_id == bank_id, BankItem.deleted_at.is_(None))
        .options(joinedload(BankItem.now).selectinload(BankItemVersion.image))
        .order_by(BankItem.created_at.desc(), BankItem.id)
    )
    if tag:
        statement = statement.where(BankItem.tags.contains([tag.strip().lower()]))
    if search:
        statement = statement.where(BankItemVersion.prompt.icontains(search, autoescape=True))
    found = list(await session.scalars(statement.offset(place.offset).limit(limit + 1)))
    has_more = len(found) > limit and place.offset + limit <= DEEPEST
    return found[:limit], encode_cursor(Place(place.offset + limit)) if has_more else None


async def create_item(session: AsyncSession, who: Principal, given: BankItemIn) -> BankItem:
    """The same item_id in the same bank again gives what is there."""
    item_id = given.item_id or new_id()
    owner = await owned_bank(session, who.person_id, given.bank_id)
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(item_id), 0))))
    known = await session.get(BankItem, item_id)
    if known and known.bank_id == given.bank_id and known.deleted_at is None:
        return await _loaded(session, item_id)
    if known or await session.scalar(select(Question.id).where(Question.item_id == item_id).limit(1)):
        raise Conflict("This item_id is taken: choose another, or leave it out.")
    living = (BankItem.bank_id == given.bank_id, BankItem.deleted_at.is_(None))
    if (await session.scalar(select(func.count()).select_from(BankItem).where(*living)) or 0) >= MOST_ITEMS:
        raise Conflict(f"A bank holds at most {MOST_ITEMS} items: begin another one.")
    made = await _version(session, who.person_id, given, item_id, 1)
    session.add(BankItem(id=item_id, bank_id=given.bank_id, tags=_tags(given)))
    await session.flush()
    session.add(made)
    owner.updated_at = datetime.now(UTC)
    await _record(session, who, "courses.bank_item_created", item_id, after={"bank_id": given.bank_id, "version": 1})
    return await _loaded(session, item_id)


async def change_item(
    session: AsyncSession, who: Principal, item_id: uuid.UUID, given: BankItemPatch, *, if_match: str | None
) -> BankItem:
    """The same again changes nothing; other tags or feedback keep the version, other content is the next one."""
    item = await _own_item(session, who.person_id, item_id)
    check_if_match(if_match, item.revision)
    old = {one.version: one for one in await session.scalars(_versions(item_id))}
    contents = {number: content_of(as_question(item, one)) for number, one in old.items()}
    fresh = await _version(session, who.person_id, given, item_id, 0)
    number = item_version_of(content_of(as_question(item, fresh)), contents)
    before = {"version": item.version, "tags": item.tags}
    kept = old.get(number)
    is_same = number == item.version and item.tags == _tags(given) and kept and _feedback(kept) == _feedback(fresh)
    if is_same:
        return await _loaded(session, item_id)
    if kept is None:
        fresh.version = number
        session.add(fresh)
    else:
        kept.feedback, kept.choices = fresh.feedback, fresh.choices
    item.version, item.tags, item.updated_at = number, _tags(given), datetime.now(UTC)
    item.revision += 1
    after = {"version": number, "tags": item.tags}
    await _record(session, who, "courses.bank_item_changed", item_id, before=before, after=after)
    return await _loaded(session, item_id)


async def delete_item(session: AsyncSession, who: Principal, item_id: uuid.UUID) -> None:
    """No quiz published from now on draws it; those that are published keep it."""
    item = await _own_item(session, who.person_id, item_id)
    item.deleted_at = datetime.now(UTC)
    before = {"bank_id": item.bank_id, "version": item.version}
    await _record(session, who, "courses.bank_item_deleted", item_id, before=before)


async def _own_item(session: AsyncSession, person_id: uuid.UUID, item_id: uuid.UUID) -> BankItem:
    bank_id = await session.scalar(
        select(BankItem.bank_id).where(BankItem.id == item_id, BankItem.deleted_at.is_(None))
    )
    if bank_id is None or not (await usable_banks(session, person_id, [bank_id])):
        raise NotFound("There is no such item in a question bank of yours.")
    await owned_bank(session, person_id, bank_id)
    return (await session.scalars(select(BankItem).where(BankItem.id == item_id).with_for_update())).one()


def _versions(item_id: uuid.UUID) -> Any:
    statement = select(BankItemVersion).where(BankItemVersion.item_id == item_id)
    return statement.options(selectinload(BankItemVersion.image))


async def _loaded(session: AsyncSession, item_id: uuid.UUID) -> BankItem:
    await session.flush()
    statement = select(BankItem).where(BankItem.id == item_id).execution_options(populate_existing=True)
    loaded = statement.options(joinedload(BankItem.now).selectinload(BankItemVersion.image))
    return (await session.scalars(loaded)).one()


async def _version(
    session: AsyncSession, owner_id: uuid.UUID, given: BankItemPatch, item_id: uuid.UUID, number: int
) -> BankItemVersion:
    """What was given as a version's row, complete and with an image that is the owner's."""
    row = question_rows([given])[0]
    if fault := item_fault(content_of(row)):
        raise ItemNotReady(f"{fault[0].upper()}{fault[1:]}.")
    if row.image_id:
        mine = (MediaAsset.kind == "image", MediaAsset.owner_id == owner_id, MediaAsset.status == "ready")
        if await session.scalar(select(MediaAsset.id).where(MediaAsset.id == row.image_id, *mine)) is None:
            raise NotFound(
                f"There is no image of yours, ready to be shown, with the id {row.image_id}: upload it first."
            )
    choices = [
        {"id": str(c.id), "label": c.label, "is_correct": c.is_correct, "feedback": c.feedback, "match": c.match}
        for c in row.choices
    ]
    kept = {name: getattr(row, name) for name in SHARED}
    return BankItemVersion(item_id=item_id, version=number, choices=choices, **kept)


def _tags(given: BankItemPatch) -> list[str]:
    return sorted(set(given.tags))


def _feedback(version: BankItemVersion) -> tuple[str, list[str]]:
    return version.feedback, [choice["feedback"] for choice in version.choices]


async def _record(session: AsyncSession, who: Principal, action: str, item_id: uuid.UUID, **changed: Any) -> None:
    await record(session, action=action, actor=who, target_type="bank_item", target_id=item_id, **changed)


async def matching_items(session: AsyncSession, bank_id: uuid.UUID, tags: list[str]) -> list[BankItem]:
    """Of a bank that is still there, with all of these tags, in a settled order."""
    statement = (
        select(BankItem)
        .join(QuestionBank, QuestionBank.id == BankItem.bank_id)
        .where(BankItem.bank_id == bank_id, BankItem.deleted_at.is_(None), QuestionBank.deleted_at.is_(None))
        .options(joinedload(BankItem.now).selectinload(BankItemVersion.image).selectinload(MediaAsset.object))
        .order_by(BankItem.created_at, BankItem.id)
    )
    return list(await session.scalars(statement.where(BankItem.tags.contains(tags)) if tags else statement))
