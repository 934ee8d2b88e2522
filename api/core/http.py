"""The HTTP edge: transactions, problem documents (RFC 9457), and what OpenAPI says of them."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any

import structlog
from fastapi import Depends, FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.core.errors import Conflict, ProblemError, Unavailable
from api.core.settings import Settings

PROBLEM_JSON = "application/problem+json"
log = structlog.get_logger()
DETAILS = {
    404: "There is nothing at this address; /docs lists what there is.",
    405: "Use another method here; /docs lists what there is.",
    413: "Send less in one request.",
    500: "Something broke here, not on your side: the server's log of this moment has the reason.",
}


class Invalid(ProblemError):
    status = 422
    title = "The request is not valid"


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    """One transaction a request; it commits here and nowhere else."""
    async with request.app.state.sessions.begin() as session:
        yield session


async def get_reader(request: Request) -> AsyncIterator[AsyncConnection]:
    async with request.app.state.read_engine.connect() as connection:
        yield connection


async def get_settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


# scope="function": the commit happens before the answer is sent, so a failing commit can't answer 200.
SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
ReaderDep = Annotated[AsyncConnection, Depends(get_reader, scope="function")]
SettingsDep = Annotated[Settings, Depends(get_settings)]


def problem_response(problem: ProblemError, request: Request) -> JSONResponse:
    headers = dict(problem.headers)
    document = jsonable_encoder({**problem.document(), "instance": request.url.path})
    return JSONResponse(document, problem.status, headers, PROBLEM_JSON)


def _http_problem(error: HTTPException, request: Request) -> JSONResponse:
    document = {
        "type": "about:blank",
        "title": str(error.detail),
        "status": error.status_code,
        "detail": DETAILS.get(error.status_code, str(error.detail)),
        "instance": request.url.path,
    }
    return JSONResponse(document, error.status_code, error.headers, PROBLEM_JSON)


def _invalid(error: RequestValidationError) -> Invalid:
    """Each error with a JSON pointer to its place, so that a form can show it at the right field."""
    errors = [
        {"pointer": "/" + "/".join(str(part) for part in item["loc"]), "detail": item["msg"]} for item in error.errors()
    ]
    return Invalid("; ".join(f"{e['pointer']}: {e['detail']}" for e in errors[:5]), errors=errors)


def _database_problem(error: DBAPIError) -> ProblemError | None:
    """What a database error means to the caller; None where it is our own mistake."""
    state = getattr(error.orig, "sqlstate", None) or ""
    if isinstance(error, IntegrityError):
        return Conflict("This contradicts what is stored already: reload and try again.")
    if state.startswith("22"):
        return Invalid("A value can't be stored: a text holds a NUL character or a number is out of range.")
    if isinstance(error, OperationalError | InterfaceError) or state.startswith(("08", "53", "57", "40")):
        return Unavailable("The database is busy or restarting: try again in a few seconds.", retry_after_s=2)
    return None


def _is_unreachable(error: Exception) -> bool:
    """Whether asyncpg could not connect; asyncio gives a bare OSError where each of several addresses failed."""
    kinds = (ConnectionError, TimeoutError, socket.gaierror)
    return isinstance(error, kinds) or (type(error) is OSError and error.errno is None)


def problem_of(error: Exception) -> ProblemError | None:
    """What an error means to the caller; None where it is our own mistake."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, DBAPIError) and (problem := _database_problem(error)):
        return problem
    if isinstance(error, PoolTimeout) or _is_unreachable(error):
        log.warning("database unreachable", error=repr(error))
        return Unavailable("The database can't be reached: try again shortly.")
    return None


