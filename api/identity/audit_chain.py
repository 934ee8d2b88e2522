"""Proving the audit log: every entry's hash and link, its numbers, its triggers, and every signed head of before.

Computed twice: by Postgres over the table as a set, and by Python over the exported texts, as anybody could. The text
of an entry is defined once, by Postgres' `audit_text`.
"""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import LargeBinary, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api.core.db import make_engine
from api.core.settings import Settings
from api.identity.audit_heads import Head, Unreadable, append_head, read_heads

GENESIS = bytes(32)
NEAR = 10_000
"""How far from its place a moved entry is looked for."""

PINNED = {
    "audit_text": "772ddfdcfac0796cc8a9b654e43234aabe88ea2af5d492a4853aefc52ad97b0c",
    "chain_audit_entry": "f24395b4ab89cbc8cea4604b6afd6e3dab536a0863aa8b1a64583d0ec2e649be",
    "refuse_change_of_audit_entry": "5bafb996894019d48f3c06f2eef865e068a86940bc9e429a7c55ca48550d4aa8",
}
"""SHA-256 of the functions' sources as the migrations make them: a function that lies would hide a changed entry."""

TRIGGERS = {"chain", "append_only"}

BY_POSTGRES = text(
    """
    select seq, coalesce(before_seq, 0) as before_seq, is_linked, is_whole
    from (
        select
            seq,
            lag(seq) over by_seq as before_seq,
            previous = coalesce(lag(hash) over by_seq, :genesis) as is_linked,
            hash = sha256(previous || convert_to(audit_text(e), 'UTF8')) as is_whole
        from audit_entry e
        window by_seq as (order by seq)
    ) checked
    where seq <> coalesce(before_seq, 0) + 1 or is_linked is not true or is_whole is not true
    order by seq
    limit 1
    """
).bindparams(bindparam("genesis", GENESIS, type_=LargeBinary))

EXPORTED = text("select seq, audit_text(e) as text, previous, hash from audit_entry e order by seq")

MOVED_FROM = text(
    """
    select n from audit_entry e, generate_series(greatest(1, e.seq - :near), e.seq + :near) n
    where e.seq = :seq and n <> e.seq and e.hash = sha256(
        e.previous || convert_to(audit_text(jsonb_populate_record(e, jsonb_build_object('seq', n))), 'UTF8')
    )
    """
)

GUARDS = text(
    """
    select 'trigger' as kind, tgname::text as name, tgenabled::text as value
    from pg_trigger where tgrelid = 'audit_entry'::regclass and not tgisinternal
    union all
    select 'function', proname::text, encode(sha256(convert_to(prosrc, 'UTF8')), 'hex')
    from pg_proc where proname = any(:functions) and pronamespace = 'public'::regnamespace
    """
)


@dataclass(frozen=True, slots=True)
class Broken:
    """One thing that is wrong; `seq` is the first entry that it concerns, None where it concerns all."""

    seq: int | None
    what: str


@dataclass(slots=True)
class Verdict:
    """`broken` is empty where the log is proven; then `head` is what was signed now, unless the log is empty."""

    entries: int = 0
    heads: int = 0
    head: Head | None = None
    broken: list[Broken] = field(default_factory=list)
    duration_s: float = 0.0


@dataclass(slots=True)
class Chain:
    """The chain as Python computes it, entry after entry; `broken` is the first that does not fit."""

    seq: int = 0
    hash: bytes = GENESIS
    entries: int = 0
    broken: Broken | None = None

    def add(self, seq: int, canonical: str, previous: bytes, digest: bytes) -> None:
        is_whole = hashlib.sha256(previous + canonical.encode()).digest() == digest
        if self.broken is None:
            self.broken = judge(seq, self.seq, is_linked=previous == self.hash, is_whole=is_whole)
        self.seq, self.hash, self.entries = seq, digest, self.entries + 1


def judge(seq: int, before: int, *, is_linked: bool, is_whole: bool) -> Broken | None:
    """What is wrong with an entry after the one before it."""
    if seq < 1:
        return Broken(seq, f"entry {seq} has no place: numbers begin at 1")
    if seq != before + 1:
        gap = f"entry {before + 1} is" if seq == before + 2 else f"entries {before + 1} to {seq - 1} are"
        return Broken(before + 1, f"{gap} missing")
    if not is_whole:
        return Broken(seq, f"entry {seq} was changed: its hash is of another text")
    if not is_linked:
        return Broken(seq, f"entry {seq} does not follow entry {before}: that one was replaced, or all before it")
    return None


