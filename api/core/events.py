"""The event table: every fact that must not be lost, written in the transaction that made it true.

Partitioned by month over the UUIDv7 key, so the key stays unique across partitions and a retry with the
same id is harmless. `xid` is the writing transaction: the lake exports by it, never by time or sequence,
because a lower number can commit after a higher one was read.
"""

import uuid
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Index, func, select, text
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from api.core.db import Base, new_id


class Xid8(UserDefinedType[int]):
    """Postgres' 64-bit transaction id, which never wraps around."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


class Event(Base):
    """One row per fact; append-only."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_xid", "xid"),
        Index(
            "ix_event_learning_tail",
            "subject_id",
            "xid",
            postgresql_where=text("type like 'learning.%'"),
        ),
        # For the tail of a company, where the one above would be looked up for each person.
        Index("ix_event_learning_xid", "xid", postgresql_where=text("type like 'learning.%'")),
        # For how much of a video somebody really played. By person alone: with the module in it, storing costs more.
        Index("ix_event_watched", "subject_id", postgresql_where=text("type = 'engagement.video_played'")),
        {"postgresql_partition_by": "RANGE (id)"},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    type: Mapped[str]
    actor_id: Mapped[uuid.UUID | None]
    subject_id: Mapped[uuid.UUID]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())
    xid: Mapped[int] = mapped_column(Xid8, server_default=text("pg_current_xact_id()"))


async def record(
    session: AsyncSession,
    event_type: str,
    *,
    subject_id: uuid.UUID,
    actor_id: uuid.UUID | None,
    payload: dict[str, Any],
    occurred_at: datetime | None = None,
    event_id: uuid.UUID | None = None,
) -> None:
    """Append the fact `domain.past_tense` about `subject_id`; the same `event_id` twice is one fact."""
    await session.execute(
        insert(Event)
        .values(
            id=event_id or new_id(),
            type=event_type,
            actor_id=actor_id,
            subject_id=subject_id,
            payload=payload,
            occurred_at=occurred_at or datetime.now(UTC),
        )
        .on_conflict_do_nothing(index_elements=["id"])
    )


async def record_selected(session: AsyncSession, selection: str, parameters: dict[str, Any] | None = None) -> int:
    """Append one fact per row of a SELECT of (type, subject_id, payload, occurred_at); returns how many."""
    statement = (
        "insert into event (id, type, subject_id, payload, occurred_at)"
        f" select uuidv7(), type, subject_id, payload, occurred_at from ({selection}) facts"
    )
    result = await session.execute(text(statement), parameters or {})
    return int(getattr(result, "rowcount", 0))


async def ensure_partitions(session: AsyncSession, first: date, last: date) -> int:
    """Create the missing monthly partitions from `first` to `last`; returns how many were new.

    Facts outside every month go to the default partition: kept and exported, only slower to prune.
    """
    return (await session.execute(select(func.create_event_partitions(first, last)))).scalar_one()
