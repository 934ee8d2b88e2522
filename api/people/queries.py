"""Reads of the hierarchy as it is on one day."""

from sqlalchemy import text

# A leaver's last manager link still carries those below to the managers above, so that nobody drops out of
# sight when a manager leaves; a person who works here now hangs only on today's own link.
TEAM = text(
    """
    with recursive link as not materialized (
        select e.person_id, v.manager_id, v.job_title, v.org_unit_id, v.country, v.employment_id,
            (v.valid_from <= :on and (v.valid_to is null or v.valid_to > :on)) as is_current
        from employment_version v join employment e on e.id = v.employment_id
        where v.superseded_at is null
        and v.valid_from <= :on
        and ((v.valid_to is null or v.valid_to > :on) or (
            v.valid_to = e.ended_on + 1 and not exists (
                select from employment e2 join employment_version v2 on v2.employment_id = e2.id
                where e2.person_id = e.person_id and v2.superseded_at is null
                and v2.valid_from <= :on and (v2.valid_to is null or v2.valid_to > :on)
            )
        ))
    ),
    team (person_id, manager_id, job_title, org_unit_id, country, is_current, depth) as (
        select person_id, manager_id, job_title, org_unit_id, country, is_current, 1
        from link where manager_id = :manager
        union all
        select l.person_id, l.manager_id, l.job_title, l.org_unit_id, l.country, l.is_current, t.depth + 1
        from team t join link l on l.manager_id = t.person_id
    ) cycle person_id set is_cycle using path,
    nearest as (
        select distinct on (person_id) * from team
        where not is_cycle and is_current and person_id <> :manager and (:depth = 0 or depth <= :depth)
        order by person_id, depth
    )
    select t.person_id, p.display_name, p.email, t.job_title, t.org_unit_id, u.name as org_unit_name,
        t.country, t.manager_id, t.depth
    from nearest t join person p on p.id = t.person_id join org_unit u on u.id = t.org_unit_id
    order by p.display_name, p.id
    """
)

PROFILE = text(
    """
    select p.id, p.display_name, p.email, v.job_title, u.name as org_unit_name
    from person p
    left join employment e on e.person_id = p.id
    left join employment_version v on v.employment_id = e.id and v.superseded_at is null
        and v.valid_from <= :on and (v.valid_to is null or v.valid_to > :on)
    left join org_unit u on u.id = v.org_unit_id
    where p.id = :person
    order by v.valid_from desc nulls last
    limit 1
    """
)
