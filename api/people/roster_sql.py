"""The statements that apply one batch of what is new: `piece` becomes persons, employments and versions.

`:source` and `:as_of` are the roster's. Closing or changing a version supersedes its row and writes what is now known,
so that "what did we know then" keeps its answer.
"""

ATTRIBUTES = "job_title, org_unit_id, manager_id, location, country, cost_center"
_S = ", ".join(f"s.{name}" for name in ATTRIBUTES.split(", "))
_V = ", ".join(f"v.{name}" for name in ATTRIBUTES.split(", "))
_D = ", ".join(f"d.{name}" for name in ATTRIBUTES.split(", "))
COLUMNS = "job_title text, org_unit_id uuid, manager_id uuid, location text, country text, cost_center text"

UNITS = [
    """
    insert into org_unit (id, source, code, name, parent_code, described_on, described_at)
    select uuidv7(), :source, code, name, parent_code, :as_of, :said_at from roster_unit
    on conflict (source, code) do update set name = excluded.name, parent_code = excluded.parent_code,
        described_on = excluded.described_on, described_at = excluded.described_at
    where (org_unit.described_on, org_unit.described_at) <= (excluded.described_on, excluded.described_at)
    or org_unit.described_on is null
    """,
    """
    update org_unit u set parent_id = p.id
    from org_unit c left join org_unit p on p.source = c.source and p.code = c.parent_code and p.id <> c.id
    where u.source = :source and c.id = u.id and u.parent_id is distinct from p.id
    """,
]

# The same address under another number is the same human being, unless that one is employed here right now.
SAME_HUMAN = """
update seat s set person_id = p.id, is_new_person = false from person p
where s.batch = :batch and s.is_new_person and p.email = s.address
and not exists (select from employment e where e.person_id = p.id and e.source = :source and e.ended_on is null)
"""
PEOPLE = [
    """
    update seat s set address = null from person p
    where s.batch = :batch and p.email = s.address and p.id <> s.person_id
    """,
    """
    insert into person (id, display_name, email)
    select person_id, display_name, address from seat where batch = :batch and is_new_person
    """,
    """
    insert into employment (id, person_id, source, employee_number, started_on, ended_on)
    select employment_id, person_id, :source, employee_number, started_on, ended_on
    from seat where batch = :batch and is_new_employment
    """,
]

# `piece` is what is listed; `touched` every employment of the batch as it was before. `is_known`: it had versions.
# `is_whole`: all of its versions will be in `desired`.
PIECE = [
    """
    create temp table piece as
    select s.*, u.id as org_unit_id, m.person_id as manager_id
    from seat s
    left join org_unit u on u.source = :source and u.code = s.org_unit_code
    left join (
        select n.manager_number, e.person_id
        from (select distinct manager_number from seat where batch = :batch) n
        cross join lateral (
            select e.person_id from employment e
            where e.source = :source and e.employee_number = n.manager_number limit 1
        ) e
    ) m on m.manager_number = s.manager_number
    where s.batch = :batch
    """,
    """
    create temp table touched as
    select p.employment_id, p.person_id, p.employee_number, p.is_new_person,
        case when p.is_leaving then null else p.ended_on end as was_until,
        not p.is_new_employment
            and exists (select from employment_version v where v.employment_id = p.employment_id) as is_known,
        p.is_leaving as is_whole, false as is_changed, null::date as changed_on
    from piece p where p.way <> 'again'
    union all
    select e.id, e.person_id, e.employee_number, coalesce(p.is_new_person, false), e.ended_on,
        exists (select from employment_version v where v.employment_id = e.id), true, false, null
    from again a join employment e on e.employee_number = a.employee_number and e.source = :source
    left join piece p on p.employee_number = a.employee_number
    where a.batch = :batch
    union all
    select e.id, e.person_id, e.employee_number, false, e.ended_on, true, true, false, null
    from leaving l join employment e on e.id = l.employment_id
    where l.batch = :batch and not l.is_listed
    and not exists (select from again a where a.employee_number = l.employee_number)
    """,
    f"create temp table desired (employment_id uuid, valid_from date, valid_to date, {COLUMNS})",
    "analyze piece, touched",
]
UNPIECE = "drop table if exists pg_temp.piece, pg_temp.touched, pg_temp.desired"

