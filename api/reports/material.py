"""What a file is made of besides the lake: whom the asker may see now, what happened since the mart, and the facts."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pa_parquet
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from api.core.jobs import Context
from api.identity.models import Account
from api.identity.rules import Principal
from api.people.models import Person
from api.people.sight import Choice, seeing, seen_in_parts
from api.reports import queries
from api.reports.duck import Cursor
from api.reports.handed import TEAM_SCHEMA, tail_table, team_table
from api.reports.lake_reader import LakeReader, lake_reader
from api.reports.models import ReportRun
from api.reports.questions import ReportQuestion
from api.reports.snapshots import Snapshot

TITLES = {"compliance": "Compliance report", "progress": "Learning progress"}
PARTS = {"tail": "tail.parquet", "team": "team.parquet"}
"""Files in the folder of the job."""


@dataclass(frozen=True, slots=True)
class Material:
    snapshot: Snapshot
    title: str
    facts: list[tuple[str, str]]
    evidence: dict[str, Any]
    """Freshness but for the rows, which are counted when they are written."""
    parameters: dict[str, Any]

    def job(self) -> dict[str, Any]:
        """As JSON."""
        days = {name: value.isoformat() for name, value in self.parameters.items() if hasattr(value, "isoformat")}
        return {
            "lake_snapshot": self.snapshot.lake_snapshot,
            "title": self.title,
            "facts": self.facts,
            "evidence": self.evidence,
            "parameters": self.parameters | days,
        }

    def file_name(self, question: ReportQuestion) -> str:
        name = self.title.lower().replace(" ", "-")
        return f"{name}-{self.snapshot.day}-snapshot-{self.snapshot.number}.{question.format}"


async def gather(
    context: Context, report: ReportRun, who: Principal, question: ReportQuestion, folder: Path
) -> Material:
    """Row security is the asker's, in their roles of now."""
    async with lake_reader(context.settings, context.engine.execution_options(isolation_level="AUTOCOMMIT")) as lake:
        snapshot, as_of_xid = await _snapshot(lake, report, question)
        async with seeing(context.engine, who) as sight:
            people = await _team(sight, question.choice, folder / PARTS["team"])
            tail = await tail_table(sight, people, as_of_xid=as_of_xid, snapshot=snapshot)
    pa_parquet.write_table(tail, folder / PARTS["tail"])
    async with context.sessions.begin() as session:
        pin = update(ReportRun).where(ReportRun.id == report.id).values(snapshot_number=snapshot.number)
        await session.execute(pin)
        account = await session.get(Account, who.account_id)
        person = await session.get(Person, who.person) if who.person else None
    name = person.display_name if person else (account and account.email) or "a service"
    evidence = snapshot.evidence(as_of_xid=as_of_xid, tail_events=tail.num_rows, read_at=datetime.now(UTC))
    parameters = question.filters.parameters(snapshot, None)
    return Material(snapshot, TITLES[question.report], _facts(question, name, evidence), evidence, parameters)


async def _snapshot(lake: LakeReader, report: ReportRun, question: ReportQuestion) -> tuple[Snapshot, int]:
    """The one asked for, or that of an earlier attempt, or of now; and up to where its mart knows events."""

    def mark(cursor: Cursor, lake_snapshot: int) -> tuple[int, int]:
        row = cursor.execute(queries.AS_OF.format(mart=queries.MARTS[question.report])).fetchone()
        return lake_snapshot, int(row[0]) if row else 0

    number = question.snapshot or report.snapshot_number
    earlier = await lake.snapshots.find(number) if number else None
    lake_snapshot, as_of_xid = await lake.read(mark, earlier)
    return earlier or await lake.snapshots.take(lake_snapshot), as_of_xid


async def _team(sight: AsyncConnection, choice: Choice, path: Path) -> list[uuid.UUID]:
    people: list[uuid.UUID] = []
    with pa_parquet.ParquetWriter(path, TEAM_SCHEMA) as writer:
        async for part in seen_in_parts(sight, choice):
            people += [row.person_id for row in part]
            writer.write_table(team_table(part))
    return people


def _facts(question: ReportQuestion, name: str, evidence: dict[str, Any]) -> list[tuple[str, str]]:
    asked = question.model_dump(mode="json", exclude_defaults=True, exclude={"report", "format", "columns", "snapshot"})
    told = [
        f"{key.replace('_', ' ')}: {f'{len(value)} chosen' if isinstance(value, list) else value}"
        for key, value in asked.items()
    ]
    moment = f"{evidence['taken_at'][:19].replace('T', ' ')} UTC"
    return [
        ("Asked by", f"{name}; these are people whom they may see"),
        ("Asked for", "; ".join(told) or "everything"),
        ("Snapshot", f"{evidence['snapshot']}, taken {moment}"),
        ("Lake snapshot", str(evidence["lake_snapshot"])),
        ("Watermark", evidence["watermark"]),
    ]
