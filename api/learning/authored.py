"""The studio's lists: an author's courses, and the versions of one, with how many learn in them."""

import uuid
from collections.abc import Sequence

from sqlalchemy import RowMapping, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.courses.authors import authored_course
from api.courses.publish_schemas import ReleaseOut
from api.courses.releases import release_out, release_states, versions
from api.courses.search_rules import Place, decode_cursor, encode_cursor
from api.learning.models import Enrollment
from api.people.models import Person

# The newest version is what its author sees; learners are counted once each, whatever their version.
AUTHORED = text(
    """
    select c.id, v.title, v.category, c.owner_id = :person_id as is_owner, v.cover_id, v.cover_alt, v.updated_at,
        v.published_at is null and c.current_version_id is not null as has_draft,
        case
            when c.archived_at is not null then 'archived'
            when v.publish_at is not null then 'scheduled'
            when c.current_version_id is not null then 'published'
            when exists (select from course_version o where o.course_id = c.id and o.published_at is not null)
                then 'unpublished'
            else 'draft'
        end as state,
        (select count(*) from enrollment e where e.course_id = c.id and e.withdrawn_at is null) as learner_count
    from course c
    join lateral (
        select * from course_version where course_id = c.id order by number desc limit 1
    ) v on true
    where (c.owner_id = :person_id or exists (
        select from course_author a where a.course_id = c.id and a.person_id = :person_id
    )) and (:search = '' or v.title ilike '%' || :search || '%')
    order by v.updated_at desc, c.id limit :limit offset :offset
    """
)


async def authored_courses(
    reader: AsyncConnection, *, person_id: uuid.UUID, search: str, limit: int, cursor: str | None
) -> tuple[Sequence[RowMapping], str | None]:
    """(one's own and co-written courses, newest change first; the cursor of the next page)"""
    place = decode_cursor(cursor)
    plain = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    asked = {"person_id": person_id, "search": plain, "limit": limit + 1, "offset": place.offset}
    rows = (await reader.execute(AUTHORED, asked)).mappings().all()
    following = encode_cursor(Place(place.offset + limit)) if len(rows) > limit else None
    return rows[:limit], following


async def releases_of(session: AsyncSession, *, course_id: uuid.UUID, author_id: uuid.UUID) -> list[ReleaseOut]:
    """The versions, newest first; who published one is not known where it was made before that was kept."""
    found = await versions(session, await authored_course(session, course_id, author_id))
    here = (Enrollment.course_id == course_id, Enrollment.withdrawn_at.is_(None))
    counted = select(Enrollment.version_id, func.count()).where(*here).group_by(Enrollment.version_id)
    learners = dict((await session.execute(counted)).tuples().all())
    actors = {version.id: (version.publishing or {}).get("actor_id") for version in found if version.published_at}
    people = select(Person.id, Person.display_name).where(
        Person.id.in_({uuid.UUID(one) for one in actors.values() if one})
    )
    names = {str(person_id): name for person_id, name in (await session.execute(people)).tuples()}
    told = zip(found, release_states(found), strict=True)
    return [
        release_out(version, state).model_copy(
            update={
                "published_by": names.get(actors.get(version.id) or ""),
                "learner_count": learners.get(version.id, 0),
            }
        )
        for version, state in told
    ]
