"""What Postgres does by itself since migration 0008: sections are parts of a version too."""

PUBLISHED_PARTS_ARE_IMMUTABLE = """
create or replace function refuse_change_of_published_part() returns trigger language plpgsql as $$
-- For section, module, question and choice: the version above decides; `old` and `new` are rows of four kinds.
declare
    part jsonb;
    version uuid;
begin
    foreach part in array array[to_jsonb(old), to_jsonb(new)] loop -- both: a part can't be moved out either
        version := case
            when tg_table_name in ('section', 'module') then (part ->> 'version_id')::uuid
            when tg_table_name = 'question' then (select version_id from module where id = (part ->> 'module_id')::uuid)
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
