"""Who sees whom, at this moment: asked here by every report, and held by Postgres' row security behind it.

The definition is Postgres' function `seen()`; docs/who-sees-whom.md says it in words. Whoever may see a person now may
see their past too; nobody keeps the past of somebody who moved away.
"""

import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Row, Uuid, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api.core.errors import Forbidden
from api.identity.rules import ROLES_OF_SCOPE, SCOPED, Principal
from api.people import queries
from api.people.models import Person
from api.people.rules import TeamMember

Whose = Literal["mine", "dotted", "all"]
BY_ROLE = sorted(SCOPED & ROLES_OF_SCOPE["reports"])

ENTER = text(
    """
    select set_config('role', 'praxis_reporting', true), set_config('praxis.person', :person, true),
        set_config('praxis.leads', :leads, true), set_config('praxis.everyone', :everyone, true),
        set_config('praxis.units', :units, true)
    """
)

LED = text(
    """
    select (select count(distinct person_id) from led_by(:me, (now() at time zone 'UTC')::date)) as team_size,
        array(
            select p.id from delegation d join person p on p.id = d.delegator_id
            where d.delegate_id = :me and d.ended_at is null and d.valid_from <= now() and d.valid_until > now()
            and exists (select from works_here((now() at time zone 'UTC')::date) w where w.person_id = p.id)
            order by p.display_name, p.id
        ) as delegators
    """
).bindparams(bindparam("me", type_=Uuid))

DECIDES_FOR = """
    select distinct on (s.person_id) s.person_id, s.depth, s.via, s.on_behalf_of
    from sight(:me, :leads, :everyone, :units, (now() at time zone 'UTC')::date) s
    where s.person_id <> :me and s.via <> 'self' and (s.via <> 'role' or not exists (
        select from works_here((now() at time zone 'UTC')::date) w
        join works_here((now() at time zone 'UTC')::date) m on m.person_id = w.manager_id
        where w.person_id = s.person_id
    ))
    order by s.person_id, s.depth nulls last
"""
"""For whom somebody says yes or no: those whom they lead, or lead for somebody else; officers for those whom nobody
leads. A row a person, by the shortest line; it is a subquery for statements with the values of `decider`.
"""


def decider(who: Principal) -> dict[str, Any]:
    reach = who.reach("officer")
    leads = "manager" in who.roles
    return {"me": who.person_id, "leads": leads, "everyone": reach.everyone, "units": list(reach.org_units)}


class NobodyToSee(Forbidden):
    title = "Nobody is below you"


class NoDelegation(Forbidden):
    title = "You don't act for this manager"


@dataclass(frozen=True, slots=True)
class Choice:
    """Of those whom the caller may see: `mine` are those below and by dotted lines, `dotted` the latter alone; one
    manager's, by delegation.
    """

    whose: Whose = "all"
    on_behalf_of: uuid.UUID | None = None
    direct_only: bool = False


@asynccontextmanager
async def seeing(engine: AsyncEngine, who: Principal) -> AsyncIterator[AsyncConnection]:
    """A transaction that reads as `praxis_reporting`: Postgres itself shows it nobody whom this caller may not see."""
    reach = who.reach(*BY_ROLE)
    settings = {
        "person": str(who.person or ""),
        "leads": str("manager" in who.roles),
        "everyone": str(reach.everyone),
        "units": "{" + ",".join(str(unit) for unit in reach.org_units) + "}",
    }
    async with engine.connect() as connection:
        await connection.execution_options(postgresql_readonly=True)
        await connection.execute(ENTER, settings)
        yield connection


async def seen(connection: AsyncConnection, choice: Choice) -> list[TeamMember]:
    """Everybody whom the caller of `seeing` may see today, by name; an error where that is nobody."""
    members = [TeamMember(**row._mapping) for row in await connection.execute(queries.SEEN, asked(choice))]
    if not members:
        raise nobody(choice)
    return members


async def seen_in_parts(
    connection: AsyncConnection, choice: Choice, *, size: int = 10_000
) -> AsyncIterator[Sequence[Row[Any]]]:
    """The same in parts, for who can't hold everybody at once; rows have the names of a TeamMember."""
    is_empty = True
    async for part in (await connection.stream(queries.SEEN, asked(choice))).partitions(size):
        is_empty = False
        yield part
    if is_empty:
        raise nobody(choice)


def asked(choice: Choice) -> dict[str, Any]:
    """Parameters of the queries for people."""
    return {"whose": choice.whose, "on_behalf_of": choice.on_behalf_of, "direct_only": choice.direct_only}


def nobody(choice: Choice) -> Forbidden:
    """To say where a choice finds nobody."""
    if choice.on_behalf_of:
        return NoDelegation("They did not ask you to act for them, or that has ended, or nobody is below them.")
    return NobodyToSee("No one reports to you today; if that is wrong, HR's data says so.")


async def led(reader: AsyncConnection, who: Principal) -> dict[str, Any]:
    """`team_size`: how many the caller leads today; `acts_for`: the managers who delegated to them."""
    if who.person is None or "manager" not in who.roles:
        return {"team_size": 0, "acts_for": []}
    row = (await reader.execute(LED, {"me": who.person})).one()
    names = select(Person.id, Person.display_name.label("name")).where(Person.id.in_(row.delegators))
    found = (await reader.execute(names.order_by(Person.display_name, Person.id))).mappings() if row.delegators else ()
    return {"team_size": row.team_size, "acts_for": [dict(one) for one in found]}
