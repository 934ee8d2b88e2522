"""`praxis hr`: give HR files to the pipelines, see what became of them, decide on those that wait."""

import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from api.core.origin import at_terminal
from api.identity.rules import OPERATOR
from api.people import service
from stack.install import Install
from stack.problems import StackProblem
from stack.screen import table
from stack.transaction import in_transaction, running_settings


def drop(install: Install, file: Path, source: str) -> str:
    """Copied under another name first and renamed, so that the sensor never sees half a file."""
    from pipelines.hr.mapping import MappingError, load_mapping  # noqa: PLC0415  (pydantic models; only this needs them)

    if not file.is_file():
        raise StackProblem(f"There is no file {file}.")
    folder = install.settings.hr_dir / source
    if folder.parent != install.settings.hr_dir or source in ("", ".", ".."):
        raise StackProblem(f"{source} is no source: give its name alone, such as demo.")
    try:
        load_mapping(folder)
    except MappingError as error:
        raise StackProblem(str(error)) from error
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".{file.name}.part"
    shutil.copyfile(file, fresh)
    fresh.replace(folder / file.name)
    return f"{folder / file.name}: the pipelines take it within a minute; `./praxis hr list` shows what became of it."


def listing(install: Install) -> str:
    """The newest imports, with what waits for a decision and why."""
    found = in_transaction(install, "praxis hr list", service.imports)
    if not found:
        return "No HR file was taken yet: `./praxis hr drop FILE SOURCE` gives one."
    rows = [("id", "source", "file", "status", "counts or reason")]
    for record in found:
        counts = ", ".join(f"{name} {count}" for name, count in record.counts.items())
        rows.append((str(record.id), record.source, record.file_name, record.status, record.reason or counts))
    return table(list(rows))


def diff(install: Install, import_id: str, kind: str | None, limit: int) -> str:
    """What an import that waits would do, row by row."""
    record = _found(install, import_id)
    rows = in_transaction(
        install, "praxis hr diff", lambda session: service.diff_of(session, record.id, kind=kind, limit=limit)
    )
    told: list[tuple[str, ...]] = [("kind", "number", "name", "before", "after")]
    told += [
        (one.kind, one.employee_number or "", one.display_name or "", _said(one.before), _said(one.after))
        for one in rows
    ]
    counts = ", ".join(f"{name} {count}" for name, count in record.counts.items())
    head = [f"{record.file_name} of {record.source}: {record.status}; {counts}", *(t["says"] for t in record.trips)]
    more = [f"The first {limit} rows; --limit gives more."] if len(rows) == limit else []
    return "\n".join([*head, table(told) if rows else "No rows were kept: it was never held.", *more])


def _said(fields: dict[str, Any]) -> str:
    return ", ".join(f"{name} {'-' if value is None else value}" for name, value in fields.items())


def approve(install: Install, import_id: str) -> str:
    """Apply what waits, at once; `praxis hr diff` shows it."""
    from pipelines.hr import held, ingest  # noqa: PLC0415  (polars; no other command needs it)

    record = _held(install, import_id)
    try:
        with at_terminal("praxis hr approve", OPERATOR):
            return ingest.summary(ingest.approve(running_settings(install), record.id))
    except held.DeliveryLost as error:
        raise StackProblem(str(error)) from error


def reject(install: Install, import_id: str) -> str:
    """Leave everything as it is; the same file is not asked about again."""
    record = _held(install, import_id)
    in_transaction(install, "praxis hr reject", lambda session: service.reject_import(session, record.id))
    return f"rejected: {record.file_name} of {record.source}; nothing was changed."


def _held(install: Install, import_id: str) -> Row[Any]:
    record = _found(install, import_id)
    if record.status not in ("held", "approved"):
        raise StackProblem(f"{record.file_name} does not wait for a decision: it is {record.status}.")
    return record


def _found(install: Install, import_id: str) -> Row[Any]:
    """The import of these first letters of an id."""
    known = in_transaction(install, "praxis hr list", lambda session: service.imports(session, limit=200))
    found = [record for record in known if str(record.id).startswith(import_id.lower())]
    if len(found) != 1:
        raise StackProblem(f"{import_id} names {len(found) or 'no'} imports: `./praxis hr list` shows them.")
    return found[0]
