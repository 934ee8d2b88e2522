"""What a door shows itself: the way to the authorization server and back, signing out, and whom it doesn't let in."""

import asyncio
from html import escape
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, RedirectResponse, Response

from dashboards import sign_in
from dashboards.client import ApiAway
from dashboards.session import Session, SessionEnded, Sessions
from dashboards.sign_in import Flow, SignInRefused

HERE = Path(__file__).parent
FILES = {
    "/door/door.css": "text/css",
    "/door/icon.png": "image/png",
    "/door/inter.woff2": "font/woff2",
    "/door/stay.js": "text/javascript",
}
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
FLOW_TTL_S = 600
LONGEST_PATH = 1500
NOT_STORED = {"Cache-Control": "no-store"}


class DoorPages:
    """Of one site."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions, self.site = sessions, sessions.site
        self._pages = {
            "/sign-in": self._begin,
            "/sign-in/callback": self._finish,
            "/sign-out": self._sign_out,
            "/signed-out": self._signed_out,
            "/door/session": self._whose,
        }

    async def answer(self, request: Request) -> Response | None:
        """None where the address isn't one of these."""
        path = request.scope["path"]
        if path not in FILES and path not in self._pages:
            return None
        if request.method not in ("GET", "HEAD"):
            return Response(status_code=405, headers={"Allow": "GET, HEAD"})
        if path in self._pages:
            return await self._pages[path](request)
        headers = {"Cache-Control": "public, max-age=3600"}
        return FileResponse(HERE / "static" / Path(path).name, media_type=FILES[path], headers=headers)

    async def signed_in(self, asked: HTTPConnection) -> Session:
        """SessionEnded or ApiAway where there is none that is known to be good."""
        session = self.sessions.find(asked.cookies.get(self.site.cookie("session")))
        if session is None:
            raise SessionEnded
        await asyncio.to_thread(session.check)
        return session

    def send_off(self, request: Request, following: str) -> Response:
        """To the authorization server, with what is needed to know the answer in a cookie."""
        names = {request.url.hostname, urlsplit(self.site.url).hostname}
        if len(names) == 2 and names < LOOPBACK:  # localhost is this machine too, but its cookies are others
            return RedirectResponse(self.site.url + following, 303)
        address, flow = sign_in.begin(self.site, following)
        response = RedirectResponse(address, 303, NOT_STORED)
        cookie = self.site.cookie(f"flow_{flow.state}")
        response.set_cookie(cookie, flow.packed(), max_age=FLOW_TTL_S, **self._cookie_options())
        return response

    def no_entry(self) -> Response:
        what = "Your account has no role for these pages. Whoever grants roles at your company can give it to you."
        ways = (("Sign in as somebody else", "/sign-out"), ("Try again", "/sign-in"))
        return message("Not for your account", what, *ways, status=403)

    async def _begin(self, request: Request) -> Response:
        return self.send_off(request, own_path(request.query_params.get("next")))

    async def _finish(self, request: Request) -> Response:
        """Only for the browser that began: its cookie is named by the state. Two tabs may be on their way at once."""
        answer = dict(request.query_params)
        cookie = self.site.cookie(f"flow_{answer.get('state', '')}")
        flow = Flow.unpacked(request.cookies.get(cookie))
        if flow is None or flow.state != answer.get("state"):
            what = "It was begun in another browser, is over already, or took too long."
            return message("This sign-in can't go on", what, ("Sign in", "/sign-in"), status=400)
        try:
            tokens = await asyncio.to_thread(sign_in.finish, self.site, flow, answer)
        except SignInRefused as refused:
            response = message("You are not signed in", str(refused), ("Try again", "/sign-in"), status=403)
        except ApiAway as away:
            response = message(away.title, away.detail, ("Try again", "/sign-in"), status=503)
        else:
            name = self.site.cookie("session")
            self.sessions.end(request.cookies.get(name))
            response = RedirectResponse(own_path(flow.following), 303, NOT_STORED)
            response.set_cookie(name, self.sessions.add(tokens), **self._cookie_options())
        response.delete_cookie(cookie, **self._cookie_options())
        return response

    async def _sign_out(self, request: Request) -> Response:
        """By a click on a page of ours; a link from elsewhere is asked first, by the authorization server."""
        name = self.site.cookie("session")
        is_ours = request.headers.get("sec-fetch-site", "same-origin") == "same-origin"
        ended = self.sessions.end(request.cookies.get(name)) if is_ours else None
        address = sign_in.sign_off_address(self.site, ended.tokens if ended else None)
        response = RedirectResponse(address, 303, NOT_STORED)
        if ended:
            response.delete_cookie(name, **self._cookie_options())
        return response

    async def _signed_out(self, request: Request) -> Response:
        what = "Here, and everywhere else that you signed in from here."
        return message("You are signed out", what, ("Sign in", "/"))

    async def _whose(self, request: Request) -> Response:
        """Whose sign-in holds now, without saying it: an open page asks this every few seconds."""
        try:
            session = await self.signed_in(request)
        except (SessionEnded, ApiAway) as no:
            return Response(status_code=no.status, headers=NOT_STORED)
        told = session.name if session.may_enter else f"{session.name} has no entry"
        return PlainTextResponse(told, headers=NOT_STORED)

    def _cookie_options(self) -> dict[str, Any]:
        return {"httponly": True, "samesite": "lax", "secure": self.site.is_https, "path": "/"}


def own_path(wanted: str | None) -> str:
    """A path of this site, so that a link can't lead a person elsewhere after they signed in."""
    if not wanted or not wanted.startswith("/") or wanted.startswith("//") or len(wanted) > LONGEST_PATH:
        return "/"
    is_plain = wanted.isascii() and wanted.isprintable() and "\\" not in wanted
    return wanted if is_plain else "/"


def path_of(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def message(title: str, text: str, *actions: tuple[str, str], status: int = 200) -> Response:
    """A page of one sentence; `actions` are the (words, address) of the ways on."""
    links = "".join(f'<a href="{escape(address)}">{escape(words)}</a>' for words, address in actions)
    template = Template((HERE / "templates" / "door.html").read_text(encoding="utf-8"))
    page = template.substitute(title=escape(title), text=escape(text), actions=links)
    return HTMLResponse(page, status, NOT_STORED)
