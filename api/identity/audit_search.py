"""Searching the audit log, and exporting what was found so that anybody can check it without us."""

import json
import uuid
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Select, Text, Uuid, bindparam, func, literal_column, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api.core.errors import Forbidden
from api.core.spreadsheet import csv_text
from api.identity.audit import AuditEntry
from api.identity.rules import Principal

READERS = ("officer", "auditor")
PEOPLE = ("account", "person")
BATCH = 1000
CSV_COLUMNS = (
    *("seq", "recorded_at", "actor_name", "action", "target_type", "target_name", "target_id"),
    *("client_id", "note", "ip", "text", "previous", "hash"),
)
FOR_READING = {
    *("recorded_at", "actor_account_id", "actor_person_id", "on_behalf_of", "action"),
    *("target_type", "target_id", "client_id", "note", "ip"),
}
CANONICAL = literal_column("audit_text(audit_entry)", Text).label("text")

MEANT = text(
    """
    select a.id as account_id, p.id as person_id
    from account a full join person p on p.id = a.person_id
    where a.id = :id or p.id = :id or a.email = :who or p.email = :who or lower(p.display_name) = lower(:who)
    limit 100
    """
).bindparams(bindparam("id", type_=Uuid))

NAMES = text(
    """
    select a.id, coalesce(p.display_name, a.email::text) as name
    from account a left join person p on p.id = a.person_id where a.id = any(:ids)
    union
    select id, display_name from person where id = any(:ids)
    """
).bindparams(bindparam("ids", type_=ARRAY(Uuid)))


class WholeCompanyOnly(Forbidden):
    title = "The audit log is for the whole company"


@dataclass(frozen=True, slots=True)
class Filters:
    """What was asked for, as ids; `action` is a beginning such as `identity.`; `to` is exclusive. An empty list is
    somebody who isn't known: nothing matches."""

    actor: list[uuid.UUID] | None = None
    action: str | None = None
    target_type: str | None = None
    target: list[str] | None = None
    since: datetime | None = None
    to: datetime | None = None

    def given(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}


async def actors_of(reader: AsyncConnection, who: str) -> list[uuid.UUID]:
    """The accounts and persons that an id, an e-mail or a whole name means."""
    key = _uuid(who)
    rows = await reader.execute(MEANT, {"id": key, "who": who})
    return sorted({found for row in rows for found in row if found} | ({key} if key else set()))


async def targets_of(reader: AsyncConnection, what: str) -> list[str]:
    """The same for what was acted on; beside people there are clients, reports and others, by the id in the log.

    A text that is neither gives nothing, and so comes into no record of an export: it may be a name.
    """
    known = await reader.scalar(select(select(AuditEntry.seq).where(AuditEntry.target_id == what).exists()))
    return sorted({str(found) for found in await actors_of(reader, what)} | ({what} if known else set()))


def refuse_narrowed(who: Principal) -> None:
    """WholeCompanyOnly for somebody whose every reading role is narrowed to org units.

    An entry names people, units, addresses and other entries of any part of the company: there is no honest half of it.
    """
    if not who.reach(*READERS).everyone:
        raise WholeCompanyOnly(
            "Your role is narrowed to org units, and the log speaks of all of them: "
            "ask an officer or auditor of the whole company."
        )


async def search(
    reader: AsyncConnection, filters: Filters, *, cursor: int | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """(entries, cursor of the next page), the newest first."""
    statement = _chosen(filters, *AuditEntry.__table__.columns).order_by(AuditEntry.seq.desc()).limit(limit + 1)
    if cursor is not None:
        statement = statement.where(AuditEntry.seq < cursor)
    rows = await _named(reader, [dict(row) for row in (await reader.execute(statement)).mappings()])
    following = str(rows[limit - 1]["seq"]) if len(rows) > limit else None
    return [_shown(row) for row in rows[:limit]], following


async def export(engine: AsyncEngine, filters: Filters, kind: str) -> AsyncIterator[bytes]:
    """Everything up to now that matches, the oldest first: `jsonl` or `csv`.

    Each line has the canonical text, the hash of the entry before and the entry's own: hash = sha256(previous + text).
    Read in steps, which an append-only log allows: a slow reader holds neither a connection nor a snapshot.
    """
    async with engine.connect() as reader:
        newest = await reader.scalar(select(func.max(AuditEntry.seq))) or 0
    columns: list[Any] = [AuditEntry.seq, CANONICAL, AuditEntry.previous, AuditEntry.hash]
    if kind == "csv":
        columns += [column for column in AuditEntry.__table__.columns if column.name in FOR_READING]
        yield csv_text([CSV_COLUMNS]).encode()
    last = 0
    while last < newest:
        step = _chosen(filters, *columns).where(AuditEntry.seq > last, AuditEntry.seq <= newest)
        async with engine.connect() as reader:
            found: Sequence[Any] = (await reader.execute(step.order_by(AuditEntry.seq).limit(BATCH))).mappings().all()
            rows = await _named(reader, [dict(row) for row in found]) if kind == "csv" else found
        yield (_csv_lines(rows) if kind == "csv" else _json_lines(rows)).encode()
        last = found[-1]["seq"] if len(found) == BATCH else newest


def _chosen(filters: Filters, *columns: Any) -> Select[Any]:
    actor, target = filters.actor, filters.target
    acted = (AuditEntry.actor_account_id, AuditEntry.actor_person_id, AuditEntry.on_behalf_of)
    conditions: tuple[ColumnElement[bool] | None, ...] = (
        None if actor is None else or_(*(key.in_(actor) for key in acted)),
        None if target is None else AuditEntry.target_id.in_(target),
        AuditEntry.action.startswith(filters.action, autoescape=True) if filters.action else None,
        AuditEntry.target_type == filters.target_type if filters.target_type else None,
        AuditEntry.recorded_at >= filters.since if filters.since else None,
        AuditEntry.recorded_at < filters.to if filters.to else None,
    )
    return select(*columns).where(*(condition for condition in conditions if condition is not None))


async def _named(reader: AsyncConnection, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries, with today's names of who acted and who was acted on."""
    ids = {row[name] for row in rows for name in ("actor_account_id", "actor_person_id", "on_behalf_of")}
    ids |= {_uuid(row["target_id"]) for row in rows if row["target_type"] in PEOPLE}
    found = await reader.execute(NAMES, {"ids": [key for key in ids if key]})
    names = {str(row.id): row.name for row in found}
    for row in rows:
        row["actor_name"] = names.get(str(row["actor_person_id"])) or names.get(str(row["actor_account_id"]))
        row["on_behalf_of_name"] = names.get(str(row["on_behalf_of"]))
        row["target_name"] = names.get(row["target_id"])
    return rows


def _uuid(said: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(said or "")
    except ValueError:
        return None


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    actor = {
        "account_id": row.pop("actor_account_id"),
        "person_id": row.pop("actor_person_id"),
        "name": row.pop("actor_name"),
        "client_id": row.pop("client_id"),
    }
    return {**row, "actor": actor, "hash": row["hash"].hex()}


def _json_lines(rows: Iterable[Mapping[str, Any]]) -> str:
    return "".join(
        json.dumps(
            {"seq": row["seq"], "text": row["text"], "previous": row["previous"].hex(), "hash": row["hash"].hex()}
        )
        + "\n"
        for row in rows
    )


def _csv_lines(rows: Iterable[Mapping[str, Any]]) -> str:
    return csv_text([_cell(row[name]) for name in CSV_COLUMNS] for row in rows)


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.hex() if isinstance(value, bytes) else value
