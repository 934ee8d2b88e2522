"""By file: for systems that take no such record over the web (a Workday report only reads, Personio has no trainings),
such as a Workday EIB or an import that somebody starts.

A batch is a CSV whose name follows from its records, so that sending it again writes the same file. An answer is a
CSV of `key,state,reason` in the folder `answers` beside it.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import fsspec

from api.compliance.service import Answer, Due
from pipelines.hr.connectors.base import Place
from pipelines.hr.connectors.stores import S3Options, SftpOptions, s3_store, sftp_store
from pipelines.hr.write_back.base import Revoked, WriteOptions

KEY = re.compile(r"(completion|certificate|revocation):[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
COLUMNS = [
    *("key", "kind", "employee_number", "title", "completed_on", "score_percent", "hours"),
    *("code", "issued_on", "expires_on", "revoked_on", "revoked_reason"),
]


class FileOptions(WriteOptions):
    kind: str = "file"


class SftpWriteOptions(WriteOptions, SftpOptions):
    kind: str = "sftp"


class S3WriteOptions(WriteOptions, S3Options):
    kind: str = "s3"


class Files:
    """The folder `write-back` in the source's own."""

    Options: ClassVar[type[WriteOptions]] = FileOptions
    most: ClassVar[int] = 5000

    def __init__(self, place: Place, options: Any) -> None:
        self.place, self.options = place, options

    def send(self, records: Sequence[Due], earlier: Revoked) -> list[Answer]:
        named = hashlib.sha256("\n".join(sorted(one.key for one in records)).encode()).hexdigest()[:16]
        with self._store() as fs:
            fs.makedirs(f"{self._root()}/answers", exist_ok=True)
            path = f"{self._root()}/records-{named}.csv"
            fs.pipe_file(f"{path}.part", _csv(records))
            fs.mv(f"{path}.part", path)
        return [Answer(one.key, "sent", reference=f"records-{named}.csv") for one in records]

    def answers(self) -> list[Answer]:
        found = []
        with self._store() as fs:
            for path in sorted(fs.glob(f"{self._root()}/answers/*.csv")):
                rows = csv.DictReader(io.StringIO(fs.cat_file(path).decode("utf-8-sig")))
                found += [
                    Answer(row["key"], row["state"], row.get("reason") or None)
                    for row in rows
                    if KEY.fullmatch(row.get("key") or "") and row.get("state") in ("accepted", "refused")
                ]
        return found

    @contextmanager
    def _store(self) -> Iterator[Any]:
        yield fsspec.filesystem("file")

    def _root(self) -> str:
        return str(self.place.folder / "write-back")


class SftpFiles(Files):
    Options: ClassVar[type[WriteOptions]] = SftpWriteOptions

    @contextmanager
    def _store(self) -> Iterator[Any]:
        with sftp_store(self.options) as fs:
            yield fs

    def _root(self) -> str:
        return str(self.options.folder)


class S3Files(Files):
    Options: ClassVar[type[WriteOptions]] = S3WriteOptions

    @contextmanager
    def _store(self) -> Iterator[Any]:
        with s3_store(self.options) as fs:
            yield fs

    def _root(self) -> str:
        return f"{self.options.bucket}/{self.options.prefix}".rstrip("/")


def _csv(records: Sequence[Due]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, extrasaction="ignore")
    writer.writeheader()
    for one in sorted(records, key=lambda one: one.key):
        writer.writerow({"key": one.key, "kind": one.kind, "employee_number": one.employee_number, **one.body})
    return text.getvalue().encode("utf-8-sig")
