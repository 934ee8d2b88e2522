"""Who sees whom, since migration 0004: one definition, asked by the API's queries and by Postgres' own row security."""

WORKS_HERE = """
create function works_here(today date) returns table (
    person_id uuid, employment_id uuid, manager_id uuid, org_unit_id uuid, job_title text, country text
) language sql stable as $$
-- One row per employment that is in force on the day.
    select e.person_id, e.id, v.manager_id, v.org_unit_id, v.job_title, v.country
    from employment_version v join employment e on e.id = v.employment_id
    where v.superseded_at is null and v.valid_from <= today and (v.valid_to is null or v.valid_to > today)
$$;
"""

PEOPLE_BELOW = """
create function people_below(top uuid, today date) returns table (person_id uuid, employment_id uuid, depth int)
language sql stable as $$
-- One row per person below `top` who works here on the day, by the shortest line; never `top` self, circles end.
-- A leaver's last manager link still carries those below to the managers above, so that nobody drops out of sight
-- when a manager leaves; a person who works here now hangs only on today's own link.
    with recursive link as not materialized (
        select e.person_id, v.manager_id, v.employment_id,
            (v.valid_from <= today and (v.valid_to is null or v.valid_to > today)) as is_current
        from employment_version v join employment e on e.id = v.employment_id
        where v.superseded_at is null
        and v.valid_from <= today
        and ((v.valid_to is null or v.valid_to > today) or (
            v.valid_to = e.ended_on + 1 and not exists (
                select from employment e2 join employment_version v2 on v2.employment_id = e2.id
                where e2.person_id = e.person_id and v2.superseded_at is null
                and v2.valid_from <= today and (v2.valid_to is null or v2.valid_to > today)
            )
        ))
    ),
    line (person_id, employment_id, is_current, depth) as (
        select person_id, employment_id, is_current, 1 from link where manager_id = top
        union all
        select l.person_id, l.employment_id, l.is_current, b.depth + 1
        from line b join link l on l.manager_id = b.person_id
    ) cycle person_id set is_cycle using path
    select distinct on (person_id) person_id, employment_id, depth from line
    where not is_cycle and is_current and person_id <> top
    order by person_id, depth, employment_id
$$;
"""

UNITS_BELOW = """
create function units_below(tops uuid[]) returns table (org_unit_id uuid) language sql stable as $$
-- The units themselves and all below them.
    with recursive below as (
        select id from org_unit where id = any(tops)
        union
        select u.id from below b join org_unit u on u.parent_id = b.id
    )
    select id from below
$$;
"""

LED_BY = """
create function led_by(manager uuid, today date) returns table (person_id uuid, employment_id uuid, depth int, via text)
language sql stable as $$
-- Below the manager in the hierarchy; and, by a dotted line, single persons without those below them.
    select b.person_id, b.employment_id, b.depth, 'team' from people_below(manager, today) b
    union all
    select w.person_id, w.employment_id, 1, 'dotted'
    from dotted_line d join works_here(today) w on w.person_id = d.person_id
    where d.manager_id = manager and d.superseded_at is null
    and d.valid_from <= today and (d.valid_to is null or d.valid_to > today)
$$;
"""

SIGHT = """
create function sight(me uuid, leads boolean, everyone boolean, units uuid[], today date) returns table (
    person_id uuid, employment_id uuid, depth int, via text, on_behalf_of uuid
) language sql stable as $$
-- Everybody whom an account may see on the day, a row for each reason: self, team, dotted, delegated, role.
-- A delegation shows what its manager sees as one, while that manager works here; it is never handed on.
    select me, null::uuid, null::int, 'self', null::uuid where me is not null
    union all
    select l.person_id, l.employment_id, l.depth, l.via, null from led_by(me, today) l where leads
    union all
    select l.person_id, l.employment_id, l.depth, 'delegated', d.delegator_id
    from delegation d cross join lateral led_by(d.delegator_id, today) l
    where leads and d.delegate_id = me and l.person_id <> me
    and d.ended_at is null and d.valid_from <= now() and d.valid_until > now()
    and exists (select from works_here(today) w where w.person_id = d.delegator_id)
    union all
    select w.person_id, w.employment_id, null, 'role', null
    from works_here(today) w
    where everyone or w.org_unit_id in (select u.org_unit_id from units_below(units) u)
$$;
"""

SEEN = """
create function seen() returns table (
    person_id uuid, employment_id uuid, depth int, via text, on_behalf_of uuid
) language sql stable security definer set search_path = public, pg_temp as $$
-- Of the caller whom this transaction works for (api/people/sight.py says who it is); nobody where it does not say.
    select * from sight(
        nullif(current_setting('praxis.person', true), '')::uuid,
        coalesce(nullif(current_setting('praxis.leads', true), '')::boolean, false),
        coalesce(nullif(current_setting('praxis.everyone', true), '')::boolean, false),
        coalesce(nullif(current_setting('praxis.units', true), '')::uuid[], '{}'),
        (now() at time zone 'UTC')::date
    )
$$;
"""

SEEN_PEOPLE = """
create function seen_people() returns table (
    person_id uuid, display_name text, email text, job_title text, org_unit_id uuid, org_unit_name text, country text,
    manager_id uuid, depth int, via text, on_behalf_of uuid
) language sql stable security definer set search_path = public, pg_temp as $$
-- The same, without the caller self, with what a list of people says of them today: the set is computed once, where a
-- join under the policies would compute it for each of its tables.
    select s.person_id, p.display_name, p.email, w.job_title, w.org_unit_id, u.name, w.country, w.manager_id,
        s.depth, s.via, s.on_behalf_of
    from seen() s
    join works_here((now() at time zone 'UTC')::date) w on w.employment_id = s.employment_id
    join person p on p.id = s.person_id
    join org_unit u on u.id = w.org_unit_id
$$;
"""

FUNCTIONS = (WORKS_HERE, PEOPLE_BELOW, UNITS_BELOW, LED_BY, SIGHT, SEEN, SEEN_PEOPLE)

REPORTING_ROLE = """
do $$
-- Roles belong to the whole server: another database of it may have made this one.
begin
    if not exists (select from pg_roles where rolname = 'praxis_reporting') then
        create role praxis_reporting nologin;
    end if;
    if not pg_has_role(current_user, 'praxis_reporting', 'SET') then
        execute format('grant praxis_reporting to %I', current_user);
    end if;
exception
    when duplicate_object or unique_violation then null;
    when insufficient_privilege then raise exception 'this database user may not make the role for reports'
        using hint = 'As administrator: create role praxis_reporting nologin; grant praxis_reporting to <this user>;';
end $$;
"""

PERSON_OF = {
    "person": "id",
    "employment": "person_id",
    "event": "subject_id",
}
"""The tables that reports read, and whose row each is."""

EMPLOYMENT_OF_VERSION = "employment_id in (select e.id from employment e)"
"""The inner select is under its own policy."""

POLICIES = (
    *(
        f"create policy seen on {table} for select to praxis_reporting"
        f" using ({column} in (select s.person_id from seen() s))"
        for table, column in PERSON_OF.items()
    ),
    f"create policy seen on employment_version for select to praxis_reporting using ({EMPLOYMENT_OF_VERSION})",
    *(f"alter table {table} enable row level security" for table in (*PERSON_OF, "employment_version")),
    "grant select on person, employment, employment_version, org_unit, event to praxis_reporting",
    *(
        f"revoke execute on function {name} from public"
        for name in ("sight(uuid, boolean, boolean, uuid[], date)", "led_by(uuid, date)", "people_below(uuid, date)")
    ),
)
