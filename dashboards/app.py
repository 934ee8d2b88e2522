"""The dashboards as one ASGI application: Streamlit's pages behind the door."""

import base64
import hashlib
import logging
import re
from pathlib import Path

import streamlit
from starlette.middleware import Middleware
from streamlit.starlette import App

from dashboards.door import SCRIPT, Door
from dashboards.page_script import PageScript
from dashboards.site import sessions
from dashboards.views import audit, creator, hr, manager  # noqa: F401  (pandas and Altair load now, not while the first viewer waits)

HERE = Path(__file__).parent
OPEN_PATHS = ("/_stcore/health", "/static/", "/app/static/", "/favicon.png")
"""Streamlit's own files, the same for everybody."""

CSP = (
    "default-src 'none'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:;"
    " media-src 'self'; manifest-src 'self'; base-uri 'self'; frame-ancestors 'none'; form-action 'self'"
)
"""Streamlit sets styles inline; its charts are drawn by Vega's own interpreter, so no script is compiled from text."""


def create_app() -> App:
    logging.getLogger("uvicorn.access").disabled = True  # Streamlit turns it on, and the way back has a code in it
    door = Middleware(Door, sessions=sessions(), open_paths=OPEN_PATHS, csp=CSP.format(hashes=_inline_scripts()))
    return App(HERE / "main.py", middleware=[door, Middleware(PageScript, src=SCRIPT)])


def _inline_scripts() -> str:
    """What Streamlit writes into its page, by hash, so that nothing else may stand there."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_bytes()
    digests = (hashlib.sha256(script).digest() for script in re.findall(rb"<script>(.*?)</script>", page, re.DOTALL))
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
