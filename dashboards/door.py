"""The door of a site: only people whom the authorization server signed in come through, by page or by websocket."""

import asyncio
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboards.session import Session, Sessions, SignInRefused, Site

HERE = Path(__file__).parent
OWN_FILES = {"/door/door.css": "text/css", "/door/inter.woff2": "font/woff2", "/door/leave.js": "text/javascript"}
FLOW_TTL_S = 600
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
PAGE_CSP = (
    "default-src 'none'; style-src 'self'; font-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)


class Door:
    """`open_paths` need no sign-in: health and files that everybody may have."""

    def __init__(
        self, app: ASGIApp, *, sessions: Sessions, open_paths: tuple[str, ...], csp: str | None = None
    ) -> None:
        self.app, self.sessions, self.open_paths, self.csp = app, sessions, open_paths, csp
        port = urlsplit(sessions.site.url).port
        self.cookie = cookie_name(sessions.site)
        self.flow_cookie = f"praxis_flow_{port or 443}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            own = _own_file(scope["path"]) or await self._own_page(Request(scope))
            if own:
                await own(scope, receive, self._guarded(send, PAGE_CSP))
                return
        if scope["type"] == "lifespan" or scope["path"].startswith(self.open_paths):
            await self.app(scope, receive, self._guarded(send, self.csp))
            return
        refused, session = await self._check(HTTPConnection(scope))
        if refused and scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif refused:
            await refused(scope, receive, self._guarded(send, PAGE_CSP))
        elif scope["type"] == "websocket" and session:
            await self.app(scope, receive, self._watched(session, send))
        else:
            await self.app(scope, receive, self._guarded(send, self.csp))

    async def _check(self, asked: HTTPConnection) -> tuple[Response | None, Session | None]:
        """What to answer instead of the page, if anything, and whose session it is."""
        if not self._is_same_origin(asked):
            return Response(status_code=403), None
        session = self.sessions.find(asked.cookies.get(self.cookie))
        if session is None or not await asyncio.to_thread(session.is_live):
            return await self._to_sign_in(asked), None
        return (None if session.may_enter else self._no_entry()), session

    async def _own_page(self, request: Request) -> Response | None:
        path = request.url.path
        if path == "/sign-in":
            return await self._begin(request, own_path(request.query_params.get("next")))
        if path == "/sign-in/callback":
            return await self._finish(request)
        if path == "/sign-out":
            return self._sign_out(request)
        if path == "/signed-out":
            return _message("You are signed out", "Here, and everywhere else that you signed in from here.", "Sign in")
        return None

    async def _begin(self, request: HTTPConnection, following: str) -> Response:
        if request.headers.get("host") != urlsplit(self.sessions.site.url).netloc:  # localhost: its cookies are others
            return RedirectResponse(self.sessions.site.url + following, 303)
        address, binding = self.sessions.begin(following)
        response = RedirectResponse(address, 303, {"Cache-Control": "no-store"})
        response.set_cookie(self.flow_cookie, binding, max_age=FLOW_TTL_S, **self._cookie_options())
        return response

    async def _finish(self, request: Request) -> Response:
        binding = request.cookies.get(self.flow_cookie, "")
        try:
            done = await asyncio.to_thread(self.sessions.finish, binding, dict(request.query_params))
        except SignInRefused as refused:
            return _message("You are not signed in", str(refused), "Try again", status=403)
        if done is None:
            return _message("This sign-in is over", "It was begun elsewhere, or too long ago.", "Sign in", status=400)
        secret, following = done
        response = RedirectResponse(following, 303, {"Cache-Control": "no-store"})
        response.set_cookie(self.cookie, secret, **self._cookie_options())
        response.delete_cookie(self.flow_cookie, **self._cookie_options())
        return response

    def _sign_out(self, request: Request) -> Response:
        """By a click on a page of ours; a link from elsewhere is asked first, by the authorization server."""
        is_ours = request.headers.get("sec-fetch-site", "same-origin") == "same-origin"
        secret = request.cookies.get(self.cookie) if is_ours else None
        response = RedirectResponse(self.sessions.end(secret), 303, {"Cache-Control": "no-store"})
        if secret:
            response.delete_cookie(self.cookie, **self._cookie_options())
        return response

    def _no_entry(self) -> Response:
        what = "Your account has no role for these pages. Your compliance officer can give it to you."
        return _message("Not for your account", what, "Sign in as somebody else", address="/sign-out", status=403)

    async def _to_sign_in(self, asked: HTTPConnection) -> Response:
        is_page = asked.scope["type"] == "http" and "text/html" in asked.headers.get("accept", "text/html")
        if not is_page or asked.scope["method"] not in SAFE_METHODS:
            return Response(status_code=401)
        wanted = asked.url.path + (f"?{asked.url.query}" if asked.url.query else "")
        return await self._begin(asked, own_path(wanted))

    def _is_same_origin(self, asked: HTTPConnection) -> bool:
        """Unsafe requests and websockets only from our own pages; another port of this host is another site."""
        if asked.scope["type"] == "http" and asked.scope["method"] in SAFE_METHODS:
            return True
        origin = asked.headers.get("origin", "")
        return origin == self.sessions.site.url or urlsplit(origin).netloc == asked.headers.get("host")

    def _watched(self, session: Session, send: Send) -> Send:
        """A connection that stays open ends with the sign-in."""

        async def checked(message: Message) -> None:
            if message["type"] == "websocket.send" and not await asyncio.to_thread(session.is_live):
                message = {"type": "websocket.close", "code": 1008, "reason": "signed out"}
            await send(message)

        return checked

    def _guarded(self, send: Send, csp: str | None) -> Send:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                for name, value in self._headers(csp).items():
                    headers.setdefault(name, value)
            await send(message)

        return with_headers

    def _headers(self, csp: str | None) -> dict[str, str]:
        headers = {
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
            "Cross-Origin-Opener-Policy": "same-origin",
        }
        if csp:
            headers["Content-Security-Policy"] = csp
        if self.sessions.site.url.startswith("https://"):
            headers["Strict-Transport-Security"] = "max-age=31536000"
        return headers

    def _cookie_options(self) -> dict[str, object]:
        return {
            "httponly": True,
            "samesite": "lax",
            "secure": self.sessions.site.url.startswith("https://"),
            "path": "/",
        }


def cookie_name(site: Site) -> str:
    """With the port in it: a browser sends the cookies of a host to all its ports, and several sites are there."""
    prefix = "__Host-" if site.url.startswith("https://") else ""
    return f"{prefix}praxis_session_{urlsplit(site.url).port or 443}"


def own_path(wanted: str | None) -> str:
    """A path of this site, so that a link can't lead a person elsewhere after they signed in."""
    is_own = wanted and wanted.startswith("/") and wanted[1:2] not in ("/", "\\") and wanted.isprintable()
    return wanted if wanted and is_own and wanted.isascii() and "\\" not in wanted and len(wanted) < 2000 else "/"


def _own_file(path: str) -> Response | None:
    if path not in OWN_FILES:
        return None
    file, headers = HERE / "static" / Path(path).name, {"Cache-Control": "public, max-age=3600"}
    return FileResponse(file, media_type=OWN_FILES[path], headers=headers)


def _message(title: str, text: str, action: str, *, address: str = "/", status: int = 200) -> Response:
    template = Template((HERE / "templates" / "door.html").read_text(encoding="utf-8"))
    page = template.substitute(title=escape(title), text=escape(text), action=escape(action), address=escape(address))
    return HTMLResponse(page, status, {"Cache-Control": "no-store"})
