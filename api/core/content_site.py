"""The site that shows what creators' packages bring along: other people's scripts, so none of ours is there.

It is a second name of the same listener. Under that name there are only package files and the frame around them, and
nobody is signed in; under the API's name there are no package files. Why: docs/decisions/0011.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from api.core.errors import NotFound, ProblemError
from api.core.http import problem_response
from api.core.settings import Settings

PACKAGES = ("/package-files/", "/package-frame")
SCRIPTS = ("/static/packages/", "/static/vendor/scorm-again/")
"""Of the frame, which stands between a package and our page."""
IDENTITY = {b"cookie", b"authorization"}


class Misdirected(ProblemError):
    status = 421
    title = "This address only shows packages"


class ContentSite:
    """Tells the two names apart by the Host header."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app, self.own = app, settings.api_url
        self.is_apart = settings.has_content_site
        self.host = urlsplit(settings.content_url).netloc

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self.is_apart:
            return await self.app(scope, receive, send)
        path = scope["path"]
        if Headers(scope=scope).get("host", "").lower() != self.host:
            if path.startswith(PACKAGES):
                elsewhere = NotFound("Packages are shown at another address: open the course again.")
                return await problem_response(elsewhere, Request(scope))(scope, receive, send)
            return await self.app(scope, receive, send)
        if path.startswith((*PACKAGES, *SCRIPTS)):
            headers = [(name, value) for name, value in scope["headers"] if name not in IDENTITY]
            return await self.app({**scope, "headers": headers}, receive, send)
        return await self._elsewhere(scope)(scope, receive, send)

    def _elsewhere(self, scope: Scope) -> ASGIApp:
        if scope["method"] not in ("GET", "HEAD"):
            return problem_response(Misdirected(f"Send this to {self.own} instead."), Request(scope))
        url = Request(scope).url
        return RedirectResponse(f"{self.own}{url.path}{f'?{url.query}' if url.query else ''}", 307)
