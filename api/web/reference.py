"""The API's reference at /docs: Swagger UI from the package fastapi-offline, without its page's inline script."""

from pathlib import Path

import fastapi_offline
from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from api.identity.oauth_clients import DOCS
from api.web.pages import CSP, page

router = APIRouter(include_in_schema=False)
swagger_ui = StaticFiles(directory=Path(fastapi_offline.__file__).parent / "static")
REDIRECT = "/docs/oauth2-redirect"


@router.get("/docs")
async def docs() -> Response:
    return page("docs.html", client_id=DOCS, redirect_path=REDIRECT)


@router.get(REDIRECT)
async def came_back() -> Response:
    """Where a sign-in of the reference ends: hands the code to the page that opened this one."""
    back = '<!doctype html><html lang="en"><title>Signed in</title><script src="/static/docs_back.js"></script></html>'
    return HTMLResponse(back, headers={"Content-Security-Policy": CSP, "Cache-Control": "no-store"})