NAMES_NEWEST = """
update piece s set display_name = o.display_name, address = o.email from (
    select distinct on (o.employee_number) o.* from hr_observation o
    join piece p on p.employee_number = o.employee_number
    where o.source = :source and o.kind = 'present'
    order by o.employee_number, o.as_of desc, o.said_at desc, o.import_id desc, o.position desc
) o where o.employee_number = s.employee_number and not :is_newest
"""
NAMES = [
    # Who changed the address gives the old one free for somebody else.
    "update person p set email = null from piece s where p.id = s.person_id and p.email <> s.address",
    "update piece s set address = null from person p where p.email = s.address and p.id <> s.person_id",
    """
    update person p set display_name = s.display_name, email = coalesce(s.address, p.email) from piece s
    where p.id = s.person_id
    and (p.display_name, p.email) is distinct from (s.display_name, coalesce(s.address, p.email))
    """,
]

FIRST_VERSIONS = f"""
insert into employment_version (id, employment_id, valid_from, valid_to, {ATTRIBUTES})
select uuidv7(), s.employment_id, s.started_on, s.ended_on + 1, {_S}
from piece s join touched t on t.employment_id = s.employment_id
where s.way <> 'again' and not t.is_known and (s.ended_on is null or s.ended_on >= s.started_on)
"""

# What each employment should look like from now on, where something changes: what is known, other from today on.
DESIRED = [
    f"""
    insert into desired
    with now as (
        select s.employment_id, s.is_leaving, s.ended_on, s.job_title, s.org_unit_id, s.location, s.country,
            s.cost_center, v.id as version_id, greatest(v.valid_from, :as_of) as since,
            -- An unknown manager changes nothing for somebody who has one.
            case when s.manager_id is null and s.manager_number is not null then v.manager_id else s.manager_id end
                as manager_id
        from piece s
        join touched t on t.employment_id = s.employment_id and t.is_known
        join lateral (
            select v.* from employment_version v
            where v.employment_id = s.employment_id and v.superseded_at is null order by v.valid_from desc limit 1
        ) v on true
        where s.way = 'changed' and (s.is_leaving or v.valid_to is null)
    ),
    changed as (
        select s.*, ({_S}) is distinct from ({_V}) as is_other
        from now s join employment_version v on v.id = s.version_id
        where s.is_leaving or ({_S}) is distinct from ({_V})
    )
    select v.employment_id, v.valid_from,
        case when c.is_other and v.id = c.version_id then c.since else v.valid_to end as valid_to, {_V}
    from changed c join employment_version v on v.employment_id = c.employment_id and v.superseded_at is null
    union all
    select c.employment_id, c.since, null, {", ".join(f"c.{name}" for name in ATTRIBUTES.split(", "))}
    from changed c where c.is_other
    """,
    f"""
    insert into desired
    select v.employment_id, v.valid_from, v.valid_to, {_V}
    from leaving l join employment_version v on v.employment_id = l.employment_id and v.superseded_at is null
    where l.batch = :batch and not l.is_listed
    and not exists (select from again a where a.employee_number = l.employee_number)
    """,
    """
    update desired d set valid_to = l.ended_on + 1 from leaving l
    where l.batch = :batch and d.employment_id = l.employment_id
    and (d.valid_to is null or d.valid_to > l.ended_on + 1)
    """,
    "delete from desired where valid_to <= valid_from",
    """
    update employment e set ended_on = greatest(l.ended_on, e.started_on - 1) from leaving l
    where l.batch = :batch and e.id = l.employment_id
    and not exists (select from again a where a.employee_number = l.employee_number)
    """,
]

