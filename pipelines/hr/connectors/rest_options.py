"""What a mapping says of a REST system: where it is, how we are let in, what to ask for, how it pages."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from api.core.outbound import is_safe
from pipelines.hr.connectors import base
from pipelines.hr.connectors.secret import Secret


def _safe(given: str) -> str:
    if not is_safe(given, allow_loopback=True):
        raise ValueError("an https address without a password in it")
    return given.rstrip("/")


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Bearer(Strict):
    kind: Literal["bearer"]
    token: Secret


class Basic(Strict):
    kind: Literal["basic"]
    user: str
    password: Secret


class ApiKey(Strict):
    kind: Literal["api_key"]
    name: str = Field(description="Of the header.")
    key: Secret


class OAuth2(Strict):
    """Client credentials (RFC 6749, 4.4); the token is renewed before it ends, and when it is refused."""

    kind: Literal["oauth2"]
    token_url: str
    client_id: str
    client_secret: Secret
    scope: str | None = None

    _is_safe = field_validator("token_url")(_safe)


class Paging(Strict):
    """`none`: one answer has all. `page`, `offset`: counted by us. `cursor`: the answer names the next one. `link`: by
    address, in the body at `next`. `header`: by address, in the Link header (RFC 8288).
    """

    kind: Literal["none", "page", "offset", "cursor", "link", "header"] = "none"
    param: str = Field(default="", description="Of the number, offset or cursor; page, offset, cursor where left out.")
    first: int = Field(default=1, description="Number of the first page.")
    limit: int = Field(default=100, ge=1)
    limit_param: str = "limit"
    next: str = Field(default="next", description="Path in the answer to the next cursor or address.")


class Resource(Strict):
    path: str
    params: dict[str, Any] = Field(default_factory=dict)
    at: str = Field(default="$", description="Path in the answer to the records.")
    total: str | None = Field(default=None, description="Path in the answer to how many there are: checked.")
    paging: Paging = Field(default_factory=Paging)


class Changes(Strict):
    """For a system that can tell what changed; without it each answer is the whole truth."""

    param: str = Field(description="Where to say since when, in the request for the mapping's `lines`.")
    cursor: str | None = Field(default=None, description="Path in the first page to what to say next time.")
    newest: str | None = Field(default=None, description="Or: the field of the records whose highest value that is.")

    @model_validator(mode="after")
    def _has_one(self) -> "Changes":
        if (self.cursor is None) == (self.newest is None):
            raise ValueError("give either cursor or newest")
        return self


class RestOptions(base.Options):
    kind: str = "rest"
    url: str
    auth: Annotated[Bearer | Basic | ApiKey | OAuth2, Field(discriminator="kind")] | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    records: dict[str, Resource] = Field(min_length=1, description="By the mapping's names.")
    changes: Changes | None = None

    _is_safe = field_validator("url")(_safe)
