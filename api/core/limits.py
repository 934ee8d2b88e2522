"""How much one request may carry, refused before it fills the memory."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 8 * 1024 * 1024
"""More than the longest course that CourseDraft would take in practice; files don't come this way."""


class BodyLimit:
    """Counts a body as it arrives; the first byte too many ends the request with 413."""

    def __init__(self, app: ASGIApp, most_bytes: int = MOST_BYTES) -> None:
        self.app = app
        self.most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
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
