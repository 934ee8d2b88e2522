"""How much one request may carry, refused before it is worked on."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.core.errors import ProblemError
from api.core.http import problem_response


class AddressTooLong(ProblemError):
    status = 414
    title = "The address is too long"


class HeadersTooLarge(ProblemError):
    status = 431
    title = "The headers are too large"


MOST_BYTES = 8 * 1024 * 1024
"""More than the longest course that CourseDraft would take in practice; files don't come this way, see FILES."""


LONGEST_ADDRESS = 16 * 1024
"""Path and query: an OAuth request inside the address of a sign-in page is the longest we make, about 8,000 bytes."""

MOST_HEADER_BYTES = 64 * 1024


FILES = ("/upload-video", "/upload-material")
"""Count their bodies by themselves, as they arrive."""


class HeadLimit:
    """Addresses and headers without end: 414 and 431. uvicorn's parser has no limit of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if len(scope["raw_path"] or b"") + len(scope["query_string"]) > LONGEST_ADDRESS:
                too_long = AddressTooLong("Send what is long in the body, or ask for less at once.")
                return await problem_response(too_long, Request(scope))(scope, receive, send)
            if sum(len(name) + len(value) for name, value in scope["headers"]) > MOST_HEADER_BYTES:
                too_large = HeadersTooLarge("Clear this site's cookies, or send fewer headers.")
                return await problem_response(too_large, Request(scope))(scope, receive, send)
        return await self.app(scope, receive, send)


class BodyLimit:
    """Counts a body as it arrives; the first byte too many ends the request with 413."""

    def __init__(self, app: ASGIApp, most_bytes: int = MOST_BYTES) -> None:
        self.app = app
        self.most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD") or scope["path"].startswith(FILES):
            return await self.app(scope, receive, send)
        declared = Headers(scope=scope).get("content-length", "")
        received = int(declared) if declared.isdecimal() and int(declared) > self.most_bytes else 0

        async def counted() -> Message:
            nonlocal received
            message = await receive() if received <= self.most_bytes else {"type": "http.request", "body": b""}
            received += len(message.get("body", b""))
            if received > self.most_bytes:
                raise HTTPException(413, "Too large")
            return message

        return await self.app(scope, counted, send)
