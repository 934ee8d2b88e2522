"""The engagement path: narrow, because every second of every video comes through here.

msgspec parses, and concurrent requests share one INSERT and one commit (group commit without a timer):
4,400 requests/s against 1,260 with a transaction a request. Answered means committed. What was played and read is
credited in the same transaction (see crediting); the percent that follows is read by POST /progress.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, NamedTuple

import asyncpg
import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from api.core.errors import ProblemError, Unavailable
from api.learning.crediting import Claimed, credit_claims
from api.learning.playback_rules import PAGE_S, Claim
from api.learning.rules import CLOCK_SKEW

MOST_EVENTS = 500
MOST_BYTES = 512 * 1024
OLDEST = timedelta(days=30)
QUEUE = 1000
BATCH = 4000
KNOWN = 200_000

Seconds = Annotated[float, msgspec.Meta(ge=0, le=1_000_000)]


class Engagement(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One thing a learner did with a module; `id` is the client's, so sending it again is harmless."""

    id: uuid.UUID
    kind: Literal["video_played", "document_read", "page_viewed"]
    enrollment_id: uuid.UUID
    module_id: uuid.UUID
    occurred_at: Annotated[datetime, msgspec.Meta(tz=True)]
    session_id: uuid.UUID | None = None
    from_s: Seconds | None = None
    to_s: Seconds | None = None
    rate: Annotated[float, msgspec.Meta(gt=0, le=16)] | None = None
    page: Annotated[int, msgspec.Meta(ge=1, le=100_000)] | None = None
    dwell_s: Seconds | None = None


class EngagementIn(msgspec.Struct, forbid_unknown_fields=True):
    events: Annotated[list[Engagement], msgspec.Meta(min_length=1, max_length=MOST_EVENTS)]


class EngagementRefused(ProblemError):
    status = 422
    title = "An event can't be taken"


class TooLarge(ProblemError):
    status = 413
    title = "Too large"


class Measures(msgspec.Struct, omit_defaults=True):
    """The payload of the fact: what it is about, and what was measured."""

    enrollment_id: str
    course_id: str
    version_id: str
    module_id: str
    from_s: float | None = None
    to_s: float | None = None
    rate: float | None = None
    page: int | None = None
    dwell_s: float | None = None


_decoder = msgspec.json.Decoder(EngagementIn)
_encoder = msgspec.json.Encoder()

INSERT = """
insert into event (id, type, actor_id, subject_id, payload, occurred_at)
select i, t, p, p, b, o from unnest($1::uuid[], $2::text[], $3::uuid[], $4::jsonb[], $5::timestamptz[])
as given (i, t, p, b, o) on conflict (id) do nothing returning id
"""

OWNED = """
select e.id, m.id as module_id, e.course_id::text, e.version_id::text, m.kind, m.stem_id,
    coalesce(m.media_id, '00000000-0000-0000-0000-000000000000') as file_id
from unnest($1::uuid[], $2::uuid[]) as asked (enrollment_id, module_id)
join enrollment e on e.id = asked.enrollment_id and e.person_id = $3
join module m on m.version_id = e.version_id and m.id = asked.module_id
"""

Row = tuple[uuid.UUID, str, uuid.UUID, str, datetime]
Pair = tuple[uuid.UUID, uuid.UUID]
Kept = tuple[Row, Claimed | None]


class Owned(NamedTuple):
    course_id: str
    version_id: str
    kind: str
    stem_id: uuid.UUID
    file_id: uuid.UUID


def parse(body: bytes, now: datetime | None = None) -> list[Engagement]:
    """The events of a request body, or a problem that names the place."""
    if len(body) > MOST_BYTES:
        raise TooLarge(f"A request may have {MOST_BYTES // 1024} KiB: send fewer events at once.")
    try:
        sent = _decoder.decode(body)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise EngagementRefused(f"{error}.") from error
    moment = now or datetime.now(UTC)
    for number, event in enumerate(sent.events):
        if not moment - OLDEST <= event.occurred_at <= moment + CLOCK_SKEW:
            raise EngagementRefused(f"events[{number}].occurred_at must lie in the last {OLDEST.days} days.")
        if event.kind == "video_played" and not (event.from_s or 0) < (event.to_s or 0):
            raise EngagementRefused(f"events[{number}]: a played interval needs from_s < to_s.")
    return sent.events


def claim_of(kind: str, e: Engagement) -> Claim | None:
    """What an event asks to be credited: seconds of a video, a page of a document that was shown long enough."""
    if kind == "video" and e.kind == "video_played" and e.to_s is not None:
        return Claim((e.from_s or 0.0, e.to_s), e.rate or 1.0)
    if kind == "document" and e.kind == "document_read" and e.page and (e.dwell_s or 0) >= PAGE_S:
        return Claim((e.page - 1.0, float(e.page)), is_page=True)
    return None