_SAME = f"(d.valid_from, d.valid_to, {_D}) is not distinct from (v.valid_from, v.valid_to, {_V})"
_ALIKE = f"(d.valid_from, {_D}) is not distinct from (v.valid_from, {_V})"
VERSIONS = [
    "update touched set is_whole = true where employment_id in (select employment_id from desired)",
    # The day from which it is otherwise: the first of what goes and what comes.
    f"""
    update touched t set changed_on = c.changed_on from (
        select employment_id, min(valid_from) as changed_on from (
            select v.employment_id, v.valid_from
            from touched t join employment_version v on v.employment_id = t.employment_id and v.superseded_at is null
            where t.is_whole
            and not exists (select from desired d where d.employment_id = v.employment_id and {_ALIKE})
            union all
            select d.employment_id, d.valid_from from desired d
            where not exists (
                select from employment_version v
                where v.employment_id = d.employment_id and v.superseded_at is null and {_ALIKE}
            )
        ) c group by employment_id
    ) c where c.employment_id = t.employment_id
    """,
    f"""
    with outdated as (
        update employment_version v set superseded_at = now() from touched t
        where t.is_whole and t.employment_id = v.employment_id and v.superseded_at is null
        and not exists (select from desired d where d.employment_id = v.employment_id and {_SAME})
        returning v.employment_id
    )
    update touched t set is_changed = true from outdated o where o.employment_id = t.employment_id
    """,
    f"""
    with fresh as (
        insert into employment_version (id, employment_id, valid_from, valid_to, {ATTRIBUTES})
        select uuidv7(), d.employment_id, d.valid_from, d.valid_to, {_D} from desired d
        where not exists (
            select from employment_version v
            where v.employment_id = d.employment_id and v.superseded_at is null and {_SAME}
        )
        returning employment_id
    )
    update touched t set is_changed = true from fresh f where f.employment_id = t.employment_id
    """,
]

# What became of each: it is new, it ends now, or it is otherwise.
BECAME = """
select t.*, e.started_on, e.ended_on, case
    when not t.is_known and not exists (
        select from employment_version v where v.employment_id = t.employment_id
    ) then null
    when not t.is_known and (t.is_new_person or not exists (
        select from employment o left join touched w on w.employment_id = o.id
        where o.person_id = t.person_id and o.id <> t.employment_id
        and (o.started_on < e.started_on or w.is_known is not false)
        and exists (select from employment_version v where v.employment_id = o.id)
    )) then 'joined'
    when not t.is_known then 'rehired'
    when t.was_until is null and e.ended_on is not null then 'left'
    when t.is_changed then 'changed' end as what
from touched t join employment e on e.id = t.employment_id
"""
FACTS = f"""
select 'people.person_' || b.what as type, b.person_id as subject_id,
    cast(cast(:as_of as date) as timestamptz) as occurred_at,
    jsonb_build_object('employment_id', b.employment_id, 'source', cast(:source as text),
        'employee_number', b.employee_number, 'effective_on', case b.what
            when 'left' then b.ended_on when 'changed' then coalesce(b.changed_on, :as_of) else b.started_on end
    ) as payload
from ({BECAME}) b where b.what is not null
"""
COUNTS = f"""
select count(*) filter (where what = 'joined') as joined, count(*) filter (where what = 'rehired') as rehired,
    count(*) filter (where what = 'changed') as changed, count(*) filter (where what = 'left') as "left",
    (select count(*) from piece) - count(distinct employee_number) filter (
        where what is not null and employee_number in (select employee_number from piece)
    ) as unchanged
from ({BECAME}) b
"""

# Nobody gets an account before the first day, and nobody keeps one after the last.
ACCOUNTS = """
select p.id as person_id, p.email, w.works_here as is_active
from (select distinct person_id from touched) t join person p on p.id = t.person_id
cross join lateral (
    select coalesce(bool_or(
        e.started_on <= current_day and (e.ended_on is null or e.ended_on >= current_day)
    ), false) as works_here
    from employment e, (select (now() at time zone 'UTC')::date as current_day) today where e.person_id = p.id
) w
where p.email is not null and (w.works_here or exists (select from account a where a.person_id = p.id))
"""
