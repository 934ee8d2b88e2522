"""The statements that turn a roster into persons, employments and versions; `roster.py` runs them in order.

Set-based, because a first load has 100,000 people. `:source` and `:as_of` are the roster's. Closing or changing a
version supersedes its row and writes what is now known, so that "what did we know then" keeps its answer.
"""

ROW_COLUMNS = [
    "employee_number",
    "display_name",
    "started_on",
    "job_title",
    "org_unit_code",
    "email",
    "ended_on",
    "manager_number",
    "location",
    "country",
    "cost_center",
    "valid_from",
]

STAGE = """
create temp table roster_row (
    employee_number text, display_name text, started_on date, job_title text, org_unit_code text, email text,
    ended_on date, manager_number text, location text, country text, cost_center text, valid_from date
) on commit drop;
create temp table roster_unit (code text, name text, parent_code text) on commit drop;
create temp table roster_refused (employee_number text) on commit drop;
create temp table seat (
    like roster_row, person_id uuid, employment_id uuid, org_unit_id uuid, manager_id uuid,
    is_new_person boolean not null default false, is_new_employment boolean not null default false,
    is_changed boolean not null default false
) on commit drop;
alter table seat alter email type citext;
create temp table leaving (employment_id uuid, ended_on date) on commit drop;
"""

SEATS = """
insert into seat
select distinct on (employee_number) * from roster_row order by employee_number, valid_from desc nulls first
"""

LEAVERS = """
insert into leaving
select e.id, coalesce(s.ended_on, :as_of - 1)
from employment e
left join seat s on s.employee_number = e.employee_number
left join roster_refused r on r.employee_number = e.employee_number
where e.source = :source and e.ended_on is null and e.started_on <= :as_of and r.employee_number is null
and (s.employee_number is null or (s.started_on = e.started_on and s.ended_on is not null))
"""

UNITS = [
    """
    insert into org_unit (id, source, code, name) select uuidv7(), :source, code, name from roster_unit
    on conflict (source, code) do update set name = excluded.name where org_unit.name <> excluded.name
    """,
    """
    update org_unit u set parent_id = p.id
    from roster_unit r left join org_unit p on p.source = :source and p.code = r.parent_code
    where u.source = :source and u.code = r.code and u.parent_id is distinct from p.id
    """,
]

PERSONS = [
    # An address that several people share names nobody: neither matched by it, nor given it.
    """
    update seat set email = null
    where email in (select email from seat where email is not null group by email having count(*) > 1)
    """,
    """
    update seat s set person_id = e.person_id
    from (select distinct on (employee_number) employee_number, person_id from employment
          where source = :source order by employee_number, started_on desc) e
    where e.employee_number = s.employee_number
    """,
    # The same address under another number is the same human being, unless that one is employed here right now.
    """
    update seat s set person_id = p.id from person p
    where s.person_id is null and p.email = s.email
    and not exists (select from employment e where e.person_id = p.id and e.source = :source and e.ended_on is null)
    """,
    "update seat set person_id = uuidv7(), is_new_person = true where person_id is null",
    "update seat s set email = null from person p where p.email = s.email and p.id <> s.person_id",
    "insert into person (id, display_name, email) select person_id, display_name, email from seat where is_new_person",
    """
    update person p set display_name = s.display_name, email = coalesce(s.email, p.email)
    from seat s where p.id = s.person_id and not s.is_new_person
    and (p.display_name, p.email) is distinct from (s.display_name, coalesce(s.email, p.email))
    """,
]

EMPLOYMENTS = [
    """
    update seat s set employment_id = e.id from employment e
    where e.source = :source and e.employee_number = s.employee_number and e.started_on = s.started_on
    """,
    # An earlier start of somebody who never left is a correction, not a second employment.
    """
    with corrected as (
        update employment e set started_on = s.started_on from seat s
        where s.employment_id is null and e.source = :source and e.employee_number = s.employee_number
        and e.ended_on is null and e.started_on > s.started_on returning e.id, e.employee_number
    )
    update seat s set employment_id = c.id from corrected c where c.employee_number = s.employee_number
    """,
    # A later start while the old employment is open: the old one ended the day before.
    """
    insert into leaving select e.id, s.started_on - 1 from employment e
    join seat s on s.employee_number = e.employee_number
    where s.employment_id is null and e.source = :source and e.ended_on is null
    """,
    """
    update employment e set ended_on = null from seat s
    where e.id = s.employment_id and s.ended_on is null and e.ended_on is not null
    """,
    "update seat set employment_id = uuidv7(), is_new_employment = true where employment_id is null",
    """
    insert into employment (id, person_id, source, employee_number, started_on, ended_on)
    select employment_id, person_id, :source, employee_number, started_on, ended_on from seat where is_new_employment
    """,
]

LINKS = [
    "update seat s set org_unit_id = u.id from org_unit u where u.source = :source and u.code = s.org_unit_code",
    "update seat s set manager_id = m.person_id from seat m where m.employee_number = s.manager_number",
    """
    update seat s set manager_id = e.person_id
    from (select distinct on (employee_number) employee_number, person_id from employment
          where source = :source order by employee_number, started_on desc) e
    where s.manager_id is null and e.employee_number = s.manager_number
    """,
    # An unknown manager changes nothing for somebody who has one.
    """
    update seat s set manager_id = v.manager_id from employment_version v
    where s.manager_id is null and s.manager_number is not null
    and v.employment_id = s.employment_id and v.superseded_at is null and v.valid_to is null
    """,
]

