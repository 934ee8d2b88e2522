"""The statements that find what a roster says that is new: `seat`, `leaving` and `again` are what has to be done.

A roster of everybody repeats nearly all that is known, so the first statement leaves that behind. A batch is a number
of millions by what is urgent: 1 leavers, 3 who has another manager, 4 the rest; and then of :size rows each.
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
WORD = ", ".join(ROW_COLUMNS)

UNSTAGE = """
drop view if exists pg_temp.roster_word;
drop table if exists pg_temp.roster_row, pg_temp.roster_unit, pg_temp.roster_refused, pg_temp.seat, pg_temp.leaving,
    pg_temp.again
"""

STAGE = """
create temp table roster_row (
    employee_number text, display_name text, started_on date, job_title text, org_unit_code text, email text,
    ended_on date, manager_number text, location text, country text, cost_center text, valid_from date
);
create temp table roster_unit (code text, name text, parent_code text);
create temp table roster_refused (employee_number text);
create temp table seat (
    like roster_row, address citext,
    person_id uuid not null default uuidv7(), employment_id uuid not null default uuidv7(),
    way text not null default 'new', is_news boolean not null default true, said_on date,
    is_new_person boolean not null default true, is_new_employment boolean not null default true,
    is_leaving boolean not null default false, is_moving boolean not null default false, batch int not null
);
create temp table leaving (
    employee_number text, employment_id uuid, ended_on date, is_listed boolean, batch int not null
);
create temp table again (employee_number text primary key, batch int);
"""
"""`seat`: one row per number that the roster lists and that it says something new of; `way` is how that is done:
new, rehired, changed, or again (everything that was ever said of the number is replayed). `leaving`: whose employment
ends (`employment_id`), and who is only not listed any more. `again`: the numbers to replay, listed or not. `address`
is the e-mail address where it names one person.
"""

ORDER = "(cast(:as_of as date), cast(:said_at as timestamptz), cast(:import_id as uuid))"

# Whom another source alone tells of (`person.told_by`): of them a roster says nothing, whether it lists them or not.
TOLD_ELSEWHERE = [
    """
    insert into roster_refused (employee_number)
    select e.employee_number from person p join employment e on e.person_id = p.id and e.source = :source
    where p.told_by <> :source
    union select r.employee_number from person p join roster_row r on p.email = r.email::citext
    where p.told_by <> :source
    """,
    """
    delete from roster_row r using roster_refused t, person p
    where t.employee_number = r.employee_number and p.told_by <> :source and (p.email = r.email::citext or exists (
        select from employment e
        where e.person_id = p.id and e.source = :source and e.employee_number = r.employee_number
    ))
    """,
]
NOT_AGAIN = """
delete from again a using employment e, person p
where e.source = :source and e.employee_number = a.employee_number and p.id = e.person_id and p.told_by <> :source
"""

IS_NEWEST = f"""
select not exists (
    select from hr_import where source = :source and status in ('applied', 'applying') and id <> :import_id
    and (as_of, said_at, id) > {ORDER}
) as is_newest,
(select max(as_of) from hr_import where source = :source and is_whole and status = 'applied' and as_of < :as_of)
    as whole_before
