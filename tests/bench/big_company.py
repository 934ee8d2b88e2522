"""A company of any size, its units three deep, and its marts in the lake as a build would leave them."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core import lake
from api.core.settings import Settings

FAN = 7
"""Direct reports of a manager, and units below a unit."""
REQUIRED = 5

# Person n's manager is n / FAN, so the first one leads everybody and the eleventh a tenth of them.
PEOPLE = (
    """
    create temp table drawn as
    select n, uuidv7() as person_id, uuidv7() as employment_id, case when n = 0 then null else (n - 1) / :fan end as boss
    from generate_series(0, :people - 1) n
    """,
    "insert into org_unit (id, source, code, name) values (uuidv7(), 'bench', '0', 'Company')",
    """
    insert into org_unit (id, source, code, name, parent_id)
    select uuidv7(), 'bench', n::text, 'Division ' || n, (select id from org_unit where code = '0')
    from generate_series(1, :fan) n
    """,
    """
    insert into org_unit (id, source, code, name, parent_id)
    select uuidv7(), 'bench', u.code || '.' || n, 'Team ' || u.code || '.' || n, u.id
    from org_unit u, generate_series(1, 20) n where u.source = 'bench' and u.code <> '0'
    """,
    """
    insert into person (id, display_name, email)
    select person_id, (array['Ada','Bo','Cem','Dora','Eva','Finn','Gül','Hugo'])[1 + n % 8] || ' ' || md5(n::text),
        'p' || n || '@example.com' from drawn
    """,
    """
    insert into employment (id, person_id, source, employee_number, started_on)
    select employment_id, person_id, 'bench', 'B' || n, date '2020-01-01' + n % 2000 from drawn
    """,
    """
    insert into employment_version (id, employment_id, valid_from, job_title, org_unit_id, manager_id, country)
    select uuidv7(), d.employment_id, date '2020-01-01' + d.n % 2000, 'Analyst',
        u.id, b.person_id, (array['DE', 'PL', 'ES'])[1 + d.n % 3]
    from drawn d left join drawn b on b.n = d.boss
    join (select id, row_number() over (order by code) - 1 as at, count(*) over () as many
        from org_unit where source = 'bench' and code like '%.%') u on u.at = d.n % u.many
    """,
    "insert into account (id, email, person_id, is_active)"
    " select person_id, 'p' || n || '@example.com', person_id, true from drawn where n < 5000",
    "insert into role_grant (id, account_id, role) select uuidv7(), person_id, 'officer' from drawn where n = 1",
)


def below(boss: int, people: int) -> int:
    """How many are below this one."""
    first = last = boss
    count = 0
    while (first := FAN * first + 1) < people:
        last = min(FAN * last + FAN, people - 1)
        count += last - first + 1
    return count


def leader_of(size: int, people: int) -> int:
    """Who leads about so many, of those with an account."""
    return min(range(min(5000, people)), key=lambda boss: abs(below(boss, people) - size))


# Half of what is required is done, some of it by now no longer valid; of the rest half is begun.
MARTS = (
    "create schema if not exists lake.core",
    "create schema if not exists lake.marts",
    "create or replace table lake.core.watermark as select 'event' as name, {xid}::bigint as xid",
    """
    create or replace table lake.marts.dim_course as
    select uuid_of(c)::varchar as course_id, 'Course ' || c as title from range({required}) t (c)
    """,
    """
    create temp table owed as
    select p.id::varchar as person_id, e.started_on, v.org_unit_id::varchar as org_unit_id,
        v.manager_id::varchar as manager_id, p.display_name, u.name as org_unit_name, v.country, c,
        uuid_of(c)::varchar as course_id, 'Course ' || c as course_title,
        (hash(p.id, c) % 1000)::integer as dice, greatest(e.started_on, date '2026-01-01') as assigned_on
    from core.person p join core.employment e on e.person_id = p.id
    join core.employment_version v on v.employment_id = e.id join core.org_unit u on u.id = v.org_unit_id,
        range({required}) t (c)
    """,
    """
    create or replace table lake.marts.rpt_team_progress as
    select person_id, course_id, uuid()::varchar as enrollment_id, manager_id, display_name,
        org_unit_name, course_title, 'Safety' as category,
        case when dice < 500 then 100 else dice % 100 end as progress_percent,
        case when dice < 500 then 80 end as score_percent, assigned_on::timestamptz as enrolled_at,
        assigned_on + to_days(dice % 200) + interval 9 hour as last_activity_at,
        case when dice < 500 then last_activity_at end as completed_at,
        case when dice < 100 then last_activity_at + interval 90 day end as valid_until, {xid}::bigint as as_of_xid
    from owed where dice < 750
    """,
    """
    create or replace table lake.marts.rpt_compliance_by_person as
    select o.person_id, 'r' || c as requirement_id, o.course_id, t.enrollment_id, org_unit_id, o.manager_id,
        o.display_name, o.org_unit_name, country, o.course_title, coalesce(t.progress_percent, 0) as progress_percent,
        o.assigned_on, (o.assigned_on + to_days(60 + (c * 70)::integer))::date as due_on, t.completed_at, t.valid_until,
        {xid}::bigint as as_of_xid
    from owed o left join lake.marts.rpt_team_progress t using (person_id, course_id)
    """,
)


async def fill(session: AsyncSession, settings: Settings, people: int) -> None:
    """Past the services and dbt, in bulk: one after another they would take an hour."""
    for statement in PEOPLE:
        given = {"people": people, "fan": FAN}
        await session.execute(text(statement), {k: v for k, v in given.items() if f":{k}" in statement})
    await session.commit()
    await session.execute(text("analyze"))
    await session.commit()
    xid = (await session.execute(text("select pg_current_xact_id()::text::bigint"))).scalar_one()
    await session.commit()
    with lake.connect(settings) as duck:
        duck.execute(f"attach '{settings.database_url}' as core (type postgres, read_only)")
        duck.execute("create temp macro uuid_of(c) as ('00000000-0000-7000-8000-' || lpad(c::varchar, 12, '0'))::uuid")
        for statement in MARTS:
            duck.execute(statement.format(xid=xid, required=REQUIRED))
