"""BambooHR: employees by List Employees, their moves by the jobInfo table, changes by change tracking.

Wire shape (documentation.bamboohr.com: list-employees, get-changed-employee-ids, get-changed-employee-table-data; the
vendor's own SDK BambooHR/bhr-api-python, docs/): `GET /api/v1/employees?fields=…&page[limit]=…` answers
`{"data": [{"employeeId": "7", …}], "meta": {"total": n}, "_links": {"next": {"href": …}}}`;
`GET /api/v1/employees/changed?since=…` answers `{"latest": …, "employees": {"7": {"action": "Updated", …}}}`;
`GET /api/v1/employees/changed/tables/jobInfo?since=…` answers `{"employees": {"7": {"rows": [{"date": …}]}}}`. In by
an API key as the user of Basic. Too many requests are 429 or 503 with Retry-After.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

from pipelines.hr.connectors import base
from pipelines.hr.connectors.access import Basic
from pipelines.hr.connectors.asking import Asker, WebOptions
from pipelines.hr.connectors.base import Delivery, Place, Unreachable, delivered
from pipelines.hr.connectors.records import frame_of, groups_of, wanted
from pipelines.hr.connectors.secret import Secret
from pipelines.hr.connectors.since import Since

EMPLOYEES, JOBS = "employees", "jobs"
FIRST = "1900-01-01T00:00:00Z"
AT_ONCE = 100


class BambooOptions(WebOptions):
    """`url` is https://COMPANY.bamboohr.com."""

    kind: str = "bamboohr"
    key: Secret
    page: int = 250


class BambooHR:
    Options: ClassVar[type[base.Options]] = BambooOptions

    def __init__(self, place: Place, options: Any) -> None:
        self.place, self.options = place, options

    def fetch(self, cursor: str | None) -> Delivery | None:
        """Changes; everything on a new day, and as soon as somebody was deleted: only that says so."""
        now = datetime.now(UTC)
        since = Since.of(cursor, now)
        with asker_of(self.options) as asker:
            changed = self._changed(asker, since.moment) if since else None
            since = since if changed is not None else None
            people = list(self._employees(asker, changed))
            frames = {EMPLOYEES: people, **self._jobs(asker, since, changed)}
            follows = Since.after(asker.clock, since, now)
        mapping = self.place.mapping
        return delivered(
            self.place.source,
            {name: frame_of(records, mapping, name) for name, records in frames.items()},
            {name: f"BambooHR {name}" for name in frames},
            since=cursor,
            cursor=follows,
            is_whole=since is None,
        )

    def _changed(self, asker: Asker, moment: str) -> list[str] | None:
        """Their ids; None where somebody was deleted."""
        told = asker.get("api/v1/employees/changed", {"since": moment}).get("employees") or {}
        is_complete = all(change["action"] != "Deleted" for change in told.values())
        return sorted(told) if is_complete else None

    def _employees(self, asker: Asker, ids: list[str] | None) -> Iterator[dict[str, Any]]:
        fields = ",".join(wanted(self.place.mapping, EMPLOYEES))
        asked = {"fields": fields, "page[limit]": self.options.page}
        groups = [{}] if ids is None else [{"filter[ids]": ",".join(some)} for some in groups_of(ids, AT_ONCE)]
        for group in groups:
            count = total = 0
            for page in asker.follow("api/v1/employees", {**asked, **group}, _next):
                count, total = count + len(page["data"]), page["meta"]["total"]
                yield from (_seen(employee, fields) for employee in page["data"])
            if count < total:
                raise Unreachable(f"BambooHR gave {count} of {total} employees: people changed while it was asked.")

    def _jobs(self, asker: Asker, since: Since | None, ids: list[str] | None) -> dict[str, list[dict[str, Any]]]:
        """One record a stretch; only where the mapping tells its history by it."""
        mapping = self.place.mapping
        if JOBS not in (mapping.lines, *(join.file for join in mapping.join)):
            return {}
        moment = since.moment if since else FIRST
        told = asker.get("api/v1/employees/changed/tables/jobInfo", {"since": moment}).get("employees") or {}
        wanted_ids = set(told) if ids is None else set(ids)
        return {
            JOBS: [
                {"employeeId": number, **row}
                for number, rows in told.items()
                if number in wanted_ids
                for row in sorted(rows["rows"], key=lambda row: str(row["date"]))
            ]
        }


def asker_of(options: BambooOptions) -> Asker:
    """The key is the user; the password can be anything."""
    return Asker("BambooHR", options.url, Basic(options.key.get_secret_value(), "x"))


def _seen(employee: dict[str, Any], fields: str) -> dict[str, Any]:
    """A field that is hidden from us reads as empty: then nothing is believed. No day is 0000-00-00."""
    if hidden := set(employee.get("_restrictedFields") or []) & set(fields.split(",")):
        raise Unreachable(f"BambooHR hides {', '.join(sorted(hidden))} from the key: let its user see everybody's.")
    return {name: None if value == "0000-00-00" else value for name, value in employee.items()}


def _next(page: dict[str, Any]) -> str | None:
    found: str | None = ((page.get("_links") or {}).get("next") or {}).get("href")
    return found
