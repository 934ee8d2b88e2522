"""`praxis audit`: prove the log, or write it to a file that anybody can check."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_read_engine
from api.identity import audit_chain, audit_search
from api.identity.audit import record
from api.identity.audit_heads import heads_path
from stack.install import Install
from stack.problems import StackProblem
from stack.transaction import in_transaction, running_settings

KINDS = {".csv": "csv", ".jsonl": "jsonl"}


def verify(install: Install, copies: Sequence[Path], *, as_json: bool) -> tuple[int, str]:
    """(exit code, what to print): 0 only for a log that is proven."""
    if missing := [copy for copy in copies if not copy.is_file()]:
        raise StackProblem(f"There is no file {missing[0]}.")
    settings = running_settings(install)
    verdict = asyncio.run(audit_chain.verify(settings, copies))
    code = 1 if verdict.broken else 0
    if as_json:
        told = {"is_proven": not verdict.broken, **asdict(verdict)}
        return code, json.dumps(told, indent=2, default=_plain)
    if verdict.broken:
        lines = [f"  {broken.what}" for broken in verdict.broken]
        return code, "The audit log is NOT as it was written:\n" + "\n".join(lines)
    if verdict.head is None:
        return code, "0 entries: nothing was recorded yet."
    return code, (
        f"{verdict.entries:,} entries, head {verdict.head.hash.hex()}, {verdict.heads} heads of before fit,"
        f" {verdict.duration_s:.1f} s\nA signed head was added to {heads_path(settings)}: keep a copy elsewhere."
    )


def _plain(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def export(install: Install, file: Path) -> str:
    """Everything, the oldest first, the entry of this export included."""
    kind = KINDS.get(file.suffix)
    if kind is None:
        raise StackProblem(f"{file.name}: end it in .csv or .jsonl, that says the format.")
    if not file.absolute().parent.is_dir():
        raise StackProblem(f"There is no folder {file.absolute().parent}.")

    async def recorded(session: AsyncSession) -> None:
        await record(
            session,
            action="identity.audit_log_exported",
            target_type="audit_log",
            target_id=None,
            after={"format": kind},
        )

    in_transaction(install, "praxis audit export", recorded)
    fresh = file.with_name(f".{file.name}.part")
    asyncio.run(_write(running_settings(install).database_url, fresh, kind))
    fresh.replace(file)
    return f"{file} holds the log; docs/audit.md says how to check it without Praxis."


async def _write(url: str, file: Path, kind: str) -> None:
    """Readable by its owner alone: the log names people's doings."""
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    engine = make_read_engine(url, pool_size=1)
    try:
        with file.open("wb") as out:
            async for part in audit_search.export(engine, audit_search.Filters(), kind):
                out.write(part)
    finally:
        await engine.dispose()
