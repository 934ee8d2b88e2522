"""How many take each course and how they rate it, told to the catalogue."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.jobs import Context, task
from api.courses.popularity import Popularity, keep_popularity

COUNT = text(
    """
    select course_id, coalesce(e.learners, 0)::int, coalesce(e.lately, 0)::int, coalesce(r.ratings, 0)::int,
        coalesce(r.stars, 0)::int
    from (
        select course_id, count(*) as learners,
            count(*) filter (where enrolled_at > now() - interval '90 days') as lately
        from enrollment where withdrawn_at is null group by course_id
    ) e
    full join (
        select course_id, count(*) as ratings, sum(stars) as stars from course_rating group by course_id
    ) r using (course_id)
    """
)


async def recount(session: AsyncSession) -> None:
    await keep_popularity(session, [Popularity(*row.tuple()) for row in await session.execute(COUNT)])


@task(name="count_popularity", cron="*/10 * * * *")
async def count_popularity(context: Context, **_: Any) -> None:
    """Not at each enrollment: many enroll in one course at once, and would wait for each other."""
    async with context.sessions.begin() as session:
        await recount(session)
