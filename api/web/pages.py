"""HTML pages: Jinja2 with escaping on, one look, no inline script or style, no request to another host."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.staticfiles import StaticFiles

from api.core.errors import ProblemError
from api.core.http import problem_response

HERE = Path(__file__).parent
static = StaticFiles(directory=HERE / "static")
_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape(default=True), undefined=StrictUndefined
)
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
    " connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)


def page(
    name: str, *, status: int = 200, leads_to: str | None = None, headers: dict[str, str] | None = None, **values: Any
) -> HTMLResponse:
    """A template, filled. `leads_to` is an address of another site that this page's form ends at by redirects.

    Browsers hold a form's redirects to form-action too, so that one origin is named.
    """
    policy = CSP
    if leads_to and (parts := urlsplit(leads_to)).scheme in ("http", "https"):
        policy += f" {parts.scheme}://{parts.netloc}"
    elif leads_to:
        policy += f" {urlsplit(leads_to).scheme}:"
    response = HTMLResponse(_templates.get_template(name).render(**values), status, headers)
    response.headers["Content-Security-Policy"] = policy
    response.headers["Cache-Control"] = "no-store"
    return response


def too_many(problem: ProblemError, request: Request) -> Response:
    """A page for a person, a problem document for a program."""
    if not request.headers.get("accept", "").startswith("text/html"):
        return problem_response(problem, request)
    return page("too_many.html", status=problem.status, headers=problem.headers, wait_s=problem.headers["Retry-After"])


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
