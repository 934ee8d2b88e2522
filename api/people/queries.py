"""Reads of the hierarchy as it is on one day. Who sees whom is defined in Postgres (migration 0004): see sight.py."""

from sqlalchemy import text

TEAM = text(
    """
    select s.person_id, p.display_name, p.email, w.job_title, w.org_unit_id, u.name as org_unit_name, w.country,
        w.manager_id, s.depth
    from people_below(:manager, :on) s
    join works_here(:on) w on w.employment_id = s.employment_id
    join person p on p.id = s.person_id join org_unit u on u.id = w.org_unit_id
    where :depth = 0 or s.depth <= :depth
    order by p.display_name, p.id
    """
)

# Several reasons to see one person: the closest counts.
SEEN = text(
    """
    select person_id, display_name, email, job_title, org_unit_id, org_unit_name, country, manager_id, depth, via
    from (
        select distinct on (person_id) * from seen_people()
        where (:whose = 'all' or via in ('team', 'dotted')) and (:whose <> 'dotted' or via = 'dotted')
        and (cast(:on_behalf_of as uuid) is null or on_behalf_of = :on_behalf_of)
        and (not :direct_only or depth = 1)
        order by person_id, array_position(array['team', 'dotted', 'delegated', 'role'], via), depth
    ) closest
    order by display_name, person_id
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

# As columns: a hundred thousand rows one by one take longer than everything else. Several reasons: the closest counts.
SEATS = text(
    """
    select coalesce(array_agg(employment_id::text), '{}') as employment_id, coalesce(array_agg(depth), '{}') as depth,
        coalesce(array_agg(via), '{}') as via
    from (
        select distinct on (person_id) employment_id, depth, via from seen()
        where employment_id is not null
        and (:whose = 'all' or via in ('team', 'dotted')) and (:whose <> 'dotted' or via = 'dotted')
        and (cast(:on_behalf_of as uuid) is null or on_behalf_of = :on_behalf_of)
        and (not :direct_only or depth = 1)
        order by person_id, array_position(array['team', 'dotted', 'delegated', 'role'], via), depth
    ) closest
    """
)

# Everybody, a row an employment, by name: `n` orders people wherever they are listed.
COMPANY = text(
    """
    select array_agg(employment_id::text order by n) as employment_id,
        array_agg(person_id::text order by n) as person_id,
        array_agg(display_name order by n) as display_name, array_agg(job_title order by n) as job_title,
        array_agg(org_unit_id::text order by n) as org_unit_id, array_agg(manager_id::text order by n) as manager_id
    from (
        select w.*, p.display_name, row_number() over (order by p.display_name, p.id, w.employment_id) as n
        from works_here((now() at time zone 'UTC')::date) w join person p on p.id = w.person_id
    ) seat
    """
)
UNITS = text("select id::text, name, parent_id::text from org_unit order by name, id")
