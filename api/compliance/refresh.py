"""The record of obligations follows what it derives from: what is new is added, what no longer holds is superseded."""

import uuid
from dataclasses import dataclass

from sqlalchemy import ARRAY, Text, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.compliance.derivation import COLUMNS, derivation, live_rules

TYPES = [
    "people.person_joined",
    "people.person_rehired",
    "people.person_changed",
    "people.person_left",
    "learning.course_completed",
    "learning.certificate_issued",
    "learning.certificate_revoked",
]
RULE_TYPES = ["compliance.requirement_made", "compliance.requirement_ended"]

ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtext('obligations'))")
WATERMARK = text("select xid, units from obligation_watermark where name = 'event'")
SAFE = text("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
UNITS = text(
    "select md5(coalesce(string_agg(id::text || coalesce(parent_id::text, ''), '' order by id), '')) from org_unit"
)
NEWS = text(
    "select distinct type = any(:rules) as is_rule, subject_id from event"
    " where xid >= cast(cast(:low as text) as xid8) and type = any(:types)"
).bindparams(bindparam("types", type_=ARRAY(Text)), bindparam("rules", type_=ARRAY(Text)))
MOVE = text("update obligation_watermark set xid = :high, units = :units where name = 'event'")

HASHED, AS_EVER = text("set local enable_nestloop = off"), text("set local enable_nestloop = on")
"""Two sets are compared that no statistics know yet: by nested loops 100,000 people would take hours."""

MANY = 20_000
"""Of more people than this, all are looked at: that is one pass over the tables instead of many look-ups."""

EMPTY = text("create temp table if not exists derived_now (like obligation) on commit drop")
CLEAR = text("truncate derived_now")
SAME = " and ".join(
    f"d.{name} is not distinct from o.{name}" for name in COLUMNS.split(", ")[4:] if name != "valid_from"
)
KEY = "d.employment_id = o.employment_id and d.requirement_id = o.requirement_id and d.valid_from = o.valid_from"
SUPERSEDE = (
    "update obligation o set superseded_at = clock_timestamp() where o.superseded_at is null and {scope}"
    f" and not exists (select from derived_now d where {KEY} and {SAME})"
)
ADD = (
    f"insert into obligation ({COLUMNS}, recorded_at) select {COLUMNS}, clock_timestamp() from derived_now d"
    " where not exists (select from obligation o where o.superseded_at is null and {scope}"
    f" and {KEY})"
)


@dataclass(frozen=True, slots=True)
class Delta:
    """Rows that are new, and that no longer hold; doing it again at once gives 0 and 0."""

    added: int = 0
    superseded: int = 0

    def __add__(self, other: "Delta") -> "Delta":
        return Delta(self.added + other.added, self.superseded + other.superseded)


async def refresh_obligations(session: AsyncSession, *, everything: bool = False) -> Delta:
    """Of the people, completions and requirements that events told of since the last time; idempotent.

    Of everybody the first time, when units were moved, and where the watermark is ahead of Postgres (a database that
    was restored). Events of transactions that are visible but not safely below all running ones are read again.
    """
    await session.execute(ONE_AT_A_TIME)
    low, known_units = (await session.execute(WATERMARK)).one().tuple()
    high = int((await session.execute(SAFE)).scalar_one())
    units = str((await session.execute(UNITS)).scalar_one())
    if everything or low is None or low > high or units != known_units:
        delta = await _record(session)
    else:
        delta = await _follow(session, low)
    await session.execute(MOVE, {"high": high, "units": units})
    return delta


async def _follow(session: AsyncSession, low: int) -> Delta:
    told = (await session.execute(NEWS, {"low": str(low), "types": [*TYPES, *RULE_TYPES], "rules": RULE_TYPES})).all()
    people = [row.subject_id for row in told if not row.is_rule]
    rules = [row.subject_id for row in told if row.is_rule]
    if len(people) > MANY:
        return await _record(session)
    delta = await _record(session, requirements=rules) if rules else Delta()
    return delta + (await _record(session, people=people) if people else Delta())


async def _record(
    session: AsyncSession, *, people: list[uuid.UUID] | None = None, requirements: list[uuid.UUID] | None = None
) -> Delta:
    """Of these persons, or by these requirements, or everything."""
    rules = await live_rules(session)
    scope, parameters = "true", {}
    if people is not None:
        scope, parameters = "o.person_id = any(:people)", {"people": people}
    if requirements is not None:
        rules = {one: rule for one, rule in rules.items() if one in set(requirements)}
        scope, parameters = "o.requirement_id = any(:asked)", {"asked": requirements}
    await session.execute(EMPTY)
    await session.execute(CLEAR)
    if rules:
        derived = derivation(rules, people=people is not None)
        statement = (
            f"insert into derived_now (id, recorded_at, {COLUMNS}) select uuidv7(), now(), * from ({derived.sql}) x"
        )
        values = derived.parameters | ({"people": people} if people is not None else {})
        await session.execute(text(statement), values)
    await session.execute(HASHED)
    over = await session.execute(text(SUPERSEDE.format(scope=scope)), parameters)
    new = await session.execute(text(ADD.format(scope=scope)), parameters)
    await session.execute(AS_EVER)
    return Delta(int(getattr(new, "rowcount", 0)), int(getattr(over, "rowcount", 0)))