async def verify_log(settings: Settings) -> Verdict:
    """Of one moment, while others go on writing; a log without a fault gets a signed head."""
    engine = make_engine(settings.database_url, pool_size=1)
    try:
        return await verify(engine, settings)
    finally:
        await engine.dispose()


async def verify(engine: AsyncEngine, settings: Settings) -> Verdict:
    began = time.monotonic()
    heads = list(read_heads(settings))  # before the snapshot, which then holds whatever they speak of
    verdict = Verdict(heads=len(heads))
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        chain = await _chain(connection, verdict)
        verdict.broken += await _unguarded(connection)
        verdict.broken += await _misfits(connection, heads, chain.seq)
    if not verdict.broken and chain.entries:
        verdict.head = append_head(settings, chain.seq, chain.hash)
    verdict.broken.sort(key=lambda broken: (broken.seq is None, broken.seq))
    verdict.duration_s = time.monotonic() - began
    return verdict


async def _unguarded(connection: AsyncConnection) -> list[Broken]:
    """What keeps the log append-only and is off or was replaced."""
    rows = (await connection.execute(GUARDS, {"functions": list(PINNED)})).all()
    armed = {row.name for row in rows if row.kind == "trigger" and row.value == "A"}
    sources = {row.name: row.value for row in rows if row.kind == "function"}
    off = [f"the trigger {name} of audit_entry is off: entries can be changed" for name in sorted(TRIGGERS - armed)]
    replaced = [name for name, source in PINNED.items() if sources.get(name) != source]
    other = [f"the function {name} is not the one that the migrations made" for name in replaced]
    return [Broken(None, what) for what in off + other]


async def _chain(connection: AsyncConnection, verdict: Verdict) -> Chain:
    """Both computations; where they disagree, that is what is wrong."""
    row = (await connection.execute(BY_POSTGRES)).one_or_none()
    by_postgres = row and judge(row.seq, row.before_seq, is_linked=row.is_linked is True, is_whole=row.is_whole is True)
    chain = Chain()
    async with connection.stream(EXPORTED) as stream:
        async for entry in stream:
            chain.add(entry.seq, entry.text, entry.previous or b"", entry.hash or b"")
    verdict.entries = chain.entries
    if by_postgres != chain.broken:
        told = [found.what if found else "nothing is wrong" for found in (by_postgres, chain.broken)]
        verdict.broken.append(Broken(None, f"Postgres computes '{told[0]}', Python '{told[1]}'"))
    elif chain.broken:
        verdict.broken.append(await _placed(connection, chain.broken))
    return chain


async def _placed(connection: AsyncConnection, broken: Broken) -> Broken:
    """An entry whose hash fits another number was not changed but moved."""
    origin = await connection.scalar(MOVED_FROM, {"seq": broken.seq, "near": NEAR})
    if origin is None:
        return broken
    return Broken(broken.seq, f"entry {broken.seq} was reordered: it was written as entry {origin}")


async def _misfits(connection: AsyncConnection, heads: Sequence[Head | Unreadable], newest: int) -> list[Broken]:
    """Heads that can't be read, or that the log of today contradicts."""
    broken = [
        Broken(None, f"line {head.line} of heads.jsonl is not a head of this log: {head.why}")
        for head in heads
        if isinstance(head, Unreadable)
    ]
    signed = [head for head in heads if isinstance(head, Head)]
    statement = text("select seq, hash from audit_entry where seq = any(:wanted)")
    rows: Any = await connection.execute(statement, {"wanted": sorted({head.seq for head in signed})})
    stored = {row.seq: row.hash for row in rows}
    wrong = sorted((head for head in signed if stored.get(head.seq) != head.hash), key=lambda head: head.seq)
    if wrong and (latest := wrong[-1]).seq > newest:
        gap = f"entries {newest + 1} to {latest.seq} are missing"
        broken.append(Broken(newest + 1, f"the tail was cut: {gap}, a head of {latest.at} signed them"))
    if wrong and (first := wrong[0]).seq <= newest:
        fits = max((head.seq for head in signed if head.seq < first.seq), default=0)
        since = f"after entry {fits}" if fits else "before it"
        what = f"entry {first.seq} is not what a head of {first.at} signed: the log was written anew {since}"
        broken.append(Broken(first.seq, what))
    return broken
