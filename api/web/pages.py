"""HTML pages: Jinja2 with escaping on, one look, no inline script or style, no request to another host."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.staticfiles import StaticFiles

from api.core import i18n
from api.core.errors import ProblemError
from api.core.http import problem_response

HERE = Path(__file__).parent
static = StaticFiles(directory=HERE / "static")
_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    extensions=["jinja2.ext.i18n"],
)
_templates.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined]
_templates.globals.update(wording=i18n.wording, messages=i18n.messages, languages=i18n.languages)
BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "CrOS", "Linux")
ORIGIN = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?=[/?#]|$)")
SCHEME = re.compile(r"(?!https?:)[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:")
"""Of an app's own address (RFC 8252)."""
DIRECTIVES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
}


def policy(sources: Mapping[str, str]) -> str:
    """The content security policy of our pages, with what one of them needs beyond it."""
    return "; ".join(f"{name} {' '.join(told.split())}" for name, told in {**DIRECTIVES, **sources}.items())


CSP = policy({})


def page(
    name: str,
    *,
    status: int = 200,
    leads_to: str | None = None,
    sources: Mapping[str, str] | None = None,
    headers: dict[str, str] | None = None,
    **values: Any,
) -> HTMLResponse:
    """A template, filled. `leads_to` is an address of another site that this page's form ends at by redirects.

    Browsers hold a form's redirects to form-action too, so that one origin is named. `sources` replaces directives of
    the policy for this page, such as {"media-src": "'self' blob:"}; scripts and styles stay ours alone.
    """
    told = dict(sources or {})
    if origin := _source(leads_to or ""):
        told["form-action"] = f"{DIRECTIVES['form-action']} {origin}"
    response = HTMLResponse(_templates.get_template(name).render(**values), status, headers)
    response.headers["Content-Security-Policy"] = policy(told)
    response.headers["Cache-Control"] = "no-store"
    return response


def too_many(problem: ProblemError, request: Request) -> Response:
    """A page for a person, a problem document for a program."""
    if not request.headers.get("accept", "").startswith("text/html"):
        return problem_response(problem, request)
    i18n.use(i18n.Wording(i18n.accepted_language(request.headers.get("accept-language", ""))))
    return page("too_many.html", status=problem.status, headers=problem.headers, wait_s=problem.headers["Retry-After"])


def browser_name(user_agent: str | None) -> str:
    """Enough to know one's own devices apart: browsers name each other, so the rarer ones are looked for first."""
    said = user_agent or ""
    browser = next((name for mark, name in BROWSERS if re.search(rf"{mark}\w*/", said)), "")
    system = next((name for name in SYSTEMS if name in said), "")
    if browser and system:
        return i18n.gettext("{browser} on {system}").format(browser=browser, system=system)
    return browser or system or said[:40] or i18n.gettext("unknown")


_templates.filters["browser"] = browser_name


def _source(address: str) -> str | None:
    """An address's origin, or an app's scheme, as a policy names it; nothing that would be a directive of its own."""
    found = ORIGIN.match(address) or SCHEME.match(address)
    return found[0] if found else None


def own_path(wanted: str | None, *, otherwise: str = "/account") -> str:
    """`wanted` where it is a path of ours, so that a link can't send a person elsewhere after they signed in."""
    if not wanted or not wanted.startswith("/") or wanted[1:2] in ("/", "\\") or len(wanted) > 4000:
        return otherwise
    is_plain = wanted.isascii() and wanted.isprintable() and "\\" not in wanted
    return wanted if is_plain and not urlsplit(wanted).netloc else otherwise


def go(address: str) -> RedirectResponse:
    """On to the next page, by GET."""
    return RedirectResponse(address, 303, {"Cache-Control": "no-store"})


def client_address(request: Request) -> str | None:
    """Who is on the other end; behind a proxy uvicorn sets it from the headers of proxies it was told to trust."""
    return request.client.host if request.client else None
