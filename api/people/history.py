"""What held of somebody on a day, and what was known of it at a moment: both axes of the versions."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, DateTime, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.core.errors import NotFound

# Start and end are those of the versions known then: the employment's own columns say what is known now.
VERSIONS = text(
    """
    select e.id, e.source, e.employee_number, v.started_on, v.ended_on, v.valid_from, v.valid_to, v.recorded_at,
        v.superseded_at, v.job_title, v.org_unit_id, u.name as org_unit_name, v.manager_id is not null as has_manager,
        m.id as manager_id, m.display_name as manager_name, v.location, v.country, v.cost_center
    from (
        select v.*, min(v.valid_from) over known as started_on,
            case when bool_or(v.valid_to is null) over known then null else max(v.valid_to) over known - 1 end
                as ended_on
        from employment_version v
        where v.recorded_at <= coalesce(:known_at, now())
        and (v.superseded_at is null or v.superseded_at > coalesce(:known_at, now()))
        and v.employment_id in (select id from employment where person_id = :person_id)
        window known as (partition by v.employment_id)
    ) v
    join employment e on e.id = v.employment_id
    join org_unit u on u.id = v.org_unit_id
    left join person m on m.id = v.manager_id
    where :valid_at is null or (v.valid_from <= :valid_at and (v.valid_to is null or v.valid_to > :valid_at))
    order by v.started_on, e.id, v.valid_from
    """
).bindparams(
    bindparam("person_id", type_=Uuid),
    bindparam("valid_at", type_=Date),
    bindparam("known_at", type_=DateTime(timezone=True)),
)
PERSON = text("select id, display_name as name from person where id = :person_id").bindparams(
    bindparam("person_id", type_=Uuid)
)


async def history_of(
    sight: AsyncConnection, person_id: uuid.UUID, *, valid_at: date | None = None, known_at: datetime | None = None
) -> dict[str, Any]:
    """Employments with their versions, of all time or of one day, as known now or at a moment.

    On the connection of `seeing`: who may not be seen is as unknown as nobody, and so is a manager.
    """
    person = (await sight.execute(PERSON, {"person_id": person_id})).mappings().one_or_none()
    if person is None:
        raise NotFound("There is no such person whom you may see.")
    asked = {"person_id": person_id, "valid_at": valid_at, "known_at": known_at}
    employments: dict[uuid.UUID, dict[str, Any]] = {}
    for row in (await sight.execute(VERSIONS, asked)).mappings():
        one = employments.setdefault(row["id"], {**row, "versions": []})
        unit = {"id": row["org_unit_id"], "name": row["org_unit_name"]}
        manager = row["manager_id"] and {"id": row["manager_id"], "name": row["manager_name"]}
        one["versions"].append({**row, "org_unit": unit, "manager": manager})
    return {
        "person": dict(person),
        "employments": list(employments.values()),
        "valid_at": valid_at,
        "known_at": known_at,
    }
