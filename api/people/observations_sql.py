"""What each source said of each number, kept where it is news; and from it, for a few numbers, their employments.

A late roster changes what follows it too: the next roster of everybody then says out loud what it had only repeated.
"""

from api.people.roster_stage_sql import ORDER, ROW_COLUMNS

_ROW = ROW_COLUMNS[1:]
_KEY = "source, employee_number, as_of, said_at, import_id, position, kind, is_last"
_COLUMNS = f"{_KEY}, {', '.join(_ROW)}"
_S = ", ".join(f"s.{name}" for name in _ROW)
_O = ", ".join(f"o.{name}" for name in _ROW)

SILENT = f"""
insert into hr_observation ({_KEY})
select distinct :source, employee_number, {ORDER[1:-1]}, 0, 'silent', false
from roster_refused where :is_whole on conflict do nothing
"""

NUMBERS = """
select employee_number from piece where is_news
union select employee_number from leaving where batch = :batch and not is_listed
"""

WORDS = [
    f"""
    update hr_observation o set is_last = false from ({NUMBERS}) n
    where o.source = :source and o.employee_number = n.employee_number and o.is_last
    """,
    f"""
    insert into hr_observation ({_COLUMNS})
    select :source, s.employee_number, {ORDER[1:-1]}, 0, 'present', true, {_S}
    from piece s where s.is_news and s.way <> 'again'
    """,
    f"""
    insert into hr_observation ({_COLUMNS})
    select :source, s.employee_number, {ORDER[1:-1]}, row_number() over (
        partition by s.employee_number order by s.started_on, s.valid_from nulls first
    ) - 1, 'present', true, {_S}
    from piece p join roster_row s on s.employee_number = p.employee_number
    where p.is_news and p.way = 'again'
    """,
    f"""
    insert into hr_observation ({_KEY})
    select :source, l.employee_number, {ORDER[1:-1]}, 0, 'absent', true
    from leaving l where l.batch = :batch and not l.is_listed
    """,
]

LATE = [
    f"""
    with next as (
        select n.employee_number, i.id, i.as_of, i.said_at
        from ({NUMBERS}) n cross join lateral (
            select i.* from hr_import i
            where i.source = :source and i.is_whole and i.status = 'applied' and (i.as_of, i.said_at, i.id) > {ORDER}
            and not exists (
                select from hr_observation o where o.source = :source and o.employee_number = n.employee_number
                and o.import_id = i.id and o.kind = 'silent'
            )
            order by i.as_of, i.said_at, i.id limit 1
        ) i
        where not exists (
            select from hr_observation o where o.source = :source and o.employee_number = n.employee_number
            and o.kind <> 'silent'
            and (o.as_of, o.said_at, o.import_id) > {ORDER}
            and (o.as_of, o.said_at, o.import_id) <= (i.as_of, i.said_at, i.id)
        )
    )
    insert into hr_observation ({_COLUMNS})
    select :source, n.employee_number, n.as_of, n.said_at, n.id, coalesce(o.position, 0),
        coalesce(o.kind, 'absent'), false, {_O}
    from next n
    left join roster_word w on w.employee_number = n.employee_number
    left join hr_observation o on o.source = :source and o.employee_number = n.employee_number
        and o.import_id = w.import_id and o.as_of = w.as_of
    """,
    f"""
    update hr_observation o set is_last = not o.is_last
    from (
        select distinct on (o.employee_number) o.employee_number, o.import_id
        from hr_observation o join ({NUMBERS}) n on n.employee_number = o.employee_number
        where o.source = :source and o.kind <> 'silent'
        order by o.employee_number, o.as_of desc, o.said_at desc, o.import_id desc
    ) l
    where o.source = :source and o.employee_number = l.employee_number and o.is_last <> (o.import_id = l.import_id)
    """,
]

TOLD = f"""
select o.employee_number, o.as_of, o.said_at, o.import_id, o.kind, i.is_whole, {_O}
from hr_observation o join hr_import i on i.id = o.import_id
where o.source = $1 and o.employee_number = any($2)
order by o.employee_number, o.as_of, o.said_at, o.import_id, o.position
"""
WHOLE = """
select as_of, said_at, id from hr_import
where source = $1 and is_whole and (status = 'applied' or id = $2) order by 1, 2, 3
"""
KNOWN = "select distinct employee_number from employment where source = $1 and employee_number = any($2)"

SPELLS = """
create temp table spell (
    employee_number text, place int, started_on date, ended_on date, employment_id uuid, is_new boolean
);
create temp table stretch (
    employee_number text, place int, valid_from date, valid_to date, job_title text, org_unit_code text,
    manager_number text, location text, country text, cost_center text
)
"""
UNSPELL = "drop table if exists pg_temp.spell, pg_temp.stretch"

_FREE = """
select e.id, e.employee_number, row_number() over (partition by e.employee_number order by e.started_on) as n
from employment e join again a on a.employee_number = e.employee_number and a.batch = :batch
where e.source = :source and not exists (select from spell s where s.employment_id = e.id)
"""
REPLAYED = [
    """
    update spell s set employment_id = e.id from employment e
    where e.source = :source and e.employee_number = s.employee_number and e.started_on = s.started_on
    """,
    # Another start is a correction of one that is there; one that nothing tells of never was.
    f"""
    update spell s set employment_id = f.id
    from ({_FREE}) f, (
        select employee_number, place, row_number() over (partition by employee_number order by started_on) as n
        from spell where employment_id is null
    ) o
    where f.employee_number = o.employee_number and f.n = o.n
    and s.employee_number = o.employee_number and s.place = o.place
    """,
    f"""
    update employment e set ended_on = e.started_on - 1 from ({_FREE}) f
    where f.id = e.id and (e.ended_on is null or e.ended_on >= e.started_on)
    """,
    """
    update employment e set started_on = s.started_on, ended_on = s.ended_on from spell s
    where s.employment_id = e.id and (e.started_on, e.ended_on) is distinct from (s.started_on, s.ended_on)
    """,
    "update spell set employment_id = uuidv7(), is_new = true where employment_id is null",
    """
    insert into employment (id, person_id, source, employee_number, started_on, ended_on)
    select s.employment_id, e.person_id, :source, s.employee_number, s.started_on, s.ended_on
    from spell s cross join lateral (
        select person_id from employment e where e.source = :source and e.employee_number = s.employee_number limit 1
    ) e
    where s.is_new
    """,
    """
    insert into touched
    select s.employment_id, e.person_id, s.employee_number, false, s.ended_on, false, true, false, null
    from spell s join employment e on e.id = s.employment_id where s.is_new
    """,
    """
    insert into desired
    select s.employment_id, t.valid_from, t.valid_to, t.job_title, u.id, m.person_id, t.location, t.country,
        t.cost_center
    from stretch t
    join spell s on s.employee_number = t.employee_number and s.place = t.place
    join org_unit u on u.source = :source and u.code = t.org_unit_code
    left join lateral (
        select e.person_id from employment e
        where e.source = :source and e.employee_number = t.manager_number limit 1
    ) m on true
    """,
]
