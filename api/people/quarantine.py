"""Rows of a source that were kept out, or kept with a remark: there until the source mends them."""

from collections.abc import Iterable

import msgspec
from sqlalchemy import ARRAY, Boolean, Date, Text, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.people.models import HrImport
from api.people.rules import Refused, Roster

# A defect is the same as long as its row has it; the same row may have the same one twice (`nth`).
TAKE = text(
    """
    with told as (
        select t.*, coalesce(t.employee_number, md5(t.raw::text)) as row_key,
            row_number() over (partition by coalesce(t.employee_number, md5(t.raw::text)), t.reason, t.is_kept
                order by t.line) as nth
        from jsonb_to_recordset(cast(:lines as jsonb)) as t(
            file_name text, line int, reason text, is_kept boolean, raw jsonb, employee_number text)
    ),
    known as (
        select q.id, q.row_key, q.reason, q.is_kept,
            row_number() over (partition by q.row_key, q.reason, q.is_kept order by q.line, q.id) as nth
        from hr_quarantine q where q.source = :source and q.healed_at is null
    ),
    seen_again as (
        update hr_quarantine q set import_id = :import_id, file_name = t.file_name, line = t.line, raw = t.raw,
            last_seen_at = now()
        from known k join told t using (row_key, reason, is_kept, nth) where q.id = k.id
        returning q.id
    ),
    healed as (
        update hr_quarantine q set healed_at = now()
        from known k left join told t using (row_key, reason, is_kept, nth)
        where q.id = k.id and t.reason is null and (:is_whole or k.row_key = any(:mended))
        returning q.id
    )
    insert into hr_quarantine
        (id, import_id, source, file_name, line, row_key, employee_number, reason, is_kept, raw)
    select uuidv7(), :import_id, :source, t.file_name, t.line, t.row_key, t.employee_number, t.reason, t.is_kept, t.raw
    from told t left join known k using (row_key, reason, is_kept, nth) where k.id is null
    """
).bindparams(
    bindparam("import_id", type_=Uuid),
    bindparam("source", type_=Text),
    bindparam("is_whole", type_=Boolean),
    bindparam("mended", type_=ARRAY(Text)),
)

NEWER = text(
    "select exists (select from hr_import where source = :source and status = 'applied' and as_of > :as_of)"
).bindparams(bindparam("as_of", type_=Date))


async def take(session: AsyncSession, record: HrImport, roster: Roster) -> None:
    """What an applied roster says of its source's defects: new ones, the same ones, and those that it mended.

    A whole roster mends whatever it doesn't tell again, changes only the rows that they bring. One of an older day
    than what is applied knows nothing of today's.
    """
    if await session.scalar(NEWER, {"source": roster.source, "as_of": roster.as_of}):
        return
    values = {
        "lines": msgspec.json.encode(list(_lines(roster.refused)), enc_hook=str).decode(),
        "import_id": record.id,
        "source": roster.source,
        "is_whole": roster.is_whole,
        "mended": [] if roster.is_whole else [row.employee_number for row in roster.rows],
    }
    await session.execute(TAKE, values)


def _lines(refused: Iterable[Refused]) -> Iterable[dict[str, object]]:
    for line in refused:
        yield {name: getattr(line, name) for name in Refused.__dataclass_fields__}
