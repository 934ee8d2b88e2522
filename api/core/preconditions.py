"""If-Match: two people at once don't overwrite each other (RFC 9110, RFC 6585)."""

import re
from typing import Annotated

from fastapi import Header

from api.core.errors import ProblemError

TAG = re.compile(r'(W/)?"([^"]*)"')
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", max_length=200, description="The ETag that you read.", examples=['"7"']),
]


class PreconditionRequired(ProblemError):
    status = 428
    title = "Say what you read"


class EditedMeanwhile(ProblemError):
    """Carries the ETag of what is stored now."""

    status = 412
    title = "Somebody else was faster"

    @property
    def headers(self) -> dict[str, str]:
        return {"ETag": str(self.extensions["etag"])}


def etag(revision: int) -> str:
    return f'"{revision}"'


def check_if_match(if_match: str | None, revision: int) -> None:
    """Raises unless the caller names the revision that is stored; `*` names nothing, so it isn't taken."""
    named = [tag for weak, tag in TAG.findall(if_match or "") if not weak]
    if not named:
        raise PreconditionRequired('Send the ETag of what you read as If-Match, such as If-Match: "7".')
    if str(revision) not in named:
        detail = "It was changed since you read it: load it again, put your change in, and send that."
        raise EditedMeanwhile(detail, etag=etag(revision))
