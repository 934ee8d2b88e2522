"""What a staged roster would do, asked before the first write: of `seat` and `leaving` beside what is known.

`:source` and `:as_of` are the roster's.
"""

NULLABLE = ("email", "location", "country", "cost_center")

_HERE = """
    select e.id as employment_id, e.person_id, e.employee_number, e.started_on, e.ended_on, v.job_title, v.manager_id,
        v.location, v.country, v.cost_center, u.code as unit, p.display_name, p.email
    from employment e
    join person p on p.id = e.person_id
    left join employment_version v on v.employment_id = e.id and v.superseded_at is null
        and v.valid_from <= :as_of and (v.valid_to is null or v.valid_to > :as_of)
    left join org_unit u on u.id = v.org_unit_id
    where e.source = :source and e.started_on <= :as_of and (e.ended_on is null or e.ended_on >= :as_of)
"""
"""Whom the source employs on the roster's day, as we know them."""


def _person_of(number: str) -> str:
    return f"""
        select e.person_id from employment e where e.source = :source and e.employee_number = {number}
        order by e.started_on desc limit 1
    """


_LEAVES = "(s.employee_number is null or (s.ended_on is not null and (h.ended_on is null or s.ended_on < h.ended_on)))"
_BEFORE = """jsonb_build_object(
    'display_name', h.display_name, 'email', h.email, 'job_title', h.job_title, 'org_unit', h.unit,
    'manager', case when m.differs then b.display_name || ' (' || bn.employee_number || ')' end,
    'location', h.location, 'country', h.country, 'cost_center', h.cost_center,
    'started_on', h.started_on, 'ended_on', h.ended_on
)"""
# An address that isn't told again stays; who leaves stays as they were until then.
_AFTER = f"""case when {_LEAVES} and h.employment_id is not null
    then {_BEFORE} || jsonb_build_object('ended_on', coalesce(s.ended_on, :as_of - 1))
    else jsonb_build_object(
        'display_name', s.display_name, 'email', coalesce(s.email, h.email), 'job_title', s.job_title,
        'org_unit', s.org_unit_code,
        'manager', case when m.differs then coalesce(
            (select t.display_name || ' (' || t.employee_number || ')' from seat t
                where t.employee_number = s.manager_number limit 1),
            (select p.display_name || ' (' || s.manager_number || ')' from person p where p.id = a.person_id)) end,
        'location', s.location, 'country', s.country, 'cost_center', s.cost_center,
        'started_on', s.started_on, 'ended_on', s.ended_on
    ) end"""


# Of what is new alone, so that a roster that repeats a million people costs nothing here.
WOULD = f"""
create temp table would on commit drop as
with compared as (
    select case
            when h.employment_id is null then
                case when k.person_id is null and x.id is null then 'joined' else 'rehired' end
            when {_LEAVES} then 'left' when s.started_on > h.started_on then 'rehired' else 'changed' end as kind,
        h.employment_id is not null and h.ended_on is null
            and ({_LEAVES} or s.started_on > h.started_on) as ends,
        n.employee_number, coalesce(h.person_id, k.person_id, x.id) as person_id,
        coalesce(s.display_name, h.display_name) as display_name,
        h.unit as old_unit, case when not {_LEAVES} then s.org_unit_code end as new_unit,
        h.manager_id is not null as had_manager, s.manager_number as new_manager,
        m.differs and not {_LEAVES} as has_another_manager,
        {", ".join(f"h.{name} is not null and s.{name} is null and not {_LEAVES} as no_{name}" for name in NULLABLE)},
        case when h.employment_id is null then '{{}}' else {_BEFORE} end as before, {_AFTER} as after
    from (select employee_number from seat union select employee_number from leaving) n
    left join seat s on s.employee_number = n.employee_number
    left join ({_HERE}) h on h.employee_number = n.employee_number
    left join lateral ({_person_of("n.employee_number")}) k on h.employment_id is null
    left join lateral ({_person_of("s.manager_number")}) a on true
    left join person x on x.email = s.email::citext and h.employment_id is null and k.person_id is null
        and exists (select from employment e where e.person_id = x.id and e.source = :source)
    left join person b on b.id = h.manager_id
    left join lateral (
        select e.employee_number from employment e where e.person_id = h.manager_id and e.source = :source
        order by e.started_on desc limit 1
    ) bn on true
    cross join lateral (
        select case when s.manager_number is null then h.manager_id is not null
            when a.person_id is not null then h.manager_id is distinct from a.person_id
            else exists (select from seat t where t.employee_number = s.manager_number) end as differs
    ) m
    where h.employment_id is not null
    or s.employee_number is not null and (k.person_id is null or s.ended_on is null or s.ended_on >= :as_of)
)
select c.*, kind = 'changed' and before = after as is_same from compared c
"""
"""One row per person of whom the roster says something new; `is_same` where it changes nothing that is kept."""

