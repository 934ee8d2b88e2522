"""One round for one source: collect, send what is due, take in the answers; each step committed for itself."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any, TypeVar, cast

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from api.compliance.service import (
    Answer,
    answer_records,
    claim_records,
    collect_records,
    reference_of_completion,
)
from api.core.db import make_engine
from api.core.settings import Settings
from pipelines.hr.connectors.base import Place, Unreachable
from pipelines.hr.ingest import place_of
from pipelines.hr.mapping import MappingError
from pipelines.hr.write_back.base import Revoked, Sink

T = TypeVar("T")
KINDS = {
    "file": "pipelines.hr.write_back.files:Files",
    "sftp": "pipelines.hr.write_back.files:SftpFiles",
    "s3": "pipelines.hr.write_back.files:S3Files",
    "bamboohr": "pipelines.hr.write_back.bamboohr:BambooTraining",
    "successfactors": "pipelines.hr.write_back.successfactors:LearningEvents",
}
ROUNDS = 200
"""Of claiming, in one run: the next one goes on."""


def sink_of(settings: Settings, source: str) -> Sink | None:
    """The way back that the mapping names; None where it names none. Raises MappingError."""
    place: Place = place_of(settings, source)
    given = place.mapping.write_back
    if given is None:
        return None
    kind = given.get("kind", "")
    if kind not in KINDS:
        raise MappingError(f"{source}: write_back kind {kind!r} is none of {', '.join(sorted(KINDS))}.")
    module, _, name = KINDS[kind].partition(":")
    made = cast("type[Sink]", getattr(import_module(module), name))
    try:
        options = made.Options.model_validate(given, context={"secrets": place.folder.parent.parent / "secrets"})
    except ValidationError as error:
        raise MappingError(f"{source}: write_back: {error}") from error
    return made(place, options)


def write_back(settings: Settings, source: str) -> dict[str, int] | None:
    """How many records were collected, accepted, refused, sent or wait; None for a source without a way back."""
    sink = sink_of(settings, source)
    return None if sink is None else asyncio.run(_write_back(settings, source, sink))


async def _write_back(settings: Settings, source: str, sink: Sink) -> dict[str, int]:
    engine = make_engine(settings.database_url, pool_size=1)

    async def step(work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        async with AsyncSession(engine) as session, session.begin():
            return await work(session)

    options: Any = sink.options  # type: ignore[attr-defined]
    told: Counter[str] = Counter()
    try:
        told["collected"] = await step(
            lambda s: collect_records(s, source=source, kinds=options.take, since=options.since)
        )
        for _ in range(ROUNDS):
            due = await step(lambda s: claim_records(s, source=source, most=sink.most))
            if not due:
                break
            codes = [one.body["code"] for one in due if one.kind == "revocation"]
            earlier = Revoked(await step(lambda s, codes=codes: _references(s, source, codes)))  # type: ignore[misc]
            try:
                answers = await asyncio.to_thread(sink.send, due, earlier)
            except Unreachable as problem:
                answers = [Answer(one.key, "waiting", str(problem)) for one in due]
            await step(lambda s, answers=answers: answer_records(s, source=source, answers=answers))  # type: ignore[misc]
            told.update(answer.state for answer in answers)
            if answers and all(answer.state == "waiting" for answer in answers):
                break
        if later := await asyncio.to_thread(sink.answers):
            await step(lambda s: answer_records(s, source=source, answers=later))
        return dict(told)
    finally:
        await engine.dispose()


async def _references(session: AsyncSession, source: str, codes: list[str]) -> dict[str, str]:
    found = {code: await reference_of_completion(session, source=source, code=code) for code in codes}
    return {code: reference for code, reference in found.items() if reference}
