"""The dashboards as one ASGI application: Streamlit's pages, and a sign-in page of our own that sets the cookie."""

from pathlib import Path

from starlette.middleware import Middleware
from starlette.routing import Route
from streamlit.starlette import App

from dashboards.session import Door, sign_in_form, sign_in_submit, sign_out
from dashboards.views import creator, manager  # noqa: F401  (pandas and Altair load now, not while the first viewer waits)

HERE = Path(__file__).parent

app = App(
    HERE / "main.py",
    routes=[
        Route("/sign-in", sign_in_form, methods=["GET"]),
        Route("/sign-in", sign_in_submit, methods=["POST"]),
        Route("/sign-out", sign_out, methods=["POST", "GET"]),
    ],
    middleware=[Middleware(Door)],
)