FOUND = f"""
select count(*) filter (where ends) as ends,
    count(*) filter (where old_unit is not null and old_unit is distinct from new_unit) as moved,
    {", ".join(f"count(*) filter (where no_{name}) as {name}" for name in NULLABLE)}
from would
"""

_GIVEN = ", ".join(f"count(h.{name}) filter (where :is_whole or r.is_listed) as {name}" for name in NULLABLE)
TOTALS = f"""
select h.unit, count(*) filter (where h.ended_on is null) as active, count(*) as people,
    count(h.manager_id) as managed, {_GIVEN}
from ({_HERE}) h
left join (select distinct employee_number, true as is_listed from roster_row where not :is_whole) r
    on r.employee_number = h.employee_number
group by h.unit
"""

UNITS = """
select u.code, u.name, p.code as parent from org_unit u left join org_unit p on p.id = u.parent_id
where u.source = :source
"""

MOVES = """
select old_unit, new_unit, count(*) as people from would
where old_unit is not null and old_unit is distinct from new_unit group by old_unit, new_unit
"""

ORPHANS = """
select count(*) from (
    select w.employee_number from would w left join would g on g.employee_number = w.new_manager and g.kind = 'left'
    where w.kind = 'changed' and w.had_manager and w.has_another_manager
    and (w.new_manager is null or g.kind is not null)
    union
    select e.employee_number from would g
    join employment_version v on v.manager_id = g.person_id and v.superseded_at is null
        and v.valid_from <= :as_of and (v.valid_to is null or v.valid_to > :as_of)
    join employment e on e.id = v.employment_id and e.source = :source and (e.ended_on is null or e.ended_on >= :as_of)
    where g.kind = 'left' and not exists (
        select from would w where w.employee_number = e.employee_number and (w.kind = 'left' or w.has_another_manager)
    )
) orphaned
"""

KEEP = """
insert into hr_diff (import_id, number, kind, employee_number, person_id, display_name, before, after)
select :import_id, row_number() over (order by array_position(
        array['left', 'changed', 'rehired', 'joined', 'refused'], told.kind), told.employee_number, told.line),
    told.kind, told.employee_number, told.person_id, told.display_name, told.before, told.after
from (
    select w.kind, w.employee_number, w.person_id, w.display_name, 0 as line,
        (select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(w.before)
            where w.kind <> 'changed' and value <> 'null' or w.after -> key is distinct from value) as before,
        (select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(w.after)
            where (w.kind in ('joined', 'rehired') and value <> 'null' or w.before -> key is distinct from value)
            and not (w.before = '{}' and value = 'null')) as after
    from would w where not w.is_same
    union all
    select 'refused', r.employee_number, null, r.name, r.line, r.raw, jsonb_build_object('reason', r.reason)
    from jsonb_to_recordset(cast(:refused as jsonb))
        as r(employee_number text, name text, line int, raw jsonb, reason text)
) told
"""

CHECKSUM = """
select encode(sha256(convert_to(coalesce(string_agg(
    md5(concat_ws('|', kind, employee_number, before, after)), '' order by number), ''), 'UTF8')), 'hex')
from hr_diff where import_id = :import_id
"""

KNOWN_CIRCLES = """
select distinct reason from hr_quarantine where source = :source and healed_at is null and reason like 'manager circle%'
"""
