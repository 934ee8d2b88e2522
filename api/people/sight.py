"""Who sees whom, at this moment: asked here by every report, and held by Postgres' row security behind it.

The definition is Postgres' function `seen()`; docs/who-sees-whom.md says it in words. Whoever may see a person now may
see their past too; nobody keeps the past of somebody who moved away.
"""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api.core.errors import Forbidden
from api.identity.rules import ROLES_OF_SCOPE, SCOPED, Principal
from api.people import queries
from api.people.rules import TeamMember

Whose = Literal["mine", "all"]
BY_ROLE = sorted(SCOPED & ROLES_OF_SCOPE["reports"])

ENTER = text(
    """
    select set_config('role', 'praxis_reporting', true), set_config('praxis.person', :person, true),
        set_config('praxis.leads', :leads, true), set_config('praxis.everyone', :everyone, true),
        set_config('praxis.units', :units, true)
    """
)

DELEGATORS = text(
    """
    select distinct on (p.display_name, p.id) p.id, p.display_name as name from delegation d
    join person p on p.id = d.delegator_id
    where d.delegate_id = :person and d.ended_at is null and d.valid_from <= now() and d.valid_until > now()
    and exists (select from works_here((now() at time zone 'UTC')::date) w where w.person_id = d.delegator_id)
    order by p.display_name, p.id
    """
)


class NobodyToSee(Forbidden):
    title = "Nobody is below you"


class NoDelegation(Forbidden):
    title = "You don't act for this manager"


@dataclass(frozen=True, slots=True)
class Choice:
    """Of those whom the caller may see: `mine` are those below and by dotted lines; one manager's, by delegation."""

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
    """Everybody whom the caller of `seeing` may see today, by name; NobodyToSee or NoDelegation where that is nobody."""
    parameters = {"whose": choice.whose, "on_behalf_of": choice.on_behalf_of, "direct_only": choice.direct_only}
    members = [TeamMember(**row._mapping) for row in await connection.execute(queries.SEEN, parameters)]
    if not members and choice.on_behalf_of:
        raise NoDelegation("They did not ask you to act for them, or that has ended, or nobody is below them.")
    if not members:
        raise NobodyToSee("No one reports to you today; if that is wrong, HR's data says so.")
    return members


async def delegators(reader: AsyncConnection, person_id: uuid.UUID) -> list[dict[str, object]]:
    """(id, name) of the managers for whom this person acts now."""
    return [dict(row) for row in (await reader.execute(DELEGATORS, {"person": person_id})).mappings()]
