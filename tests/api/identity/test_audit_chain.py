"""The audit log can't be changed; and where somebody who owns the database changed it, that is found."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import make_engine
from api.core.origin import at_terminal
from api.core.settings import Settings
from api.identity.audit import AuditEntry, record
from api.identity.audit_chain import verify
from api.identity.audit_heads import heads_path
from api.identity.tokens import rotate_keys
from tests.api.identity.logs import GUARDED, REHASH, UNGUARDED, Log

WRITERS, TURNS = 8, 30


async def test_numbers_have_no_gap_whoever_writes_and_whatever_is_rolled_back(log: Log) -> None:
    async def writer(number: int) -> int:
        kept = 0
        for turn in range(TURNS):
            async with AsyncSession(log.engine) as session:
                transaction = await session.begin()
                said = {"action": "identity.signed_in", "target_type": "account"}
                await record(session, **said, target_id=f"{number}-{turn}")
                if turn % 5 == 1:
                    savepoint = await session.begin_nested()
                    await record(session, **said, target_id="undone")
                    await savepoint.rollback()
                if turn % 3 == 0:
                    await transaction.rollback()
                else:
                    await transaction.commit()
                    kept += 1
        return kept

    kept = sum(await asyncio.gather(*(writer(number) for number in range(WRITERS))))
    async with log.engine.connect() as connection:
        numbers = list(await connection.scalars(text("select seq from audit_entry order by seq")))
    assert numbers == list(range(1, kept + 1))
    assert (await log.verdict()).broken == []


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_entry set note = 'x'",
        "update audit_entry set note = 'x' where false",
        "delete from audit_entry",
        "truncate audit_entry",
        "insert into audit_entry (action, target_type) values ('a.b', 'x') on conflict (seq) do update set note = 'x'",
        "merge into audit_entry e using (select 1) s on true when matched then delete",
    ],
)
@pytest.mark.parametrize("before", ["set session_replication_role = origin", "set session_replication_role = replica"])
async def test_no_entry_is_changed_even_by_the_superuser(log: Log, before: str, statement: str) -> None:
    await log.write(2)
    with pytest.raises(DBAPIError, match="append-only"):
        await log.run(before, statement)
    assert (await log.verdict()).broken == []


async def test_the_tables_owner_is_refused_too(log: Log) -> None:
    await log.write(2)
    role = f"owner_{uuid.uuid4().hex[:8]}"
    await log.run(
        f"create role {role}", f"grant all on schema public to {role}", f"alter table audit_entry owner to {role}"
    )
    for statement in ("update audit_entry set note = 'x'", "delete from audit_entry", "truncate audit_entry"):
        with pytest.raises(DBAPIError, match="append-only"):
            await log.run(f"set local role {role}", statement)
    await log.run("alter table audit_entry owner to current_user", f"drop owned by {role}", f"drop role {role}")


async def test_what_a_writer_says_of_number_time_and_hash_is_not_believed(log: Log) -> None:
    await log.run(
        "insert into audit_entry (seq, recorded_at, action, target_type, previous, hash)"
        " select 99, '2001-01-01', 'a.b', 'x', '\\x00', '\\x00' from generate_series(1, 3)"
    )
    async with log.engine.connect() as connection:
        rows = (await connection.execute(text("select seq, recorded_at from audit_entry order by seq"))).all()
    assert [row.seq for row in rows] == [1, 2, 3]
    assert all(row.recorded_at.year > 2001 for row in rows)
    assert (await log.verdict()).broken == []


async def test_an_older_snapshot_may_not_write(log: Log) -> None:
    with pytest.raises(DBAPIError, match="READ COMMITTED"):
        await log.run(
            "set transaction isolation level repeatable read",
            "insert into audit_entry (action, target_type) values ('a.b', 'x')",
        )


async def test_a_right_log_is_proven_and_a_head_of_it_signed(log: Log) -> None:
    assert (await log.verdict()).head is None, "an empty log has none"
    await log.write(7)
    first = await log.verdict()
    assert (first.entries, first.heads, first.broken) == (7, 0, [])
    await log.write(2)
    second = await log.verdict()
    assert (second.entries, second.heads, second.broken) == (9, 1, [])
    assert second.head
    assert second.head.seq == 9


async def test_heads_outlive_the_key_that_signed_them(log: Log) -> None:
    await log.write(3)
    await log.verdict()
    for keep_old in (True, False):
        rotate_keys(log.settings, keep_old=keep_old)
        await log.write(1)
        assert (await log.verdict()).broken == []
    assert (await log.verdict()).heads == 3


async def test_the_log_is_proven_while_others_write_to_it(log: Log) -> None:
    await log.write(50)
    writing = [asyncio.create_task(log.write(40)) for _ in range(4)]
    seen = [await log.verdict() for _ in range(5)]
    await asyncio.gather(*writing)
    assert [verdict.broken for verdict in seen] == [[]] * 5
    assert (await log.verdict()).entries == 210


@pytest.mark.parametrize(
    ("statements", "seq", "what"),
    [
        (["update audit_entry set actor_account_id = gen_random_uuid() where seq = 3"], 3, "entry 3 was changed"),
        (["delete from audit_entry where seq = 3"], 3, "entry 3 is missing"),
        (["delete from audit_entry where seq in (1, 2)"], 1, "entries 1 to 2 are missing"),
        (
            [
                "delete from audit_entry where seq = 3",
                "update audit_entry set seq = seq - 1 where seq > 3",
            ],
            3,
            "entry 3 was changed or moved",
        ),
        (
            [
                "update audit_entry set seq = -1 where seq = 3",
                "update audit_entry set seq = 3 where seq = 4",
                "update audit_entry set seq = 4 where seq = -1",
            ],
            3,
            "entry 3 was changed or moved",
        ),
        (
            [
                "update audit_entry set note = 'x' where seq = 3",
                "update audit_entry e set hash = sha256(previous || convert_to(audit_text(e), 'UTF8')) where seq = 3",
            ],
            4,
            "entry 4 does not follow entry 3",
        ),
        (["delete from audit_entry where seq > 4"], 5, "the tail was cut: entries 5 to 6 are missing"),
        (["delete from audit_entry"], 1, "the tail was cut: entries 1 to 6 are missing"),
        (
            ["update audit_entry set note = 'x' where seq = 3", REHASH],
            6,
            "the log was written anew from its beginning",
        ),
    ],
    ids=["field", "middle", "begin", "closed up", "pair", "half rehashed", "tail", "all", "rewritten"],
)
async def test_what_an_attacker_changed_is_found_and_named(
    log: Log, statements: list[str], seq: int, what: str
) -> None:
    await log.write(6)
    assert (await log.verdict()).broken == []
    await log.attack(*statements)
    found, told = await log.first_wrong()
    assert (found, what in told) == (seq, True), told
    heads = heads_path(log.settings).read_text().splitlines()
    assert len(heads) == 1, "what is broken is not signed"


async def test_a_chain_that_was_rewritten_is_only_found_by_the_heads_of_before(log: Log) -> None:
    await log.write(4)
    await log.verdict()
    await log.write(4)
    await log.verdict()
    await log.attack("update audit_entry set note = 'x' where seq = 6", REHASH)
    assert await log.first_wrong() == (8, (await log.verdict()).broken[0].what)
    assert "the log was written anew after entry 4" in (await log.verdict()).broken[0].what
    copy = heads_path(log.settings).rename(log.settings.home / "copy.jsonl")
    assert (await log.verdict()).broken == [], "without them nothing is wrong with it"
    assert [broken.seq for broken in (await verify(log.settings, [copy])).broken] == [8], "a copy elsewhere holds"


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        (UNGUARDED, "trigger chain"),
        ("alter table audit_entry disable trigger append_only", "trigger append_only"),
        ("alter table audit_entry enable trigger append_only", "trigger append_only"),
        ("drop trigger append_only on audit_entry", "trigger append_only"),
        (
            "create or replace function refuse_change_of_audit_entry() returns trigger language plpgsql"
            " as 'begin return null; end'",
            "function refuse_change_of_audit_entry()",
        ),
        (
            "create or replace function audit_text(entry audit_entry) returns text language sql stable as"
            " $$ select 'all is well' $$",
            "function audit_text(audit_entry)",
        ),
        ("alter function chain_audit_entry() set search_path = evil", "function chain_audit_entry()"),
        (
            "create function nothing() returns trigger language plpgsql as 'begin return null; end';;"
            "create trigger a before insert on audit_entry for each row execute function nothing()",
            "trigger a",
        ),
        (
            "create function same() returns trigger language plpgsql as 'begin return new; end';;"
            "drop trigger append_only on audit_entry;;"
            "create trigger append_only before update on audit_entry for each row execute function same();;"
            "alter table audit_entry enable always trigger append_only",
            "trigger append_only",
        ),
        ("create rule quiet as on insert to audit_entry do instead nothing", "rule quiet"),
        ("create policy half on audit_entry using (seq > 1)", "row policy half"),
    ],
)
async def test_a_guard_that_is_off_replaced_or_strange_is_named(log: Log, statement: str, what: str) -> None:
    await log.write(2)
    await log.run(*statement.split(";;"))
    told = [broken.what for broken in (await log.verdict()).broken]
    assert any(what in one for one in told), told


async def test_another_log_that_comes_first_in_the_search_path_is_not_read(log: Log) -> None:
    await log.write(4)
    table = "create table postgres.audit_entry as select * from public.audit_entry where seq < 3"
    await log.run("create schema postgres", table)
    assert (await log.verdict()).entries == 4


async def test_a_head_that_was_forged_is_named_with_its_line(log: Log) -> None:
    await log.write(3)
    await log.verdict()
    path = heads_path(log.settings)
    (good,) = path.read_text().splitlines()
    other = json.loads(good)
    forged = [
        json.dumps(other | {"seq": 2}),
        json.dumps(other | {"signature": other["signature"][:-4] + "AAAA"}),
        json.dumps({name: value for name, value in other.items() if name != "signature"}),
        "[]",
        "5",
        "not json \udce4",
        good,
    ]
    path.write_text("\n".join([good, *forged]) + "\n", errors="surrogateescape")
    told = [broken.what for broken in (await log.verdict()).broken]
    assert [one.split(" is not")[0] for one in told] == [f"line {n} of heads.jsonl" for n in range(2, 8)]


async def test_a_head_of_another_install_is_not_one_of_ours(log: Log, tmp_path: Path) -> None:
    await log.write(3)
    await log.verdict()
    theirs = log.settings
    log.settings = theirs.model_copy(update={"home": tmp_path / "other"})
    assert (await log.verdict()).broken == []
    told = (await verify(log.settings, [heads_path(theirs)])).broken
    assert [broken.what for broken in told] == [
        "line 1 of heads.jsonl is not a head of this log: signed by a key that this install never had"
    ]


ANYTHING: dict[type, st.SearchStrategy[Any]] = {
    int: st.integers(-5, 20),
    datetime: st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    uuid.UUID: st.uuids(),
    bytes: st.binary(max_size=40),
    str: st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    dict: st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=3),
        st.none() | st.booleans() | st.integers() | st.floats(-9, 9) | st.text("abä\\\"'", max_size=4),
        max_size=3,
    ),
}
TABLE = AuditEntry.__table__
COLUMNS = {column.name: column for column in TABLE.columns}
NEEDED = ("seq", "recorded_at", "action", "target_type", "previous", "hash")


def value_of(column: str) -> st.SearchStrategy[Any]:
    some = ANYTHING[dict if column in ("before", "after") else COLUMNS[column].type.python_type]
    return some if column in NEEDED else st.none() | some


@pytest.fixture(scope="module")
async def nine(settings: Settings) -> AsyncIterator[Log]:
    """A log of nine entries of three kinds that was proven."""
    engine = make_engine(settings.database_url, pool_size=2)
    log = Log(settings, engine)
    await log.write(3)
    await log.write(3, before={}, note="x", on_behalf_of=uuid.uuid4())
    with at_terminal("praxis", "praxis-operator"):
        await log.write(3, after=None, target_id=None)
    assert (await log.verdict()).broken == []
    yield log
    await engine.dispose()


@examples(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
async def test_whichever_field_of_whichever_entry_is_changed_it_is_found(nine: Log, data: st.DataObject) -> None:
    seq, column = data.draw(st.integers(1, 9)), data.draw(st.sampled_from(sorted(COLUMNS)))
    value = data.draw(value_of(column))
    assume(column != "seq" or not 1 <= value <= 9)
    place = value if column == "seq" else seq
    before = await field(nine, column, seq)
    async with nine.engine.begin() as connection:
        kept = (await connection.execute(select(TABLE).where(TABLE.c.seq == seq))).mappings().one()
        await connection.execute(text(UNGUARDED))
        await connection.execute(update(TABLE).where(TABLE.c.seq == seq).values({column: value}))
        for statement in GUARDED:
            await connection.execute(text(statement))
    found = (await nine.verdict()).broken
    is_same = await field(nine, column, place) == before
    async with nine.engine.begin() as connection:
        await connection.execute(text(UNGUARDED))
        await connection.execute(update(TABLE).where(TABLE.c.seq == place).values(**kept))
        for statement in GUARDED:
            await connection.execute(text(statement))
    assert bool(found) != is_same
    assert is_same or found[0].seq == (min(place, seq) if place < 1 else seq)


async def field(log: Log, column: str, seq: int) -> str | None:
    """As Postgres writes it: 1 and 1.0 are the same to Python, and two texts."""
    async with log.engine.connect() as connection:
        return await connection.scalar(text(f'select "{column}"::text from audit_entry where seq = {seq}'))
