"""Workday: a custom report as a web service (RaaS), in JSON.

Wire shape: https://HOST/ccx/service/customreport2/TENANT/OWNER/REPORT?format=json answers `{"Report_Entry": [{…}]}`;
prompts are query parameters (Workday Administrator Guide, "Reports-as-a-Service"; the same in ServiceNow's and
Workato's public pages on Workday RaaS). A report has no pages and may take 30 minutes or 2 GB: a big one is asked for
in parts by a prompt of its own. Fields without a value are left out; multi-instance fields are lists. In by an
integration system user (Basic) or an API client's refresh token (OAuth 2.0, /ccx/oauth2/TENANT/token).
"""

from datetime import UTC, datetime
from typing import Any, ClassVar

import httpx
from pydantic import BaseModel, Field, model_validator

from pipelines.hr.connectors import base
from pipelines.hr.connectors.access import Basic, Exchanged
from pipelines.hr.connectors.asking import Access, Asker, WebOptions
from pipelines.hr.connectors.base import Delivery, Place, Unreachable, delivered
from pipelines.hr.connectors.records import frame_of
from pipelines.hr.connectors.secret import Secret
from pipelines.hr.connectors.since import Since


class Parts(BaseModel):
    prompt: str
    values: list[str] = Field(min_length=1)


class WorkdayOptions(WebOptions):
    kind: str = "workday"
    prompts: dict[str, str] = Field(default_factory=dict, description="What each request gives to the report.")
    parts: Parts | None = Field(default=None, description="One request a value of this prompt, all together the whole.")
    changed_since: str | None = Field(default=None, description="The prompt that restricts it to what changed since.")
    user: str | None = None
    password: Secret | None = None
    token_url: str | None = None
    client_id: str | None = None
    client_secret: Secret | None = None
    refresh_token: Secret | None = None

    @model_validator(mode="after")
    def _has_one_way_in(self) -> "WorkdayOptions":
        basic = self.user and self.password
        oauth = self.token_url and self.client_id and self.client_secret and self.refresh_token
        if bool(basic) == bool(oauth):
            raise ValueError("give user and password, or token_url, client_id, client_secret and refresh_token")
        if self.token_url:
            self._is_safe(self.token_url)
        return self


class Workday:
    Options: ClassVar[type[base.Options]] = WorkdayOptions

    def __init__(self, place: Place, options: Any) -> None:
        self.place, self.options = place, options

    def fetch(self, cursor: str | None) -> Delivery | None:
        now = datetime.now(UTC)
        changes = self.options.changed_since
        since = Since.of(cursor, now) if changes else None
        prompts = {"format": "json", **self.options.prompts, **({changes: since.moment} if since else {})}
        with Asker("Workday", self.options.url, _access(self.options)) as asker:
            records = [record for part in self._parts() for record in _entries(asker.get("", {**prompts, **part}))]
            follows = Since.after(asker.clock, since, now) if changes else None
        name = self.place.mapping.lines
        return delivered(
            self.place.source,
            {name: frame_of(records, self.place.mapping, name)},
            {name: self.options.url.rpartition("/")[2]},
            since=cursor,
            cursor=follows,
            is_whole=since is None,
        )

    def _parts(self) -> list[dict[str, str]]:
        parts = self.options.parts
        return [{parts.prompt: value} for value in parts.values] if parts else [{}]


def _entries(told: Any) -> list[dict[str, Any]]:
    match told:
        case {"Report_Entry": list(entries)}:
            return entries
    raise Unreachable("Workday's answer has no Report_Entry: is it the address of a report, enabled as a web service?")


def _access(options: WorkdayOptions) -> Access:
    if options.user and options.password:
        return Basic(options.user, options.password.get_secret_value())

    def exchange(client: httpx.Client) -> httpx.Response:
        assert options.token_url and options.client_id and options.client_secret and options.refresh_token
        return client.post(
            options.token_url,
            auth=(options.client_id, options.client_secret.get_secret_value()),
            data={"grant_type": "refresh_token", "refresh_token": options.refresh_token.get_secret_value()},
        )

    return Exchanged("Workday", exchange)
