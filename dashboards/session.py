"""Signing in and out: the API's token in a cookie that no script can read."""

import os
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboards.client import ApiProblem, sign_in

PAGE = Path(__file__).parent / "templates" / "sign_in.html"
MESSAGES = {"expired": "Your session has ended. Sign in again.", "out": "You are signed out."}
PAGES = {"/", "/team", "/courses"}


def cookie_name() -> str:
    """With the port in it: a browser sends the cookies of a host to all its ports, and two copies may run there."""
    return f"praxis_session_{os.environ.get('PRAXIS_DASHBOARDS_PORT', '8501')}"


class Door:
    """Pages are for signed-in viewers; no sniffing, no framing by others, no address passed on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in PAGES and cookie_name() not in Request(scope).cookies:
            await RedirectResponse("/sign-in", 303)(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    (b"x-content-type-options", b"nosniff"),
                    (b"x-frame-options", b"SAMEORIGIN"),
                    (b"referrer-policy", b"same-origin"),
                ]
            await send(message)

        await self.app(scope, receive, with_headers)


def _page(message: str = "", *, email: str = "", status: int = 200, is_error: bool = False) -> HTMLResponse:
    notice = f'<p class="{"error" if is_error else "notice"}" role="alert">{escape(message)}</p>' if message else ""
    template = Template(PAGE.read_text(encoding="utf-8"))
    return HTMLResponse(template.substitute(notice=notice, email=escape(email, quote=True)), status)


async def sign_in_form(request: Request) -> Response:
    return _page(MESSAGES.get(request.query_params.get("why", ""), ""))


def _is_own_form(request: Request) -> bool:
    """A browser says where a form came from; one of another site is refused (CSRF)."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


async def sign_in_submit(request: Request) -> Response:
    if not _is_own_form(request):
        return _page("The form came from another site. Sign in here.", status=403, is_error=True)
    form = await request.form()
    email, password = str(form.get("email", "")).strip(), str(form.get("password", ""))
    try:
        session = await sign_in(email, password)
    except ApiProblem as problem:
        detail = "Give your e-mail address and your password." if problem.status == 422 else problem.detail
        return _page(detail, email=email, status=problem.status, is_error=True)
    response = RedirectResponse("/", 303)
    response.set_cookie(
        cookie_name(),
        session["access_token"],
        max_age=session["expires_in"],
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


async def sign_out(request: Request) -> Response:
    why = "expired" if request.query_params.get("why") == "expired" else "out"
    response = RedirectResponse(f"/sign-in?why={why}", 303)
    response.delete_cookie(cookie_name(), httponly=True, samesite="lax")
    return response
