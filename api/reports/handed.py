"""What Postgres hands to those who read the lake: whom the caller sees, and what these did since the mart."""

import uuid
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.people.rules import TeamMember
from api.reports import queries
from api.reports.snapshots import Snapshot

TEAM_SCHEMA = pa.schema(
    {
        "person_id": pa.string(),
        "display_name": pa.string(),
        "org_unit_name": pa.string(),
        "job_title": pa.string(),
        "depth": pa.int32(),
        "via": pa.string(),
    }
)


def team_table(members: Sequence[TeamMember | Row[Any]]) -> pa.Table:
    columns: dict[str, list[Any]] = {name: [getattr(member, name) for member in members] for name in TEAM_SCHEMA.names}
    columns["person_id"] = [str(one) for one in columns["person_id"]]
    return pa.table(columns, schema=TEAM_SCHEMA)


async def tail_table(
    sight: AsyncConnection, people: Sequence[uuid.UUID], *, as_of_xid: int, snapshot: Snapshot
) -> pa.Table:
    """What these people did since the mart, as far as the snapshot saw."""
    parameters = {"people": list(people), "as_of_xid": str(as_of_xid), "tail": snapshot.tail}
    newer = (await sight.execute(text(queries.TAIL), parameters)).mappings().all()
    return pa.Table.from_pylist([dict(row) for row in newer], schema=queries.TAIL_SCHEMA)
