"""Where a creator's files are shown: courses by their newest title, and question banks."""

import uuid
from collections.abc import Sequence

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

USES = text(
    """
    with asked as (
        select id from media_asset where id = any(:ids) and owner_id = :person
    ), shown as (
        select m.media_id as asset_id, v.course_id
        from module m join course_version v on v.id = m.version_id where m.media_id in (select id from asked)
        union
        select v.cover_id, v.course_id from course_version v where v.cover_id in (select id from asked)
        union
        select q.image_id, v.course_id
        from question q join module m on m.id = q.module_id join course_version v on v.id = m.version_id
        where q.image_id in (select id from asked)
    )
    select s.asset_id, c.id as course_id, newest.title
    from shown s
    join course c on c.id = s.course_id
    cross join lateral (
        select v.title from course_version v where v.course_id = c.id order by v.number desc limit 1
    ) newest
    where c.owner_id = :person
    or exists (select from course_author a where a.course_id = c.id and a.person_id = :person)
    order by newest.title, c.id
    """
)


async def media_uses(reader: AsyncConnection, person_id: uuid.UUID, ids: list[uuid.UUID]) -> Sequence[RowMapping]:
    """One row per file of this person and course that they write and that shows it in any version."""
    return (await reader.execute(USES, {"ids": ids, "person": person_id})).mappings().all()
