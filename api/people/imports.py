"""What became of each import, and deciding on those that wait."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select, text, true
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.core.errors import Conflict, NotFound
from api.identity.models import Account
from api.identity.rules import Principal
from api.people.models import HrDiff, HrImport, HrQuarantine, Person
from api.people.roster import record_import

Reader = AsyncConnection | AsyncSession
COLUMNS = [column for column in HrImport.__table__.columns if column.name not in ("decided_by", "content_hash")]


class Undecidable(Conflict):
    title = "There is nothing to decide"


class LookedAtAnother(Conflict):
    title = "It is not what you looked at"


def _told() -> Select[Any]:
    """Imports with the name of who decided; null for the machine's operator."""
    decider = func.coalesce(Person.display_name, Account.email).label("decided_by")
    return (
        select(*COLUMNS, decider)
        .outerjoin(Account, Account.id == HrImport.decided_by)
        .outerjoin(Person, Person.id == Account.person_id)
        .order_by(HrImport.created_at.desc(), HrImport.id.desc())
    )


async def imports(
    reader: Reader,
    *,
    source: str | None = None,
    status: str | None = None,
    before: uuid.UUID | None = None,
    limit: int = 20,
) -> Sequence[Row[Any]]:
    """The newest first; `before` is the last one of the page before."""
    statement = _told().limit(limit)
    if source:
        statement = statement.where(HrImport.source == source)
    if status:
        statement = statement.where(HrImport.status == status)
    if before:
        place = select(HrImport.created_at, HrImport.id).where(HrImport.id == before).subquery()
        statement = statement.where(text("(hr_import.created_at, hr_import.id) < (place.created_at, place.id)"))
        statement = statement.join(place.alias("place"), true())
    found: Sequence[Row[Any]] = (await reader.execute(statement)).all()
    return found


async def import_of(reader: Reader, import_id: uuid.UUID) -> Row[Any]:
    row: Row[Any] | None = (await reader.execute(_told().where(HrImport.id == import_id))).one_or_none()
    if row is None:
        raise NotFound(f"There is no import {import_id}; `praxis hr list` shows them.")
    return row


async def diff_of(
    reader: Reader, import_id: uuid.UUID, *, kind: str | None = None, after: int = 0, limit: int = 200
) -> Sequence[Row[Any]]:
    """Row by row what a held import would do, or would have done; leavers first, then by employee number."""
    statement = select(*HrDiff.__table__.columns).where(HrDiff.import_id == import_id, HrDiff.number > after)
    if kind:
        statement = statement.where(HrDiff.kind == kind)
    return (await reader.execute(statement.order_by(HrDiff.number).limit(limit))).all()


async def quarantined(
    reader: Reader,
    *,
    source: str | None = None,
    healed: bool = False,
    before: uuid.UUID | None = None,
    limit: int = 200,
) -> Sequence[Row[Any]]:
    """Rows that their source has not mended yet, or has; the newest first."""
    state: ColumnElement[bool] = HrQuarantine.healed_at.is_not(None) if healed else HrQuarantine.healed_at.is_(None)
    statement = select(*HrQuarantine.__table__.columns).where(state).order_by(HrQuarantine.id.desc()).limit(limit)
    if source:
        statement = statement.where(HrQuarantine.source == source)
    if before:
        statement = statement.where(HrQuarantine.id < before)
    return (await reader.execute(statement)).all()


async def find_import(session: AsyncSession, import_id: uuid.UUID, *, for_update: bool = False) -> HrImport:
    record = await session.get(HrImport, import_id, with_for_update=for_update)
    if record is None:
        raise NotFound(f"There is no import {import_id}; `praxis hr list` shows them.")
    return record


async def approve_import(
    session: AsyncSession, import_id: uuid.UUID, who: Principal | None = None, *, diff_checksum: str | None = None
) -> None:
    """Let a held import be applied: the pipelines do it next, if it still would do what was looked at.

    `diff_checksum` names what was looked at; None is the operator, who takes what is there. Twice is harmless.
    """
    record = await find_import(session, import_id, for_update=True)
    if diff_checksum not in (None, record.diff_checksum):
        raise LookedAtAnother("What this import would do has changed since you looked: look again, then decide.")
    if record.status in ("approved", "applied") and record.decided_at:
        return
    await _decide(session, record, "approved", who)


async def reject_import(
    session: AsyncSession, import_id: uuid.UUID, who: Principal | None = None, *, note: str | None = None
) -> None:
    """Decide that a held import is not applied. Twice is harmless."""
    record = await find_import(session, import_id, for_update=True)
    if record.status == "rejected" and record.decided_at:
        return
    await _decide(session, record, "rejected", who, note)


async def _decide(
    session: AsyncSession, record: HrImport, status: str, who: Principal | None, note: str | None = None
) -> None:
    if record.status != "held":
        raise Undecidable(f"The import is {record.status}: only one that is held waits for a decision.")
    record.status, record.decided_at = status, datetime.now(UTC)
    record.decided_by = who.account_id if who else None
    await session.flush()
    await record_import(session, f"people.roster_{status}", record, actor=who, note=note)


async def approved_imports(session: AsyncSession) -> list[HrImport]:
    """Decided, and not or not wholly applied yet, in the order of their days."""
    begun = (HrImport.status == "applying") & HrImport.decided_at.is_not(None)
    statement = select(HrImport).where((HrImport.status == "approved") | begun)
    return list(await session.scalars(statement.order_by(HrImport.as_of, HrImport.created_at)))


async def waiting_imports(session: AsyncSession) -> list[uuid.UUID]:
    """Those whose delivery must be kept."""
    return list(await session.scalars(select(HrImport.id).where(HrImport.status.in_(("held", "approved", "applying")))))
