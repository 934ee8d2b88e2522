"""How asking each HR system goes, and from where to ask it next: the cursor moves with what is applied, not before."""

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.people.models import HrSource
from api.people.rules import ImportOutcome

ANSWERED = text(
    """
    insert into hr_source as known (source, asked_at, answered_at) values (:source, now(), now())
    on conflict (source) do update set asked_at = now(), answered_at = now(), problem = null
    """
)
FAILED = text(
    """
    insert into hr_source as known (source, asked_at, problem) values (:source, now(), :problem)
    on conflict (source) do update set asked_at = now(), problem = :problem
    """
)
REMEMBER = text("update hr_import set cursor = :cursor where id = :import_id and cursor is distinct from :cursor")
MOVE = text(
    """
    update hr_source s set cursor = i.cursor
    from hr_import i where i.id = :import_id and i.cursor is not null and s.source = i.source
    """
)


async def cursor_of(session: AsyncSession, source: str) -> str | None:
    """Everything until there is applied; None: ask for everything."""
    cursor: str | None = await session.scalar(select(HrSource.cursor).where(HrSource.source == source))
    return cursor


async def source_answered(session: AsyncSession, source: str) -> None:
    """It answered, with something new or not."""
    await session.execute(ANSWERED, {"source": source})


async def source_failed(session: AsyncSession, source: str, problem: str) -> None:
    """It didn't answer or didn't let us in; what is known of it stays."""
    await session.execute(FAILED, {"source": source, "problem": problem})


async def source_told(session: AsyncSession, outcome: ImportOutcome, *, source: str, cursor: str | None) -> None:
    """What it told became this import. In the transaction that applies it: a held one moves the cursor when approved,
    a rejected one never."""
    await source_answered(session, source)
    if cursor:
        await session.execute(REMEMBER, {"import_id": outcome.import_id, "cursor": cursor})
    if outcome.status == "applied":
        await session.execute(MOVE, {"import_id": outcome.import_id})