ATTRIBUTES = "job_title, org_unit_id, manager_id, location, country, cost_center"
_S = ", ".join(f"s.{name}" for name in ATTRIBUTES.split(", "))
_V = ", ".join(f"v.{name}" for name in ATTRIBUTES.split(", "))
_D = ", ".join(f"d.{name}" for name in ATTRIBUTES.split(", "))

# What each employment should look like from now on: its whole history where the source tells it,
# else what is known already, changed from the roster's day on.
DESIRED = f"""
create temp table desired on commit drop as
with told as (
    select s.employment_id, r.valid_from,
        coalesce(lead(r.valid_from) over (partition by s.employment_id order by r.valid_from), s.ended_on + 1)
            as valid_to,
        r.job_title, u.id as org_unit_id, s.manager_id, r.location, r.country, r.cost_center
    from roster_row r
    join seat s on s.employee_number = r.employee_number and s.valid_from is not null
    join org_unit u on u.source = :source and u.code = r.org_unit_code
),
known as (
    select s.employment_id, v.valid_from, v.valid_to, {_V}, ({_V}) is not distinct from ({_S}) as is_same,
        row_number() over (partition by v.employment_id order by v.valid_from desc) = 1 as is_last
    from seat s
    join employment_version v on v.employment_id = s.employment_id and v.superseded_at is null
    where s.valid_from is null
),
kept as (
    select employment_id, valid_from, {ATTRIBUTES},
        case when is_last and valid_to is null and not is_same
            then greatest(valid_from, :as_of) else valid_to end as valid_to
    from known
),
fresh as (
    select s.employment_id, {_S}, s.ended_on + 1 as valid_to,
        case when k.employment_id is null then s.started_on when k.valid_to is null then greatest(k.valid_from, :as_of)
            else k.valid_to end as valid_from
    from seat s left join known k on k.employment_id = s.employment_id and k.is_last
    where s.valid_from is null
    and (k.employment_id is null or (k.valid_to is null and not k.is_same)
        or (k.valid_to is not null and s.ended_on is null))
)
select employment_id, valid_from, valid_to, {ATTRIBUTES} from told where valid_to is null or valid_to > valid_from
union all
select employment_id, valid_from, valid_to, {ATTRIBUTES} from kept where valid_to is null or valid_to > valid_from
union all
select employment_id, valid_from, valid_to, {ATTRIBUTES} from fresh where valid_to is null or valid_to > valid_from
"""

CLOSE_LEAVERS = [
    f"""
    insert into desired
    select v.employment_id, v.valid_from, v.valid_to, {_V} from leaving l
    join employment_version v on v.employment_id = l.employment_id and v.superseded_at is null
    where not exists (select from desired d where d.employment_id = l.employment_id)
    """,
    """
    delete from desired d using leaving l
    where d.employment_id = l.employment_id and d.valid_from > l.ended_on
    """,
    """
    update desired d set valid_to = l.ended_on + 1 from leaving l
    where d.employment_id = l.employment_id and (d.valid_to is null or d.valid_to > l.ended_on + 1)
    """,
    "update employment e set ended_on = l.ended_on from leaving l where e.id = l.employment_id",
]

_SAME = f"(d.valid_from, d.valid_to, {_D}) is not distinct from (v.valid_from, v.valid_to, {_V})"
VERSIONS = [
    f"""
    with outdated as (
        update employment_version v set superseded_at = now()
        where v.superseded_at is null and v.employment_id in (select employment_id from desired)
        and not exists (select from desired d where d.employment_id = v.employment_id and {_SAME})
        returning v.employment_id
    )
    update seat s set is_changed = true from outdated o where o.employment_id = s.employment_id
    """,
    f"""
    insert into employment_version (id, employment_id, valid_from, valid_to, {ATTRIBUTES})
    select uuidv7(), d.employment_id, d.valid_from, d.valid_to, {_D} from desired d
    where not exists (
        select from employment_version v where v.employment_id = d.employment_id and v.superseded_at is null and {_SAME}
    )
    """,
]

FACTS = """
select case when s.is_new_employment and s.is_new_person then 'people.person_joined'
        when s.is_new_employment then 'people.person_rehired' else 'people.person_changed' end as type,
    s.person_id as subject_id, cast(cast(:as_of as date) as timestamptz) as occurred_at,
    jsonb_build_object('employment_id', s.employment_id, 'source', cast(:source as text),
        'employee_number', s.employee_number, 'effective_on', cast(:as_of as date)) as payload
from seat s
where s.is_new_employment
or (s.is_changed and not exists (select from leaving l where l.employment_id = s.employment_id))
union all
select 'people.person_left', e.person_id, cast(cast(:as_of as date) as timestamptz),
    jsonb_build_object('employment_id', e.id, 'source', e.source,
        'employee_number', e.employee_number, 'effective_on', e.ended_on)
from leaving l join employment e on e.id = l.employment_id
"""

COUNTS = """
select count(*) filter (where is_new_employment and is_new_person) as joined,
    count(*) filter (where is_new_employment and not is_new_person) as rehired,
    count(*) filter (where is_changed and not is_new_employment and not is_left) as changed,
    (select count(*) from leaving) as "left",
    count(*) filter (where not is_new_employment and not is_changed and not is_left) as unchanged
from (select s.*, exists (select from leaving l where l.employment_id = s.employment_id) as is_left from seat s) s
"""

ACCOUNTS = """
select p.id, p.email::text, bool_or(e.ended_on is null or e.ended_on >= :as_of) as is_active
from person p join employment e on e.person_id = p.id
where p.email is not null and (
    p.id in (select person_id from seat where is_new_employment or email is not null)
    or e.id in (select employment_id from leaving)
)
group by p.id, p.email
"""