def install_problems(app: FastAPI) -> None:
    """Every error leaves as application/problem+json; an unknown one is logged whole and told as a bare 500."""

    @app.exception_handler(ProblemError)
    async def ours(request: Request, error: ProblemError) -> JSONResponse:
        return problem_response(error, request)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return problem_response(_invalid(error), request)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        return _http_problem(error, request)

    @app.exception_handler(Exception)
    async def unknown(request: Request, error: Exception) -> JSONResponse:
        if problem := problem_of(error):
            return problem_response(problem, request)
        log.error("unhandled", path=request.url.path, exc_info=error)
        return _http_problem(HTTPException(500, "Internal error"), request)

    for kind in (DBAPIError, OSError, PoolTimeout):  # registered by class, or the server would log them as crashes
        app.exception_handler(kind)(unknown)
    app.add_middleware(CrashAnswer, answer=unknown)


class CrashAnswer:
    """Answers a crash inside of all other middleware, so that a 500 has their headers too."""

    def __init__(self, app: ASGIApp, answer: Callable[[Request, Exception], Awaitable[JSONResponse]]) -> None:
        self.app, self.answer = app, answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False

        async def watched(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            if scope["type"] != "http" or has_begun:
                raise
            response = await self.answer(Request(scope), error)
            await response(scope, receive, send)


PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What to do about it."},
        "instance": {"type": "string"},
    },
}
MEANING = {
    400: ("There was an error parsing the body", "The body is not what its Content-Type says: send it again, whole."),
    401: ("Sign-in needed", "The token is missing, wrong or expired: sign in again."),
    403: ("Not allowed", "Your role doesn't allow this."),
    404: ("Not found", "No such thing, or not for you."),
    408: ("Nothing arrived", "The connection was lost: ask how much is there, and go on."),
    409: ("Conflict", "This contradicts what is stored already."),
    410: ("No longer there", "It was kept for as long as it says, which is over: begin anew."),
    412: ("Somebody else was faster", "It was changed since you read it: load it again."),
    413: ("Too large", "Send less in one request."),
    415: ("Another content type is needed", "Send the bytes as application/offset+octet-stream."),
    416: ("No such range", "Ask for `bytes=first-last` within the file, or leave Range out."),
    422: ("The request is not valid", "/body/course_id: field required"),
    423: ("The upload is being written to", "Another request still writes to it: try again in a few seconds."),
    428: ("Say what you read", "Send the ETag of what you read as If-Match."),
    429: ("Too many requests", "This budget is 60 per 1 minute: wait 3 s, then go on more slowly."),
    460: ("The checksum does not match", "The piece arrived damaged and was dropped: send it again."),
    500: ("Internal error", DETAILS[500]),
    503: ("Try again shortly", "The database is busy or restarting: try again in a few seconds."),
    507: ("The disk is full", "There is no room for this file at the moment: tell the people who run this."),
}


LIMIT_HEADERS: dict[str, Any] = {
    "Retry-After": {"description": "Whole seconds.", "schema": {"type": "integer"}},
    "RateLimit": {"description": "What is left of the budget, and when it resets.", "schema": {"type": "string"}},
    "RateLimit-Policy": {"description": "The budget.", "schema": {"type": "string"}},
}

ETAG_HEADER: dict[str, Any] = {"ETag": {"description": "Of what is stored now.", "schema": {"type": "string"}}}

BODY = (400, 413)
"""What a route that reads a body may answer: it can't be read, or is too large."""


def problems(*statuses: int, is_limited: bool = True) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route: these problems beside 422, 429, 500 and 503, which any limited route may give.

    Where one must sign in, one may also lack the role, the scope, or a request of one's own site: 403.
    """
    if 401 in statuses:
        statuses += (403,)

    def one(status: int) -> dict[str, Any]:
        title, detail = MEANING[status]
        example = {"type": "about:blank", "title": title, "status": status, "detail": detail}
        told = {"description": title, "content": {PROBLEM_JSON: {"schema": PROBLEM_SCHEMA, "example": example}}}
        headers = {429: LIMIT_HEADERS, 412: ETAG_HEADER}.get(status)
        return {**told, "headers": headers} if headers else told

    return {status: one(status) for status in sorted({*statuses, 422, 500, 503, *([429] if is_limited else [])})}
