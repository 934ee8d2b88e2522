"""SAP SuccessFactors: OData v2, User and EmpJob with its history.

Wire shape (SAP Help "SAP SuccessFactors HXM Suite OData API: Developer Guide (V2)", KBA 2735876): lists are
`{"d": {"results": […], "__next": "…$skiptoken=…"}}`, pages are made by the server (`paging=cursor`,
`customPageSize`); moments are `/Date(1388534400000)/` or `…+0000)/`; `fromDate=1900-01-01` gives all of an
effective-dated entity; changes by `$filter=lastModifiedDateTime ge datetimeoffset'…'`; `userId in 'a','b'` asks for
some. In by OAuth 2.0 with a SAML bearer assertion (saml.py): HTTP Basic retires in November 2026.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import httpx
from pydantic import Field

from pipelines.hr.connectors import base
from pipelines.hr.connectors.access import Exchanged
from pipelines.hr.connectors.asking import Asker, WebOptions
from pipelines.hr.connectors.base import Delivery, Place, Unreachable, delivered
from pipelines.hr.connectors.records import frame_of, groups_of, wanted
from pipelines.hr.connectors.saml import assertion
from pipelines.hr.connectors.secret import Secret
from pipelines.hr.connectors.since import Since

USERS, JOBS = "users", "jobs"
ENTITY = {USERS: "User", JOBS: "EmpJob"}
EVERY_STATUS = "status in 't','f','T','F','e','d'"
"""Without it, User has active people only."""
AT_ONCE = 100
MOMENT = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SuccessFactorsOptions(WebOptions):
    """`url` is the API server, such as https://api4.successfactors.com."""

    kind: str = "successfactors"
    company_id: str
    client_id: str = Field(description="The API key of the OAuth client application.")
    user_id: str = Field(description="The technical user on whose behalf we ask.")
    private_key: Secret = Field(description="PEM, of the certificate that the client application was given.")
    page: int = Field(default=1000, le=1000)


class SuccessFactors:
    Options: ClassVar[type[base.Options]] = SuccessFactorsOptions

    def __init__(self, place: Place, options: Any) -> None:
        self.place, self.options = place, options

    def fetch(self, cursor: str | None) -> Delivery | None:
        """Changes: all about each person of whom anything changed, so that User and EmpJob fit together."""
        now = datetime.now(UTC)
        since = Since.of(cursor, now)
        with Asker("SuccessFactors", self.options.url, _access(self.options)) as asker:
            ids = self._changed(asker, since.moment) if since else None
            records = {name: list(self._records(asker, name, ids)) for name in ENTITY}
            follows = Since.after(asker.clock, since, now)
        records[JOBS] = _last_of_each_day(records[JOBS])
        mapping = self.place.mapping
        return delivered(
            self.place.source,
            {name: frame_of(found, mapping, name) for name, found in records.items()},
            {name: f"SuccessFactors {entity}" for name, entity in ENTITY.items()},
            since=cursor,
            cursor=follows,
            is_whole=since is None,
        )

    def _changed(self, asker: Asker, moment: str) -> list[str]:
        recent = f"lastModifiedDateTime ge datetimeoffset'{moment}'"
        users = self._list(asker, "User", {"$select": "userId", "$filter": f"{EVERY_STATUS} and {recent}"})
        jobs = self._list(asker, "EmpJob", {"$select": "userId", "$filter": recent, "fromDate": "1900-01-01"})
        return sorted({record["userId"] for found in (users, jobs) for record in found})

    def _records(self, asker: Asker, name: str, ids: list[str] | None) -> Iterator[dict[str, Any]]:
        columns = [column.replace(".", "/") for column in wanted(self.place.mapping, name)]
        asked = {"$select": ",".join(dict.fromkeys([*columns, *({JOBS: ["seqNumber", "startDate"]}.get(name, []))]))}
        if expanded := sorted({column.rpartition("/")[0] for column in columns if "/" in column}):
            asked["$expand"] = ",".join(expanded)
        if name == JOBS:
            asked["fromDate"] = "1900-01-01"
        always = [EVERY_STATUS] if name == USERS else []
        groups = [[]] if ids is None else [[f"userId in {_quoted(some)}"] for some in groups_of(ids, AT_ONCE)]
        for group in groups:
            conditions = " and ".join([*always, *group])
            yield from self._list(asker, ENTITY[name], asked | ({"$filter": conditions} if conditions else {}))

    def _list(self, asker: Asker, entity: str, asked: dict[str, str]) -> Iterator[dict[str, Any]]:
        paging = {"$format": "json", "paging": "cursor", "customPageSize": str(self.options.page)}
        for page in asker.follow(f"odata/v2/{entity}", asked | paging, lambda page: page["d"].get("__next")):
            if not isinstance(page.get("d"), dict):
                raise Unreachable(f"SuccessFactors' answer about {entity} is no OData v2.")
            yield from (_plain(record) for record in page["d"]["results"])


def _quoted(ids: list[str]) -> str:
    return ",".join("'" + one.replace("'", "''") + "'" for one in ids)


def _plain(value: Any) -> Any:
    """Without metadata; days as 2026-11-28, for all moments in it are days at midnight UTC."""
    match value:
        case dict():
            return {name: _plain(part) for name, part in value.items() if name not in ("__metadata", "__deferred")}
        case list():
            return [_plain(part) for part in value]
        case str() if found := MOMENT.fullmatch(value):
            return (EPOCH + timedelta(milliseconds=int(found[1]))).date().isoformat()
    return value


def _last_of_each_day(jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Several events of one day are numbered; the last one is what holds."""
    last = {}
    for job in sorted(jobs, key=lambda job: (job["userId"], job["startDate"], int(job["seqNumber"] or 1))):
        last[job["userId"], job["startDate"]] = job
    return list(last.values())


def _access(options: SuccessFactorsOptions) -> Exchanged:
    def exchange(client: httpx.Client) -> httpx.Response:
        signed = assertion(
            issuer="praxis",
            user=options.user_id,
            client_id=options.client_id,
            recipient=f"{options.url}/oauth/token",
            private_key=options.private_key.get_secret_value(),
        )
        return client.post(
            f"{options.url}/oauth/token",
            data={
                "company_id": options.company_id,
                "client_id": options.client_id,
                "grant_type": "urn:ietf:params:oauth:grant-type:saml2-bearer",
                "assertion": signed,
            },
        )

    return Exchanged("SuccessFactors", exchange)
