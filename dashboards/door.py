"""The door of a site: only people whom the authorization server signed in come through, by page or by websocket."""

import asyncio
import contextlib

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboards.client import ApiAway
from dashboards.door_pages import DoorPages, message, own_path, path_of
from dashboards.session import LOOK_AGAIN_S, Session, SessionEnded, Sessions

SCRIPT = "/door/stay.js"
"""For every page behind the door: leads it to the sign-in once its own has ended."""

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
POLICY_VIOLATION = 1008
PAGE_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self';"
    " base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)


class Door:
    """`open_paths` need no sign-in: health, and below one that ends in a slash files that everybody may have."""

    def __init__(
        self, app: ASGIApp, *, sessions: Sessions, open_paths: tuple[str, ...], csp: str | None = None
    ) -> None:
        self.app, self.site, self.csp = app, sessions.site, csp
        self.pages = DoorPages(sessions)
        self.open_files = {path for path in open_paths if not path.endswith("/")}
        self.open_folders = tuple(path for path in open_paths if path.endswith("/"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            return await self._connect(scope, receive, send)
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        request = Request(scope)
        answer = await self.pages.answer(request) or await self._refusal(request)
        if answer is None:
            return await self.app(scope, receive, self._with_headers(send, self.csp))
        return await answer(scope, receive, self._with_headers(send, PAGE_CSP))

    async def _refusal(self, request: Request) -> Response | None:
        path = request.scope["path"]
        if path in self.open_files or path.startswith(self.open_folders):
            return None
        if not self._is_ours(request):
            return PlainTextResponse("This request came from another site.", 403)
        try:
            session = await self.pages.signed_in(request)
        except SessionEnded:
            return self._to_sign_in(request)
        except ApiAway as away:
            return message(away.title, away.detail, ("Try again", own_path(path_of(request))), status=503)
        return None if session.may_enter else self.pages.no_entry()

    def _to_sign_in(self, request: Request) -> Response:
        """A page leads there; what a page loads is refused, so that it doesn't end up at the sign-in form."""
        is_page = request.method in SAFE_METHODS and "text/html" in request.headers.get("accept", "")
        return self.pages.send_off(request, own_path(path_of(request))) if is_page else Response(status_code=401)

    def _is_ours(self, asked: HTTPConnection) -> bool:
        """Whether a page of ours asks, or a person comes by a link. Another port of this host is another site.

        Browsers say so by Fetch Metadata; where they don't, an unsafe request has to show its origin, as a websocket.
        """
        said, origin = asked.headers.get("sec-fetch-site"), asked.headers.get("origin")
        if asked.scope["type"] == "websocket":
            return origin == self.site.url
        is_safe = asked.scope["method"] in SAFE_METHODS
        if said is None:
            return is_safe or origin == self.site.url
        kind = (asked.headers.get("sec-fetch-mode"), asked.headers.get("sec-fetch-dest"))
        return said in ("same-origin", "none") or (is_safe and kind == ("navigate", "document"))

    async def _connect(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A connection that stays open ends with the sign-in."""
        asked = HTTPConnection(scope)
        try:
            session = await self.pages.signed_in(asked)
            if not self._is_ours(asked) or not session.may_enter:
                raise SessionEnded
        except (SessionEnded, ApiAway):
            return await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        is_over = asyncio.Event()

        async def send_until_over(part: Message) -> None:
            if not is_over.is_set():
                await send(part)

        async def watch() -> None:
            await _until_over(session)
            is_over.set()
            await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": "signed out"})

        watching = asyncio.create_task(watch())
        try:
            return await self.app(scope, receive, send_until_over)
        finally:
            watching.cancel()

    def _with_headers(self, send: Send, csp: str | None) -> Send:
        """What the application itself says is kept."""
        headers = {
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
            "Cross-Origin-Opener-Policy": "same-origin",
        }
        if csp:
            headers["Content-Security-Policy"] = csp
        if self.site.is_https:
            headers["Strict-Transport-Security"] = "max-age=31536000"

        async def with_headers(part: Message) -> None:
            if part["type"] == "http.response.start":
                said = MutableHeaders(raw=part.setdefault("headers", []))
                for name, value in headers.items():
                    said.setdefault(name, value)
            await send(part)

        return with_headers


async def _until_over(session: Session) -> None:
    """Until it ended, or lost what it needs to be here, or nobody can say any more that it is good."""
    with contextlib.suppress(SessionEnded, ApiAway):
        while True:
            await asyncio.to_thread(session.check)
            if not session.may_enter:
                return
            await asyncio.sleep(LOOK_AGAIN_S)
