"""The data team is told what needs somebody in the exchange with HR systems: once a problem."""

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.notifications.put import Draft, put
from api.people.service import hr_sources

MOMENT = select(text("now()"))
TEAM = text(
    """
    select distinct a.person_id from role_grant g join account a on a.id = g.account_id
    where g.role = 'hr_data' and a.is_active and a.person_id is not null
    and (g.valid_until is null or g.valid_until > now())
    """
)


async def notify_data_team(session: AsyncSession) -> int:
    """How many notices are new: in the app and by mail, to everybody with the role HR data."""
    team = list(await session.scalars(TEAM))
    now = (await session.execute(MOMENT)).scalar_one()
    return await put(
        session,
        [
            Draft(
                "hr_attention",
                person_id,
                f"{one.source} {problem.kind} {problem.subject}",
                now,
                {"source": one.source, "problem": problem.kind, "says": problem.says},
            )
            for one in await hr_sources(session)
            for problem in one.problems
            for person_id in team
        ],
    )
