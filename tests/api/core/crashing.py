"""The application with routes that crash, each with something in its error that no log may have."""

import logging

import structlog
from fastapi import FastAPI, Request

from api.app import create_app as create


def create_app() -> FastAPI:
    app = create()

    @app.get("/crash")
    async def crash(request: Request) -> None:
        raise RuntimeError(f"no luck with {request.headers['authorization']} of {request.query_params['email']}")

    @app.get("/say")
    async def say(request: Request) -> None:
        nested = {"people": [{"display_name": "Ada Lovelace", "ip": "203.0.113.77", "Password": "geheim-1234"}]}
        structlog.get_logger("api.test").warning("said", token="geheim-5678", nested=nested)
        logging.getLogger("library").warning("for %s", request.query_params["email"])

    return app
