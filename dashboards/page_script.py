"""A script in Streamlit's own page, before any of ours runs: a page whose sign-in ended while it loaded runs none."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

WHOLE = (b"accept-encoding", b"if-none-match", b"if-modified-since", b"range")
"""Of these a page could come back packed, in part or not at all."""


class PageScript:
    """Around an application that sends `text/html`; each such page gets `<script src>` at the end of its head."""

    def __init__(self, app: ASGIApp, *, src: str) -> None:
        self.app, self.tag = app, f'<script src="{src}" defer></script></head>'.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            return await self.app(scope, receive, send)
        scope = {**scope, "headers": [(name, value) for name, value in scope["headers"] if name not in WHOLE]}
        return await self.app(scope, receive, _Page(self.tag, send))


class _Page:
    """Holds a page back until it is whole, because its length is told first."""

    def __init__(self, tag: bytes, send: Send) -> None:
        self.tag, self.send = tag, send
        self.start: Message | None = None
        self.body = b""

    async def __call__(self, part: Message) -> None:
        if part["type"] == "http.response.start" and _is_page(part):
            self.start = part
        elif self.start is None:
            await self.send(part)
        else:
            self.body += part.get("body", b"")
            if not part.get("more_body"):
                await self._finish(self.start)

    async def _finish(self, start: Message) -> None:
        page, headers = self.body.replace(b"</head>", self.tag, 1), MutableHeaders(raw=start["headers"])
        if self.body:  # a HEAD has none, and tells the length of the page as it is
            headers["content-length"] = str(len(page))
        for name in ("etag", "last-modified", "accept-ranges"):
            del headers[name]
        await self.send(start)
        await self.send({"type": "http.response.body", "body": page})


def _is_page(start: Message) -> bool:
    return Headers(raw=start["headers"]).get("content-type", "").startswith("text/html")
