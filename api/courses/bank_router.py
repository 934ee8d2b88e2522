"""Question banks, for creators."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from api.core.http import BODY, SessionDep, problems
from api.core.preconditions import IfMatch, etag
from api.courses import bank_items, banks
from api.courses.bank_models import BankItem
from api.courses.bank_schemas import (
    BankIn,
    BankItemIn,
    BankItemOut,
    BankItemPage,
    BankItemPatch,
    BankOut,
    BankPage,
    BankPatch,
)
from api.courses.quiz_schemas import ID
from api.identity.deps import CreatorDep

router = APIRouter(tags=["question banks"])
BankId = Annotated[uuid.UUID, Path(examples=[ID])]
ItemId = Annotated[uuid.UUID, Path(examples=[ID])]
Words = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$", examples=["ladder"])]


@router.get(
    "/question-banks", operation_id="questionBanks", summary="Banks I may draw from", responses=problems(401, 403)
)
async def list_banks(me: CreatorDep, session: SessionDep) -> BankPage:
    """My own, and those that courses which I write draw from; at most 500, by title."""
    return BankPage.model_validate({"items": await banks.banks(session, me.person_id)})


@router.post(
    "/question-banks",
    status_code=201,
    operation_id="createQuestionBank",
    summary="Begin a question bank",
    responses=problems(*BODY, 401, 403, 409),
)
async def create_bank(body: BankIn, me: CreatorDep, session: SessionDep) -> BankOut:
    """With an `id` of your own the call may be repeated: the second gives what the first made."""
    return BankOut.model_validate(dict(await banks.create_bank(session, me, body)))


@router.get(
    "/question-banks/{bank_id}",
    operation_id="questionBank",
    summary="One bank with its tags",
    responses=problems(401, 403, 404),
)
async def get_bank(bank_id: BankId, me: CreatorDep, session: SessionDep) -> BankOut:
    return BankOut.model_validate(dict(await banks.bank(session, me.person_id, bank_id)))


@router.put(
    "/question-banks/{bank_id}",
    operation_id="changeQuestionBank",
    summary="Rename a bank of mine",
    responses=problems(*BODY, 401, 403, 404),
)
async def change_bank(bank_id: BankId, body: BankPatch, me: CreatorDep, session: SessionDep) -> BankOut:
    return BankOut.model_validate(dict(await banks.change_bank(session, me, bank_id, body)))


@router.delete(
    "/question-banks/{bank_id}",
    status_code=204,
    operation_id="deleteQuestionBank",
    summary="Delete a bank of mine with its items",
    responses=problems(401, 403, 404, 409),
)
async def delete_bank(bank_id: BankId, me: CreatorDep, session: SessionDep) -> None:
    """Published quizzes keep their copies. 409 while a draft draws from it."""
    await banks.delete_bank(session, me, bank_id)


@router.get(
    "/bank-items",
    operation_id="bankItems",
    summary="Items of a bank, the newest first",
    responses=problems(401, 403, 404),
)
async def list_items(
    me: CreatorDep,
    session: SessionDep,
    bank_id: Annotated[uuid.UUID, Query(examples=[ID])],
    tag: Annotated[str, Query(max_length=40, pattern=r"^[^\x00]*$", examples=["height"])] = "",
    search: Words = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=40, examples=["bzIw"])] = None,
) -> BankItemPage:
    """With their right answers. `search` looks into what is asked."""
    found, following = await bank_items.bank_items(
        session, me.person_id, bank_id=bank_id, tag=tag, search=search.strip(), limit=limit, cursor=cursor
    )
    return BankItemPage.model_validate({"items": [bank_items.item_out(item) for item in found], "next": following})


@router.post(
    "/bank-items",
    status_code=201,
    operation_id="createBankItem",
    summary="Add an item to a bank of mine",
    responses=problems(*BODY, 401, 403, 404, 409),
)
async def create_item(body: BankItemIn, me: CreatorDep, session: SessionDep, response: Response) -> BankItemOut:
    """With an `item_id` of your own the call may be repeated: the second gives what the first made."""
    return _out(await bank_items.create_item(session, me, body), response)


@router.put(
    "/bank-items/{item_id}",
    operation_id="changeBankItem",
    summary="Change an item",
    responses=problems(*BODY, 401, 403, 404, 412, 428),
)
async def change_item(
    item_id: ItemId,
    body: BankItemPatch,
    me: CreatorDep,
    session: SessionDep,
    response: Response,
    if_match: IfMatch = None,
) -> BankItemOut:
    """What a learner sees or is scored by: the next item_version, with statistics of its own. Not tags and feedback."""
    return _out(await bank_items.change_item(session, me, item_id, body, if_match=if_match), response)


@router.delete(
    "/bank-items/{item_id}",
    status_code=204,
    operation_id="deleteBankItem",
    summary="Take an item out of a bank of mine",
    responses=problems(401, 403, 404),
)
async def delete_item(item_id: ItemId, me: CreatorDep, session: SessionDep) -> None:
    """Published quizzes keep their copies."""
    await bank_items.delete_item(session, me, item_id)


def _out(item: BankItem, response: Response) -> BankItemOut:
    response.headers["ETag"] = etag(item.revision)
    return BankItemOut.model_validate(bank_items.item_out(item))
