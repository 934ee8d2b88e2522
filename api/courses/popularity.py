"""How many take a course and how they rate it, kept beside it in the catalogue so that sorting needs no counting."""

import uuid
from collections.abc import Sequence
from dataclasses import astuple, dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

LIKE_FIVE_MORE = 5
UNRATED = 3.5

RECOUNT = text(
    f"""
    with told as (
        select * from unnest(
            cast(:ids as uuid[]), cast(:learners as int[]), cast(:lately as int[]), cast(:ratings as int[]),
            cast(:stars as int[])
        ) as t (course_id, learners, lately, ratings, stars)
    ), company as (
        select coalesce(sum(stars)::real / nullif(sum(ratings), 0), {UNRATED}) as mean from told
    ), counted as (
        select s.course_id, coalesce(t.learners, 0) as learners, coalesce(t.lately, 0) as lately,
            row_number() over (order by t.lately desc nulls last, t.learners desc nulls last, s.title, s.course_id)
                as place,
            coalesce(t.ratings, 0) as ratings, (t.stars::real / nullif(t.ratings, 0))::real as mean,
            (
                (coalesce(t.stars, 0) + {LIKE_FIVE_MORE} * company.mean) / (coalesce(t.ratings, 0) + {LIKE_FIVE_MORE})
            )::real as rating_order
        from course_search s cross join company left join told t on t.course_id = s.course_id
    )
    update course_search s set learners = c.learners, learners_lately = c.lately, rating_count = c.ratings,
        rating = c.mean, rating_order = c.rating_order, place = c.place
    from counted c
    where c.course_id = s.course_id and (
        s.learners, s.learners_lately, s.rating_count, s.rating, s.rating_order, s.place
    ) is distinct from (c.learners, c.lately, c.ratings, c.mean, c.rating_order, c.place)
    """  # noqa: S608 (our own numbers)
)
FORGET = text("delete from catalogue_change where id < (select max(id) from catalogue_change) - 100")


@dataclass(frozen=True, slots=True)
class Popularity:
    """Of one course; `stars` are the sum of all."""

    course_id: uuid.UUID
    learners: int
    learners_lately: int
    ratings: int
    stars: int


async def keep_popularity(session: AsyncSession, counted: Sequence[Popularity]) -> None:
    """Of all courses: one that isn't named has neither learners nor ratings."""
    columns = zip(*map(astuple, counted), strict=True) if counted else [()] * 5
    names = ("ids", "learners", "lately", "ratings", "stars")
    await session.execute(RECOUNT, {name: list(column) for name, column in zip(names, columns, strict=True)})
    await session.execute(FORGET)
