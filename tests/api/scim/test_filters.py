"""Filters in SQL find what scim2-models' own evaluation finds, and the common ones by an index."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as bounds
from hypothesis import strategies as st
from scim2_models import InvalidFilterException, ScimFilter, User
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import new_id
from api.scim.filters import SqlFilter
from api.scim.models import ScimResource
from api.scim.rules import ENTERPRISE, Company, folded, told_of

Person = User[Company]
WORDS = ["Ärger", "ärger", "STRASSE", "a", "A", "b%_\\", 'quo"te', "x@y.de", "İ", ""]
PLACES = [
    "userName", "externalId", "displayName", "title", "name.familyName", "name", "emails", "emails.value",
    "emails.type", "addresses.country", f"{ENTERPRISE}:department", f"{ENTERPRISE}:manager.value", "active", "nickName",
    "urn:ietf:params:scim:schemas:core:2.0:User:title",
]  # fmt: skip
OPERATORS = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]

word = st.sampled_from(WORDS)
mails = st.lists(
    st.fixed_dictionaries(
        {"value": st.sampled_from(["a@b.de", "A@b.de", "c@d.org"])},
        optional={"type": st.sampled_from(["work", "home"])},
    ),
    max_size=2,
)
people = st.fixed_dictionaries(
    {"userName": word.filter(bool)},
    optional={
        "externalId": word,
        "displayName": word,
        "title": word,
        "active": st.booleans(),
        "name": st.fixed_dictionaries({}, optional={"familyName": word}),
        "emails": mails,
        "addresses": st.lists(st.fixed_dictionaries({"country": word}), max_size=2),
        ENTERPRISE: st.fixed_dictionaries(
            {}, optional={"department": word, "manager": st.fixed_dictionaries({"value": word})}
        ),
    },
)
value = st.one_of(word.map(ScimFilter.quote), st.sampled_from(["true", "false", '"work"', '"a@b.de"']))
comparison = st.builds("{} {} {}".format, st.sampled_from(PLACES), st.sampled_from(OPERATORS), value)
term = st.one_of(
    comparison,
    st.sampled_from(PLACES).map("{} pr".format),
    st.builds("emails[type eq {} and value {} {}]".format, value, st.sampled_from(OPERATORS), value),
    st.builds("emails[not (type pr) or value co {}]".format, value),
)
filters = st.recursive(
    term,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        inner.map("not ({})".format),
    ),
    max_leaves=4,
)


async def found(session: AsyncSession, said: str) -> set[str]:
    bound = ScimFilter[Person](said)
    visitor = SqlFilter(bound)
    rows = await session.scalars(
        text(f"select id::text from scim_resource r where {visitor.visit(bound.ast)}"), visitor.parameters
    )
    return set(rows)


async def put(session: AsyncSession, said: dict[str, Any]) -> Any:
    person = Person.model_validate({"schemas": [str(User.__schema__), ENTERPRISE], **said})
    row = ScimResource(id=new_id(), kind="User", told=told_of(person), folded=folded(Person, told_of(person)))
    session.add(row)
    await session.flush()
    person.id = str(row.id)
    return person


@given(data=st.data())
@bounds(max_examples=150, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
async def test_a_filter_in_sql_finds_whom_the_reference_finds(session: AsyncSession, data: st.DataObject) -> None:
    told = data.draw(st.lists(people, min_size=1, max_size=4, unique_by=lambda one: one["userName"].lower()))
    said = data.draw(filters)
    try:
        reference = ScimFilter[Person](said)
    except InvalidFilterException:
        return
    async with session.begin_nested() as before:
        persons = [await put(session, one) for one in told]
        assert await found(session, said) == {one.id for one in persons if reference.match(one)}, said
        await before.rollback()


@pytest.mark.parametrize(
    ("said", "index"),
    [
        ('userName eq "USER7@example.com"', "folded"),
        ('externalId eq "e7"', "folded"),
        ('emails.value eq "user7@example.com"', "folded"),
        ('id eq "00000000-0000-7000-8000-000000000007"', "kind_id"),
    ],
)
async def test_a_look_up_walks_an_index(session: AsyncSession, said: str, index: str) -> None:
    many = """
        insert into scim_resource (id, kind, told, folded)
        select uuidv7(), 'User', '{}', jsonb_build_object('username', 'user' || n || '@example.com',
            'externalid', 'e' || n,
            'emails', jsonb_build_array(jsonb_build_object('value', 'user' || n || '@example.com')))
        from generate_series(1, 5000) n
    """
    await session.execute(text(many))
    await session.execute(text("analyze scim_resource"))
    bound = ScimFilter[Person](said)
    visitor = SqlFilter(bound)
    asked = f"explain select * from scim_resource r where r.kind = 'User' and {visitor.visit(bound.ast)}"
    plan = "\n".join(await session.scalars(text(asked), visitor.parameters))
    assert index in plan, plan
    assert "Seq Scan" not in plan
