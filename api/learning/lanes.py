"""The fast lanes of enrolling and of progress: the plain case in one statement, all others the ordinary way."""

import uuid
from datetime import datetime
from typing import Annotated, Any

import asyncpg
import msgspec
from fastapi import Request, Response

from api.core.db import new_id
from api.core.errors import ProblemError
from api.core.fast_lane import json_answer
from api.identity.deps import current_learner

ENROLL = "select * from enroll_plainly($1, $2, $3, $4)"
PROGRESS = "select * from progress_plainly($1, $2, $3, $4, $5, $6, $7)"
ENROLLMENT = ("id", "course_id", "version_id", "enrolled_at", "progress_percent", "score_percent", "completed_at")


class _Enroll(msgspec.Struct):
    course_id: uuid.UUID


class _Progress(msgspec.Struct, forbid_unknown_fields=True):
    """Without an attempt at a quiz; whatever is out of range is told by the ordinary way."""

    course_id: uuid.UUID
    module_id: uuid.UUID
    percent: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    position_s: Annotated[float, msgspec.Meta(ge=0, le=1_000_000)] | None = None
    occurred_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


_enroll = msgspec.json.Decoder(_Enroll)
_progress = msgspec.json.Decoder(_Progress)


async def enroll_lane(request: Request) -> Response | None:
    """A course that anybody may begin, and a second click on it."""
    if (asked := await _asked(request, _enroll)) is None:
        return None
    person_id, sent = asked
    row = await _row(request, ENROLL, person_id, sent.course_id, new_id(), new_id())
    if row is None or row["id"] is None:
        return None
    told = {**row, "course_id": sent.course_id}
    return json_answer(201 if row["is_new"] else 200, {name: told[name] for name in ENROLLMENT})


async def progress_lane(request: Request) -> Response | None:
    """A step that the learner alone answers for, as long as it doesn't finish the course."""
    if (asked := await _asked(request, _progress)) is None:
        return None
    person_id, sent = asked
    values = (sent.course_id, sent.module_id, sent.percent, sent.position_s, sent.occurred_at, new_id())
    row = await _row(request, PROGRESS, person_id, *values)
    if row is None or row["enrollment_id"] is None:
        return None
    module = {"module_id": sent.module_id, "completed_at": row["step_completed_at"]}
    module |= {name: row[name] for name in ("percent", "position_s")}
    told = {name: row[name] for name in ("enrollment_id", "progress_percent", "score_percent")}
    return json_answer(200, told | {"module": module, "completed_at": None, "attempt": None, "certificate_code": None})


async def _asked(request: Request, decoder: msgspec.json.Decoder[Any]) -> tuple[uuid.UUID, Any] | None:
    """(the learner, the body); None where either is wrong: the ordinary way says how."""
    if "json" not in request.headers.get("content-type", ""):
        return None
    try:
        return (await current_learner(request)).person_id, decoder.decode(await request.body())
    except (ProblemError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


async def _row(request: Request, statement: str, *values: Any) -> asyncpg.Record | None:
    """None where the database is away: sent again the ordinary way it is harmless, and that says what is wrong."""
    pool: asyncpg.Pool = request.app.state.lanes
    try:
        return await pool.fetchrow(statement, *values)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        return None
