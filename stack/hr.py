"""`praxis hr`: give HR files to the pipelines, see what became of them, decide on those that wait."""

import shutil
from pathlib import Path

from api.core.origin import at_terminal
from api.identity.rules import OPERATOR
from api.people import service
from api.people.models import HrImport
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


def approve(install: Install, import_id: str) -> str:
    """Apply a file that waits, if it is still what lies in the folder."""
    from pipelines.hr import ingest  # noqa: PLC0415  (polars; no other command needs it)
    from pipelines.hr.reading import UnusableFile  # noqa: PLC0415

    record = _held(install, import_id)
    try:
        with at_terminal("praxis hr approve", OPERATOR):
            return ingest.summary(ingest.approve(running_settings(install), record.id))
    except UnusableFile as error:
        raise StackProblem(str(error)) from error


def reject(install: Install, import_id: str) -> str:
    """Leave everything as it is; the same file is not asked about again."""
    record = _held(install, import_id)
    in_transaction(install, "praxis hr reject", lambda session: service.reject_import(session, record.id))
    return f"rejected: {record.file_name} of {record.source}; nothing was changed."


def _held(install: Install, import_id: str) -> HrImport:
    """The import, which must wait for a decision; the first letters of its id are enough."""
    known = in_transaction(install, "praxis hr list", service.imports)
    found = [record for record in known if str(record.id).startswith(import_id.lower())]
    if len(found) != 1:
        raise StackProblem(f"{import_id} names {len(found) or 'no'} imports: `./praxis hr list` shows them.")
    if found[0].status != "held":
        raise StackProblem(f"{found[0].file_name} does not wait for a decision: it is {found[0].status}.")
    return found[0]
