"""Personio: employees by the v1 API, which names departments and offices; v2 gives their ids only.

Wire shape (developer.personio.de v1: post_auth, get_company-employees, "Pagination Adoption Guide"; the vendor's
OpenAPI in personio/api-docs): `POST /v1/auth` with client id and secret answers `{"data": {"token": …}}`, good for 24
hours; `GET /v1/company/employees?limit=100&offset=…` answers `{"success": true, "data": [{"type": "Employee",
"attributes": {"first_name": {"label": …, "value": …, "type": …}}}], "metadata": {"total_elements": n}}`.
`updated_since` gives what changed, without pages. 429 where more than 300 requests come a minute.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

import httpx
from pydantic import Field

from pipelines.hr.connectors import base
from pipelines.hr.connectors.access import Exchanged
from pipelines.hr.connectors.asking import Asker, WebOptions
from pipelines.hr.connectors.base import Delivery, Place, Unreachable, delivered
from pipelines.hr.connectors.records import frame_of
from pipelines.hr.connectors.secret import Secret
from pipelines.hr.connectors.since import Since

DAY_S = 24 * 3600.0


class PersonioOptions(WebOptions):
    kind: str = "personio"
    url: str = "https://api.personio.de"
    client_id: str
    client_secret: Secret
    page: int = Field(default=100, ge=1, le=100)


class Personio:
    Options: ClassVar[type[base.Options]] = PersonioOptions

    def __init__(self, place: Place, options: Any) -> None:
        self.place, self.options = place, options

    def fetch(self, cursor: str | None) -> Delivery | None:
        now = datetime.now(UTC)
        since = Since.of(cursor, now)
        with Asker("Personio", self.options.url, _access(self.options)) as asker:
            told = _changed(asker, since.moment) if since else self._everybody(asker)
            records = [_plain(employee) for employee in told]
            follows = Since.after(asker.clock, since, now)
        name = self.place.mapping.lines
        return delivered(
            self.place.source,
            {name: frame_of(records, self.place.mapping, name)},
            {name: "Personio employees"},
            since=cursor,
            cursor=follows,
            is_whole=since is None,
        )

    def _everybody(self, asker: Asker) -> Iterator[dict[str, Any]]:
        """By id: somebody who joins or goes between two pages moves nobody over their edge unseen."""
        seen: set[Any] = set()
        offset, total = 0, 1
        while offset < total:
            page = _data(asker.get("v1/company/employees", {"limit": self.options.page, "offset": offset}))
            total = page["metadata"]["total_elements"]
            for employee in page["data"]:
                number = employee["attributes"]["id"]["value"]
                if number not in seen:
                    seen.add(number)
                    yield employee
            if not page["data"]:
                break
            offset += len(page["data"])
        if len(seen) != total:
            raise Unreachable(f"Personio gave {len(seen)} of {total} employees: people changed while it was asked.")


def _changed(asker: Asker, moment: str) -> list[dict[str, Any]]:
    asked = {"updated_since": moment.removesuffix("Z")}
    found: list[dict[str, Any]] = _data(asker.get("v1/company/employees", asked))["data"]
    return found


def _data(told: Any) -> dict[str, Any]:
    if not isinstance(told, dict) or not told.get("success") or not isinstance(told.get("data"), list):
        raise Unreachable("Personio's answer is no list of employees.")
    return told


def _plain(employee: dict[str, Any]) -> dict[str, Any]:
    """Values without their labels, days without a time, and first and last name as one."""
    plain = {}
    for name, attribute in employee["attributes"].items():
        value = attribute["value"]
        if attribute.get("type") == "date" and value:
            value = str(value)[:10]
        plain[name] = _unwrapped(value)
    names = [str(plain.get(name) or "").strip() for name in ("first_name", "last_name")]
    return plain | {"name": " ".join(filter(None, names))}


def _unwrapped(value: Any) -> Any:
    match value:
        case {"attributes": dict(attributes)}:
            return {name: _unwrapped(part) for name, part in attributes.items()}
        case {"label": _, "value": inner}:
            return _unwrapped(inner)
        case list():
            return [_unwrapped(part) for part in value]
    return value


def _access(options: PersonioOptions) -> Exchanged:
    def exchange(client: httpx.Client) -> httpx.Response:
        given = {"client_id": options.client_id, "client_secret": options.client_secret.get_secret_value()}
        return client.post(f"{options.url}/v1/auth", json=given, headers={"Accept": "application/json"})

    return Exchanged("Personio", exchange, lambda told: (told["data"]["token"], DAY_S))
