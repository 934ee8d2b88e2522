"""Writing notifications that a reminder found."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.notifications.derive import PUT


@dataclass(frozen=True, slots=True)
class Draft:
    kind: str
    person_id: uuid.UUID
    subject: str
    occurred_at: datetime
    facts: dict[str, Any]


STATEMENT = text(
    f"""
    with told as (
        select * from jsonb_to_recordset(cast(:drafts as jsonb))
            as d(kind text, person_id uuid, subject text, occurred_at timestamptz, facts jsonb)
    )
    {PUT}
    """  # noqa: S608 (our own constants)
)


async def put(session: AsyncSession, drafts: Iterable[Draft]) -> int:
    """How many of them are new; known ones stay as they are."""
    encoded = msgspec.json.encode(list(drafts)).decode()
    result = await session.execute(STATEMENT, {"drafts": encoded})
    return int(getattr(result, "rowcount", 0))