class EngagementWriter:
    """Collects the events of concurrent requests; one flush is one statement and one commit."""

    def __init__(self, pool: asyncpg.Pool, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._pool = pool
        self._clock = clock
        self._queue: asyncio.Queue[tuple[list[Kept], asyncio.Future[None]]] = asyncio.Queue(QUEUE)
        self._owned: dict[tuple[uuid.UUID, Pair], Owned] = {}

    async def store(self, person_id: uuid.UUID, sent: list[Engagement]) -> int:
        """Returns once all of it is committed; raises if an enrollment or module isn't the caller's."""
        await self._learn_ownership(person_id, {(e.enrollment_id, e.module_id) for e in sent})
        rows = [self._row(person_id, event) for event in sent]
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        try:
            self._queue.put_nowait((rows, done))
        except asyncio.QueueFull:
            raise Unavailable("Too much at once: send it again in a second.", retry_after_s=1) from None
        await done
        return len(rows)

    async def _learn_ownership(self, person_id: uuid.UUID, pairs: set[Pair]) -> None:
        """An enrollment never changes its person, and after a move to another version what was seen of the one before
        was still seen, so what was found once stays true.
        """
        asked = [pair for pair in pairs if (person_id, pair) not in self._owned]
        if not asked:
            return
        if len(self._owned) > KNOWN:
            self._owned.clear()
        found = await self._pool.fetch(OWNED, [e for e, _ in asked], [m for _, m in asked], person_id)
        for enrollment_id, module_id, *owned in found:
            self._owned[person_id, (enrollment_id, module_id)] = Owned(*owned)
        for pair in asked:
            if (person_id, pair) not in self._owned:
                raise EngagementRefused(f"You have no enrollment {pair[0]} with a module {pair[1]}: enrol first.")

    def _row(self, person_id: uuid.UUID, e: Engagement) -> Kept:
        owned = self._owned[person_id, (e.enrollment_id, e.module_id)]
        ids = (str(e.enrollment_id), owned.course_id, owned.version_id, str(e.module_id))
        payload = _encoder.encode(Measures(*ids, e.from_s, e.to_s, e.rate, e.page, e.dwell_s)).decode()
        row = e.id, f"engagement.{e.kind}", person_id, payload, e.occurred_at
        if (claim := claim_of(owned.kind, e)) is None:
            return row, None
        return row, Claimed(e.id, e.session_id, person_id, e.enrollment_id, owned.stem_id, owned.file_id, claim)

    async def run(self) -> None:
        while True:
            taken = [await self._queue.get()]
            size = len(taken[0][0])
            while size < BATCH and not self._queue.empty():
                taken.append(self._queue.get_nowait())
                size += len(taken[-1][0])
            await self._flush(taken)
            for _ in taken:
                self._queue.task_done()

    async def drained(self) -> None:
        """Returns once everything that was queued is written."""
        await self._queue.join()

    async def _flush(self, taken: list[tuple[list[Kept], asyncio.Future[None]]]) -> None:
        """One bad request must not sink its neighbours: after a failure each is tried alone."""
        try:
            await self._insert([row for rows, _ in taken for row in rows])
        except Exception as error:
            if len(taken) > 1:
                for one in taken:
                    await self._flush([one])
            elif not taken[0][1].done():
                taken[0][1].set_exception(error)
            return
        for _, done in taken:
            if not done.done():  # its client may have gone
                done.set_result(None)

    async def _insert(self, kept: list[Kept]) -> None:
        # Sorted by key: two flushes with the same ids then lock them in the same order.
        rows = sorted((row for row, _ in kept), key=lambda row: row[0])
        columns = list(zip(*rows, strict=True))
        claims = {claimed.event_id: claimed for _, claimed in kept if claimed}
        if not claims:
            await self._pool.execute(INSERT, *columns)
            return
        async with self._pool.acquire() as connection, connection.transaction():
            new = [claims[key] for (key,) in await connection.fetch(INSERT, *columns) if key in claims]
            if new:  # an event that was known credits nothing
                await credit_claims(connection, new, self._clock())


@asynccontextmanager
async def engagement_writer(engine: AsyncEngine, *, workers: int = 2) -> AsyncIterator[EngagementWriter]:
    """The writer with its workers on connections of its own; at the end what is queued is still written."""
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    pool = await asyncpg.create_pool(url, min_size=0, max_size=workers + 2)
    writer = EngagementWriter(pool)
    tasks = [asyncio.create_task(writer.run()) for _ in range(workers)]
    try:
        yield writer
    finally:
        await writer.drained()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await pool.close()
