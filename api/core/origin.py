"""From where something is done: address, browser and id of the request, for the audit log and the server's log."""

import getpass
import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID = "X-Request-ID"
SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
"""Of a proxy's ids, those that can't break a log line or be mistaken for something else."""

LONGEST_AGENT = 200


@dataclass(frozen=True, slots=True)
class Origin:
    """`client_id` is set only where nobody signed in: at the terminal, or a part of Praxis by itself."""

    ip: str | None = None
    user_agent: str | None = None
    request_id: str | None = None
    client_id: str | None = None


_current: ContextVar[Origin | None] = ContextVar("origin", default=None)


def origin() -> Origin:
    """Of what runs now; empty outside of a request and of `at_terminal`."""
    return _current.get() or Origin()


@contextmanager
def as_process(client_id: str) -> Iterator[None]:
    """What is done meanwhile, nobody asked for: a part of Praxis did it by itself."""
    mark = _current.set(Origin(client_id=client_id))
    try:
        yield
    finally:
        _current.reset(mark)


@contextmanager
def at_terminal(command: str, client_id: str) -> Iterator[None]:
    """What is done meanwhile was typed on this machine, by this user of its operating system."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user id without a name
        user = f"user {os.getuid()}"
    mark = _current.set(Origin(None, f"{command} by {user}", uuid.uuid4().hex, client_id))
    try:
        yield
    finally:
        _current.reset(mark)


def shortened(text: str | None) -> str | None:
    """What a browser says of itself, fit to be stored: printable and not endless."""
    return "".join(c for c in (text or "")[:LONGEST_AGENT] if c.isprintable()).strip() or None


class OriginMiddleware:
    """Gives each request an origin and answers with its id, so that a person can name the line in the log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        headers = Headers(scope=scope)
        given = headers.get(REQUEST_ID, "")
        request_id = given if SANE_ID.fullmatch(given) else uuid.uuid4().hex
        client = scope.get("client")

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        mark = _current.set(Origin(client[0] if client else None, shortened(headers.get("user-agent")), request_id))
        try:
            with structlog.contextvars.bound_contextvars(request_id=request_id):
                return await self.app(scope, receive, named)
        finally:
            _current.reset(mark)
