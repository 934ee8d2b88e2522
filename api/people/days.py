"""A first day and a last day that were told ahead come without any further word from HR."""

from sqlalchemy.ext.asyncio import AsyncSession

from api.identity import service as identity
from api.people.roster_sql import ACCOUNTS

CHANGED_LATELY = """
select person_id from employment, (select (now() at time zone 'UTC')::date as today) d
where started_on between today - 7 and today or ended_on between today - 8 and today - 1
"""
"""Days that a machine may have been off; whoever was let in or shut out by hand longer ago stays so."""


async def follow_the_day(session: AsyncSession) -> dict[str, int]:
    """How many accounts it opened and closed; versions need nothing, as each is asked for a day."""
    return await identity.ensure_selected_accounts(session, ACCOUNTS.format(people=CHANGED_LATELY))
