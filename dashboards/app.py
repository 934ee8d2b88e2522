"""The dashboards as one ASGI application: Streamlit's pages behind the door."""

from pathlib import Path

from starlette.middleware import Middleware
from streamlit.starlette import App

from dashboards.door import Door
from dashboards.site import sessions
from dashboards.views import creator, manager  # noqa: F401  (pandas and Altair load now, not while the first viewer waits)

HERE = Path(__file__).parent
OPEN_PATHS = ("/_stcore/health", "/static/", "/app/static/", "/favicon")
"""Streamlit's own files, the same for everybody."""

CSP = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'unsafe-eval'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws: wss:; worker-src 'self' blob:;"
    " media-src 'self'; manifest-src 'self'; base-uri 'self'; frame-ancestors 'none'; form-action 'self'"
)
"""No inline script. Streamlit sets styles inline, and Vega, which draws its charts, compiles expressions."""


def create_app() -> App:
    door = Middleware(Door, sessions=sessions(), open_paths=OPEN_PATHS, csp=CSP)
    return App(HERE / "main.py", middleware=[door])
