"""Requests that change something and that another site made a browser send are refused (CSRF).

Browsers say where a request comes from (Fetch Metadata, else Origin). Another port of the same host is another site
here: a browser sends it the same cookies, and it isn't ours. Bearer tokens need no guard: browsers add none.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request, cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from api.core.errors import Forbidden
from api.core.http import problem_response
from api.core.settings import Settings

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
PAGES = ("/sign-in", "/sign-out", "/account", "/oauth/authorize", "/oauth/logout", "/studio")
"""Forms of ours, guarded also before there is a session: nobody is signed in as somebody else."""


class CrossSiteRefused(Forbidden):
    title = "The request came from another site"


class CrossSiteGuard:
    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.own = settings.api_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
            headers = Headers(scope=scope)
            if self._needs_guard(scope["path"], headers) and not self._is_own(headers):
                refused = CrossSiteRefused("Open the page again and send the form from there.")
                return await problem_response(refused, Request(scope))(scope, receive, send)
        return await self.app(scope, receive, send)

    def _needs_guard(self, path: str, headers: Headers) -> bool:
        if path.startswith(PAGES):
            return True
        cookies = cookie_parser(headers.get("cookie", ""))
        is_signed_in = any(name.removeprefix("__Host-").startswith("praxis_") for name in cookies)
        return is_signed_in and "authorization" not in headers

    def _is_own(self, headers: Headers) -> bool:
        said = headers.get("sec-fetch-site")
        if said is not None:
            return said in ("same-origin", "none")
        origin = headers.get("origin")
        if origin is None:
            return False
        return origin == self.own or urlsplit(origin).netloc == headers.get("host")