"""

# What was said of each number before this roster; of a history, its first row.
WORD_NEWEST = """
create temp view roster_word as
select * from hr_observation where source = {source} and is_last and position = 0
"""
WORD_BEFORE = """
create temp view roster_word as
select distinct on (employee_number) * from hr_observation
where source = {source} and position = 0 and kind <> 'silent' and (as_of, said_at, import_id) < {order}
order by employee_number, as_of desc, said_at desc, import_id desc
"""

_R = ", ".join(f"r.{name}" for name in ROW_COLUMNS)
_SAME = " and ".join(f"w.{name} is not distinct from r.{name}" for name in ROW_COLUMNS if name != "valid_from")

NEWS = f"""
insert into seat ({WORD}, address, said_on, batch)
select {_R}, r.email, w.as_of, 4000000 + (row_number() over () - 1) / :size
from roster_row r left join roster_word w on w.employee_number = r.employee_number
where not :has_dated and (
    w.employee_number is null or w.import_id <> :import_id and not (
        :is_whole and w.kind = 'present' and w.valid_from is null and {_SAME}
    )
)
"""

# A history is compared as a whole, and always replayed.
NEWS_DATED = f"""
insert into seat ({WORD}, address, said_on, way, batch)
select distinct on (r.employee_number) {_R}, r.email, w.as_of, 'again', 4000000
from roster_row r left join roster_word w on w.employee_number = r.employee_number
where :has_dated and (
    w.employee_number is null or w.import_id <> :import_id and not (
        :is_whole and w.kind = 'present' and (
            select array_agg(({WORD})::text order by started_on, valid_from) from roster_row t
            where t.employee_number = r.employee_number
        ) = (
            select array_agg(({WORD})::text order by started_on, valid_from) from hr_observation o
            where o.source = :source and o.employee_number = r.employee_number and o.import_id = w.import_id
        )
    )
)
order by r.employee_number, r.started_on desc, r.valid_from desc nulls last
"""

# Somebody without an address whose address may be free by now.
NAMELESS = f"""
insert into seat ({WORD}, address, said_on, is_news, batch)
select {_R}, r.email, :as_of, false, 4000000
from person p join employment e on e.person_id = p.id and e.source = :source
join roster_row r on r.employee_number = e.employee_number
where p.email is null and r.email is not null and r.valid_from is null
and not exists (select from seat s where s.employee_number = r.employee_number)
and (select count(*) from roster_row o where o.email = r.email) = 1
and not exists (select from person o where o.email = r.email)
"""

EMPLOYED = """
select distinct on (e.employee_number) e.* from employment e join {whom} s on s.employee_number = e.employee_number
where e.source = :source
order by e.employee_number, (e.ended_on < e.started_on) is true, e.started_on desc
"""

RESOLVE = [
    "analyze seat",
    # An address that several people share names nobody: neither matched by it, nor given it.
    """
    update seat set address = null
    where address in (select address from seat where address is not null group by address having count(*) > 1)
    """,
    f"""
    update seat s set person_id = e.person_id, is_new_person = false,
        employment_id = case when e.ended_on < s.started_on then s.employment_id else e.id end,
        is_new_employment = coalesce(e.ended_on < s.started_on, false),
        is_leaving = :is_newest and s.ended_on is not null and e.ended_on is null,
        way = case
            when s.way = 'again' or e.ended_on < e.started_on or s.said_on = :as_of and s.is_news then 'again'
            when e.started_on = s.started_on and (e.ended_on is not distinct from s.ended_on or e.ended_on is null)
                then 'changed'
            when e.ended_on < s.started_on then 'rehired'
            else 'again' end
    from ({EMPLOYED.format(whom="seat")}) e
    where e.employee_number = s.employee_number
    """,
    # A new start beside an employment that is over is for the replay to tell, where the ends are.
    """
    update seat set is_new_employment = false where way = 'again' and not is_new_person
    """,
    """
    update seat s set way = 'again' where not :is_newest or exists (
        select from hr_observation o
        where o.source = :source and o.employee_number = s.employee_number and o.valid_from is not null
    )
    """,
    """
    update seat s set is_moving = true from roster_word w
    where w.employee_number = s.employee_number and w.kind = 'present'
    and w.manager_number is distinct from s.manager_number
    """,
]

# Who is not listed in a roster of everybody.
ABSENT = f"""
with absent as (
    select w.employee_number from roster_word w
    where :is_whole and w.kind = 'present' and w.import_id <> :import_id
    and not exists (select from roster_row r where r.employee_number = w.employee_number)
    and not exists (select from roster_refused r where r.employee_number = w.employee_number)
)
insert into leaving
select a.employee_number,
    case when :is_newest and e.ended_on is null and e.started_on <= :as_of then e.id end, :as_of - 1, false,
    1000000 + (row_number() over () - 1) / :size
from absent a left join ({EMPLOYED.format(whom="absent")}) e on e.employee_number = a.employee_number
"""
ENDING = [
    "update seat set batch = 1000000 where is_leaving",
    "update seat set batch = 3000000 where is_moving and not is_leaving",
    "insert into leaving select employee_number, employment_id, ended_on, true, batch from seat where is_leaving",
]

AGAIN = [
    "insert into again (employee_number) select employee_number from seat where way = 'again'",
    """
    insert into again (employee_number)
    select l.employee_number from leaving l
    where not :is_newest or l.employment_id is null and exists (
        select from employment e where e.source = :source and e.employee_number = l.employee_number
        and e.ended_on >= :as_of
    ) or exists (
        select from hr_observation o
        where o.source = :source and o.employee_number = l.employee_number and o.valid_from is not null
    )
    on conflict do nothing
    """,
    # Who named somebody as manager who is known only now.
    """
    insert into again (employee_number)
    select distinct o.employee_number from hr_observation o
    where o.source = :source
    and o.manager_number in (select employee_number from seat where is_new_person)
    on conflict do nothing
    """,
    # A day that was told ahead and has come since: this roster, though it repeats, says how it is now.
    """
    insert into again (employee_number)
    select o.employee_number from hr_observation o
    where o.source = :source and :is_whole and o.valid_from > :whole_before and o.valid_from <= :as_of
    union
    select e.employee_number from employment e
    join roster_word w on w.employee_number = e.employee_number and w.kind = 'absent'
    where e.source = :source and :is_whole and e.started_on > :whole_before and e.started_on <= :as_of
    and e.ended_on is null
    on conflict do nothing
    """,
    "update seat s set way = 'again' from again a where a.employee_number = s.employee_number and s.way = 'changed'",
]

BATCHES = [
    """
    update again a set batch = coalesce(
        (select l.batch from leaving l where l.employee_number = a.employee_number),
        (select s.batch from seat s where s.employee_number = a.employee_number), 4000000
    )
    """,
    "create index on seat (batch)",
    "analyze seat",
]
ALL_BATCHES = """
select batch from leaving union select batch from seat union select batch from again order by 1
"""
NEW_BATCHES = "select distinct batch from seat where is_new_person or is_new_employment order by 1"
