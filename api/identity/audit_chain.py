"""Proving the audit log: every entry's hash and link, its numbers, what guards it, and every signed head of before.

The text of an entry is defined once, by Postgres' `audit_text`, whose source is pinned here; hashes are computed here,
entry after entry, as anybody could who has an export.
"""

import hashlib
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import ARRAY, Text, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.core.db import make_engine
from api.core.settings import Settings
from api.identity.audit_heads import Head, Unreadable, append_head, read_heads

GENESIS = bytes(32)
MOST_TOLD = 100
"""Of what is wrong; a log that was written anew is wrong everywhere."""

ENTRIES = text("select seq, audit_text(e) as text, previous, hash from audit_entry e order by seq")

NOTHING_SHADOWED = text("set local search_path = pg_catalog, public, pg_temp")
"""Or a schema or a temporary table that comes first could hold another log or another audit_text."""

GUARDS = text(
    """
    select 'trigger ' || tgname as name, concat_ws(' ', tgenabled, pg_get_triggerdef(oid)) as value
    from pg_trigger where tgrelid = 'audit_entry'::regclass and not tgisinternal
    union all
    select 'rule ' || rulename, pg_get_ruledef(oid) from pg_rewrite where ev_class = 'audit_entry'::regclass
    union all
    select 'row policy ' || polname, polcmd::text from pg_policy where polrelid = 'audit_entry'::regclass
    union all
    select 'function ' || wanted, encode(sha256(convert_to(
        concat_ws(' ', lanname, provolatile, array_to_string(proconfig, ', '), prosrc), 'UTF8')), 'hex')
    from unnest(:functions) wanted
    join pg_proc p on p.oid = to_regprocedure(wanted) join pg_language l on l.oid = p.prolang
    """
).bindparams(bindparam("functions", type_=ARRAY(Text)))

EXPECTED = {
    # A for 'always': also in a session that calls itself a replica.
    "trigger chain": "A CREATE TRIGGER chain BEFORE INSERT ON public.audit_entry"
    " FOR EACH ROW EXECUTE FUNCTION chain_audit_entry()",
    "trigger append_only": "A CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_entry"
    " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit_entry()",
    "function audit_text(audit_entry)": "072f3c68f971c3c1e76e20030fbdcfb28fdb048cecf636129fcdfc307b11cabd",
    "function chain_audit_entry()": "ac667fc0a2cd1509bdcd383c93ffa3ef63e47a6fdaf9c78f930453c63b55c4a8",
    "function refuse_change_of_audit_entry()": "2c059aadfb7e584e75478cf4148dfb5683b993d24f70d5b8770976f966c0cd6d",
}
"""What the migrations put on the table and nothing else: a function that lies would hide a changed entry (so SHA-256 of
its source), a trigger or rule more could keep entries out."""


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


async def verify(settings: Settings, copies: Iterable[Path] = ()) -> Verdict:
    """Of one moment, while others go on writing; a log without a fault gets a signed head.

    `copies` are heads files that were kept elsewhere.
    """
    began = time.monotonic()
    heads = list(read_heads(settings, copies))  # before the snapshot, which then holds whatever they speak of
    signed = [head for head in heads if isinstance(head, Head)]
    unreadable = [Broken(None, str(head)) for head in heads if isinstance(head, Unreadable)]
    engine = make_engine(settings.database_url, pool_size=1)
    try:
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            await connection.execute(NOTHING_SHADOWED)
            unguarded = await _unguarded(connection)
            chain = await _chain(connection, signed)
    finally:
        await engine.dispose()
    verdict = Verdict(chain.seq, len(signed), broken=[*chain.broken[:MOST_TOLD], *unguarded, *unreadable])
    if not verdict.broken and chain.seq:
        verdict.head = append_head(settings, chain.seq, chain.hash)
    verdict.duration_s = time.monotonic() - began
    return verdict


async def _unguarded(connection: AsyncConnection) -> list[Broken]:
    """What keeps the log append-only and is off, was replaced, or was not put there by us."""
    functions = [name.removeprefix("function ") for name in EXPECTED if name.startswith("function ")]
    found = {row.name: row.value for row in await connection.execute(GUARDS, {"functions": functions})}
    off = [
        f"the {name} of audit_entry is missing, off or replaced"
        for name in EXPECTED
        if found.get(name) != EXPECTED[name]
    ]
    strange = [f"there is a {name} on audit_entry that Praxis did not make" for name in found if name not in EXPECTED]
    return [Broken(None, what) for what in off + strange]


@dataclass(slots=True)
class Chain:
    """The chain entry after entry, beside what heads signed; `broken` in the order of the log."""

    heads: dict[int, list[Head]]
    seq: int = 0
    hash: bytes = GENESIS
    fits: int = 0
    """The newest entry that a head signed and that is still the same."""
    broken: list[Broken] = field(default_factory=list)

    def add(self, seq: int, canonical: str, previous: bytes, digest: bytes) -> None:
        is_whole = hashlib.sha256(previous + canonical.encode()).digest() == digest
        if what := judge(seq, self.seq, is_linked=previous == self.hash, is_whole=is_whole):
            self.broken.append(what)
        for head in self.heads.pop(seq, ()):
            if head.hash == digest:
                self.fits = seq
            else:
                self.broken.append(Broken(seq, _rewritten(head, self.fits)))
        self.seq, self.hash = seq, digest

    def end(self) -> None:
        """What heads signed and is not there any more."""
        newest = max(self.heads, default=0)
        if newest > self.seq:
            at = self.heads[newest][0].at
            gap = f"entries {self.seq + 1} to {newest} are missing"
            self.broken.append(Broken(self.seq + 1, f"the tail was cut: {gap}, a head of {at} signed them"))


def judge(seq: int, before: int, *, is_linked: bool, is_whole: bool) -> Broken | None:
    """What is wrong with an entry after the one before it."""
    if seq <= before or seq < 1:
        return Broken(seq, f"entry {seq} has no place after entry {before}")
    if seq != before + 1:
        gap = f"entry {before + 1} is" if seq == before + 2 else f"entries {before + 1} to {seq - 1} are"
        return Broken(before + 1, f"{gap} missing")
    if not is_whole:
        return Broken(seq, f"entry {seq} was changed{'' if is_linked else ' or moved'}: its hash is of another text")
    if not is_linked:
        return Broken(seq, f"entry {seq} does not follow entry {before}: that one was replaced, or all before it")
    return None


def _rewritten(head: Head, fits: int) -> str:
    since = f"after entry {fits}" if fits else "from its beginning"
    return f"entry {head.seq} is not what a head of {head.at} signed: the log was written anew {since}"


async def _chain(connection: AsyncConnection, heads: Iterable[Head]) -> Chain:
    by_seq: defaultdict[int, list[Head]] = defaultdict(list)
    for head in heads:
        by_seq[head.seq].append(head)
    chain = Chain(by_seq)
    async with connection.stream(ENTRIES) as stream:
        async for rows in stream.partitions(1000):
            for entry in rows:
                chain.add(entry.seq, entry.text or "", entry.previous or b"", entry.hash or b"")
    chain.end()
    return chain
