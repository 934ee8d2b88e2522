"""What Postgres does by itself since migration 0001: partitions of the event table, immutable published versions."""

EVENT_PARTITIONS = """
create function create_event_partitions(first_month date, last_month date) returns int language plpgsql as $$
-- Monthly partitions by the time in a UUIDv7 (its first 48 bits); returns how many were new.
declare
    m date := date_trunc('month', first_month);
    made int := 0;
begin
    while m <= last_month loop
        if to_regclass('event_' || to_char(m, 'YYYYMM')) is null then
            execute format(
                'create table %I partition of event for values from (%L) to (%L)',
                'event_' || to_char(m, 'YYYYMM'),
                uuid_of_moment(m::timestamp at time zone 'UTC'),
                uuid_of_moment((m + interval '1 month') at time zone 'UTC')
            );
            made := made + 1;
        end if;
        m := m + interval '1 month';
    end loop;
    return made;
end $$;
"""

UUID_OF_MOMENT = """
create function uuid_of_moment(moment timestamptz) returns uuid language sql immutable as $$
-- The smallest UUIDv7 of a moment.
    select rpad(lpad(to_hex((extract(epoch from moment) * 1000)::bigint), 12, '0'), 32, '0')::uuid
$$;
"""

PUBLISHED_PARTS_ARE_IMMUTABLE = """
create function refuse_change_of_published_part() returns trigger language plpgsql as $$
-- For module, question and choice: the version above decides; `old` and `new` are rows of three kinds.
declare
    part jsonb;
    version uuid;
begin
    foreach part in array array[to_jsonb(old), to_jsonb(new)] loop -- both: a part can't be moved out either
        version := case tg_table_name
            when 'module' then (part ->> 'version_id')::uuid
            when 'question' then (select version_id from module where id = (part ->> 'module_id')::uuid)
            else (select m.version_id from module m join question q on q.module_id = m.id
                  where q.id = (part ->> 'question_id')::uuid)
        end;
        if exists (select from course_version where id = version and published_at is not null) then
            raise exception 'course version % is published and immutable', version using errcode = 'restrict_violation';
        end if;
    end loop;
    return coalesce(new, old);
end $$;
"""

PUBLISHED_IS_IMMUTABLE = """
create function refuse_change_of_published() returns trigger language plpgsql as $$
begin
    if old.published_at is not null then
        raise exception 'course version % is published and immutable', old.id using errcode = 'restrict_violation';
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end $$;
"""
