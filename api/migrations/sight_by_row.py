"""Since migration 0034: whether the caller sees one person, and what changes when anything changes in who sees whom."""

LEADS = """
create function leads(top uuid, who uuid, today date) returns boolean language sql stable as $$
-- `who` is in led_by(top): asked upwards from one person, where led_by() goes down through everybody.
    with recursive up as (
        select w.manager_id as person_id from works_here(today) w where w.person_id = who
        union
        select v.manager_id
        from up join employment e on e.person_id = up.person_id
        join employment_version v on v.employment_id = e.id
        where v.superseded_at is null and v.valid_from <= today
        and ((v.valid_to is null or v.valid_to > today) or (
            v.valid_to = e.ended_on + 1 and not exists (select from works_here(today) w where w.person_id = e.person_id)
        ))
    )
    select (top <> who and exists (select from up where person_id = top)) or (
        exists (
            select from dotted_line d where d.person_id = who and d.manager_id = top and d.superseded_at is null
            and d.valid_from <= today and (d.valid_to is null or d.valid_to > today)
        ) and exists (select from works_here(today) w where w.person_id = who)
    )
$$;
"""

SEES = """
create function sees(who uuid) returns boolean language plpgsql stable security definer
set search_path = public, pg_temp as $$
-- `who` is in seen(), which computes everybody whom the caller sees: too much for a few rows of a large company.
declare
    me uuid := nullif(current_setting('praxis.person', true), '')::uuid;
    is_leader boolean := coalesce(nullif(current_setting('praxis.leads', true), '')::boolean, false);
    everyone boolean := coalesce(nullif(current_setting('praxis.everyone', true), '')::boolean, false);
    units uuid[] := coalesce(nullif(current_setting('praxis.units', true), '')::uuid[], '{}');
    today date := (now() at time zone 'UTC')::date;
begin
    return who = me
        or exists (
            select from works_here(today) w where w.person_id = who
            and (everyone or w.org_unit_id in (select u.org_unit_id from units_below(units) u))
        )
        or (is_leader and (leads(me, who, today) or exists (
            select from delegation d where d.delegate_id = me and who <> me
            and d.ended_at is null and d.valid_from <= now() and d.valid_until > now()
            and exists (select from works_here(today) w where w.person_id = d.delegator_id)
            and leads(d.delegator_id, who, today)
        )));
end $$;
"""

# A transaction's own row stands until a later one has taken it away, so no set of rows ever comes again. Nobody waits:
# rows that another transaction is taking away are left to it.
CHANGED = """
create function sight_changed() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    insert into sight_change (kind, xid) values (tg_argv[0], pg_current_xact_id()) on conflict do nothing;
    if found then
        delete from sight_change c using (
            select kind, xid from sight_change
            where kind = tg_argv[0] and xid < pg_snapshot_xmin(pg_current_snapshot()) for update skip locked
        ) ended where c.kind = ended.kind and c.xid = ended.xid;
    end if;
    return null;
end $$;
"""

STATE = """
create function sight_state(out people text, out caller text) language sql stable security definer
set search_path = public, pg_temp as $$
-- The same words as long as works_here() gives the same, and as long as seen() gives the same to this caller.
    select concat_ws(' ', (now() at time zone 'UTC')::date, (
            select string_agg(xid::text, ',' order by xid) from sight_change where kind = 'people'
        )),
        concat_ws('/', current_setting('praxis.person', true), current_setting('praxis.leads', true),
            current_setting('praxis.everyone', true), current_setting('praxis.units', true),
            (select string_agg(xid::text, ',' order by xid) from sight_change where kind = 'lines'),
            (select string_agg(d.id::text, ',' order by d.id) from delegation d
                where d.delegate_id = nullif(current_setting('praxis.person', true), '')::uuid
                and d.ended_at is null and d.valid_from <= now() and d.valid_until > now()))
$$;
"""

FUNCTIONS = (LEADS, SEES, CHANGED, STATE)
KIND_OF = {
    "person": "people",
    "employment": "people",
    "employment_version": "people",
    "org_unit": "people",
    "delegation": "lines",
    "dotted_line": "lines",
}
TRIGGERS = tuple(
    f"create trigger {name} after {what} on {table} for each statement execute function sight_changed('{kind}')"
    for table, kind in KIND_OF.items()
    for name, what in (("sight_changed", "insert or update or delete"), ("sight_changed_whole", "truncate"))
)

# The caller's own code says which of both ways is quicker; they let the same rows through.
EVENT_POLICY = """
alter policy seen on event using (
    case when (select current_setting('praxis.by_row', true)) = 'on' then sees(subject_id)
        else subject_id in (select s.person_id from seen() s) end
)
"""
EVENT_POLICY_BEFORE = "alter policy seen on event using (subject_id in (select s.person_id from seen() s))"

REMINDER_POLICY = (
    "create policy seen on reminder for select to praxis_reporting using (sees(person_id))",
    "alter table reminder enable row level security",
    "grant select on reminder to praxis_reporting",
    "revoke execute on function leads(uuid, uuid, date) from public",
)
