"""Crediting what players send: the rules of playback_rules over the rows of a whole flush, in its transaction.

A flush locks in one order: its events by key, the sessions of its people by key, the intervals by key. So two flushes
wait for each other and never both ways.
"""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from api.learning.playback_rules import HEAD_START, LIFE, Claim, Session, Span, credit

SESSIONS = f"""
select s.id, s.person_id, s.enrollment_id, s.stem_id, s.file_id, s.started_at, s.covered::text, s.spent_s, s.least_s
from play_session s
where s.person_id = any($1::uuid[]) and s.started_at > (
    select coalesce(min(started_at), $3) - interval '{LIFE.total_seconds()} seconds'
    from play_session where id = any($2::uuid[])
)
order by s.id for update
"""  # noqa: S608 (a number of ours)

BEGIN = """
insert into play_session (id, person_id, enrollment_id, stem_id, file_id, started_at)
select g.id, e.person_id, e.id, g.stem_id, g.file_id, greatest(e.enrolled_at, $5)
from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[]) as g (id, enrollment_id, stem_id, file_id)
join enrollment e on e.id = g.enrollment_id order by g.id
on conflict (id) do nothing
"""

WRITE = """
with given as (
    select * from unnest($1::uuid[], $2::text[], $3::float8[], $4::float8[], $5::text[])
    as g (id, covered, spent_s, least_s, new)
),
changed as (
    update play_session s set covered = g.covered::nummultirange, spent_s = g.spent_s, least_s = g.least_s
    from given g where s.id = g.id
    returning s.enrollment_id, s.stem_id, s.file_id, g.new::nummultirange as new
)
insert into playback as p (enrollment_id, stem_id, file_id, covered, updated_at)
select enrollment_id, stem_id, file_id, range_agg(new), $6 from changed
group by enrollment_id, stem_id, file_id order by enrollment_id, stem_id, file_id
on conflict (enrollment_id, stem_id, file_id)
do update set covered = p.covered + excluded.covered, updated_at = excluded.updated_at
"""

PIECE = re.compile(r"[\[(]([\d.]+),([\d.]+)[\])]")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim with whose it is; `session_id` as the player says."""

    event_id: uuid.UUID
    session_id: uuid.UUID | None
    person_id: uuid.UUID
    enrollment_id: uuid.UUID
    stem_id: uuid.UUID
    file_id: uuid.UUID
    claim: Claim

    @property
    def what(self) -> tuple[uuid.UUID, uuid.UUID, uuid.UUID]:
        return self.enrollment_id, self.stem_id, self.file_id

    def otherwise(self, now: datetime) -> uuid.UUID:
        """The session of this day for who names none, or one that is not theirs."""
        return uuid.uuid5(self.enrollment_id, f"{self.stem_id} {self.file_id} {now:%Y-%m-%d}")


def spans_of(stored: str) -> list[Span]:
    """A multirange as Postgres writes it."""
    return [(float(a), float(b)) for a, b in PIECE.findall(stored)]


def _stored(spans: Sequence[Span]) -> str:
    return "{" + ",".join(f"[{a:.3f},{b:.3f})" for a, b in spans if round(b - a, 3) > 0) + "}"


async def credit_claims(connection: asyncpg.Connection, claims: Sequence[Claimed], now: datetime) -> None:
    """Of events that are new. One statement reads, one writes, one more where somebody has no session yet."""
    rows = await _sessions(connection, claims, now)
    lost = [one for one in claims if one.session_id is None or not _is_theirs(rows.get(one.session_id), one)]
    if any(one.otherwise(now) not in rows for one in lost):
        begun = {one.otherwise(now): one.what for one in lost}
        await connection.execute(BEGIN, list(begun), *map(list, zip(*begun.values(), strict=True)), now - HEAD_START)
        rows = await _sessions(connection, claims, now)
    sessions = {key: Session(row[5], spans_of(row[6]), row[7], row[8]) for key, row in rows.items()}
    people: dict[uuid.UUID, list[Session]] = {}
    for key, row in rows.items():
        people.setdefault(row[1], []).append(sessions[key])
    said: dict[uuid.UUID, list[Claim]] = {}
    for one in claims:
        key = one.session_id if one not in lost and one.session_id else one.otherwise(now)
        said.setdefault(key, []).append(one.claim)
    written = []
    for key in sorted(said):
        session = sessions[key]
        if new := credit(session, people[rows[key][1]], said[key], now):
            written.append((key, _stored(session.covered), session.spent_s, session.least_s, _stored(new)))
    if written:
        await connection.execute(WRITE, *map(list, zip(*written, strict=True)), now)


async def _sessions(
    connection: asyncpg.Connection, claims: Sequence[Claimed], now: datetime
) -> dict[uuid.UUID, asyncpg.Record]:
    people = list({one.person_id for one in claims})
    named = list({one.session_id for one in claims if one.session_id})
    return {row[0]: row for row in await connection.fetch(SESSIONS, people, named, now)}


def _is_theirs(row: asyncpg.Record | None, one: Claimed) -> bool:
    return row is not None and (row[2], row[3], row[4]) == one.what
