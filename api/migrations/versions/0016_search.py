"""What the catalogue is searched by: one row per published course, kept by triggers, so in the same transaction."""
# ruff: noqa: S608 (our own words)

import re

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"

LANGUAGES = {
    "ar": "arabic",
    "hy": "armenian",
    "eu": "basque",
    "ca": "catalan",
    "da": "danish",
    "nl": "dutch",
    "en": "english",
    "et": "estonian",
    "fi": "finnish",
    "fr": "french",
    "de": "german",
    "el": "greek",
    "hi": "hindi",
    "hu": "hungarian",
    "id": "indonesian",
    "ga": "irish",
    "it": "italian",
    "lt": "lithuanian",
    "ne": "nepali",
    "nb": "norwegian",
    "nn": "norwegian",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "es": "spanish",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}

STEMS = f"""
create function stems_of(language text) returns regconfig language sql stable parallel safe as $$
    select coalesce(
        (select c.oid::regconfig from pg_ts_config c
         where c.cfgnamespace = 'pg_catalog'::regnamespace and c.cfgname = case split_part(lower(language), '-', 1)
            {" ".join(f"when '{code}' then '{name}'" for code, name in LANGUAGES.items())} end),
        'pg_catalog.simple'::regconfig)
$$
"""
"""How words of this language are stemmed; of one that this Postgres has no stems of, not at all."""

DOCUMENT = """
create view course_document as
select c.id as course_id, v.id as version_id, v.number as version_number, c.slug, v.title, v.summary, v.category,
    v.difficulty, v.language, stems_of(v.language)::text as stems, v.duration_min, v.skills, v.cover_id, v.cover_alt,
    v.published_at, concat_ws(' ', v.title, array_to_string(v.skills, ' ')) as names,
    setweight(to_tsvector(stems_of(v.language), v.title), 'A')
    || setweight(to_tsvector(stems_of(v.language), concat_ws(' ', v.summary, array_to_string(v.skills, ' '))), 'B')
    || setweight(to_tsvector(stems_of(v.language), concat_ws(' ', left(v.description, 50000), m.titles)), 'C')
    -- Whole words too: who types 'securit' means 'security', whose stem is 'secur'.
    || setweight(to_tsvector('simple', v.title), 'A')
    || setweight(to_tsvector('simple', concat_ws(' ', v.summary, array_to_string(v.skills, ' '))), 'B')
    || setweight(to_tsvector('simple', coalesce(m.titles, '')), 'C')
    || coalesce(s.spoken, '') as search
from course c
join course_version v on v.id = c.current_version_id
cross join lateral (
    select string_agg(m.title, ' ' order by m.position) as titles from module m where m.version_id = v.id
) m
cross join lateral (
    select string_agg(strip(to_tsvector(stems_of(one.language), one.body))::text, ' ')::tsvector as spoken
    from (
        -- A tsvector has 1 MB: enough of each course's own language first.
        select t.language, left(t.body, 150000) as body from module m join media_caption_text t on t.asset_id = m.media_id
        where m.version_id = v.id
        order by split_part(t.language, '-', 1) <> split_part(v.language, '-', 1), m.position, t.language limit 6
    ) one
) s
where c.archived_at is null
"""

COLUMNS = (
    "course_id, version_id, version_number, slug, title, summary, category, difficulty, language, stems, duration_min,"
    " skills, cover_id, cover_alt, published_at, names, search"
)
INDEX_COURSE = f"""
create function index_course(wanted uuid) returns void language plpgsql as $$
begin
    delete from course_search s where s.course_id = wanted
        and not exists (
            select from course c where c.id = wanted and c.current_version_id is not null and c.archived_at is null
        );
    insert into course_search as s ({COLUMNS}) select {COLUMNS} from course_document where course_id = wanted
    on conflict (course_id) do update set
        ({COLUMNS.removeprefix("course_id, ")}) =
        row({", ".join(f"excluded.{name}" for name in COLUMNS.split(", ")[1:])});
end $$
"""

INDEX_ALL = f"""
create function index_all_courses() returns void language sql as $$
    delete from course_search;
    insert into course_search ({COLUMNS}) select {COLUMNS} from course_document;
$$
"""

TRIGGERS = """
create function index_changed_course() returns trigger language plpgsql as $$
begin
    perform index_course(new.id);
    return null;
end $$;
create trigger course_is_indexed after insert or update of current_version_id, archived_at, slug on course
    for each row execute function index_changed_course();
create function index_captioned_courses() returns trigger language plpgsql as $$
begin
    perform index_course(c.id) from course c
    where c.current_version_id in (
        select m.version_id from module m where m.media_id = coalesce(new.asset_id, old.asset_id)
    );
    return null;
end $$;
create trigger captioned_courses_are_indexed after insert or update or delete on media_caption_text
    for each row execute function index_captioned_courses();
"""

QUERY = """
create function catalogue_query(stems text[], words text, beginning text, without text) returns tsquery
language plpgsql stable as $$
declare
    wanted tsquery := '';
    unwanted tsquery := '';
    part tsquery;
    one regconfig;
begin
    foreach one in array stems::regconfig[] || 'pg_catalog.simple'::regconfig loop
        part := websearch_to_tsquery(one, words);
        if beginning <> '' then part := part && to_tsquery(one, quote_literal(beginning) || ':*'); end if;
        if numnode(part) > 0 and not wanted @> part then wanted := wanted || part; end if;
        part := websearch_to_tsquery(one, without);
        if numnode(part) > 0 then unwanted := unwanted || part; end if;
    end loop;
    return case when numnode(unwanted) > 0 and numnode(wanted) > 0 then wanted && !! unwanted else wanted end;
end $$
"""
"""All words, in the stems of any of these languages; `beginning` is a last word that somebody may still be typing."""

STAMPS = """
create function catalogue_changed() returns trigger language plpgsql as $$
begin
    insert into catalogue_change default values;
    return null;
end $$;
create trigger change_is_noted after insert or update or delete on course_search
    for each statement execute function catalogue_changed();
"""

READ_CAPTIONS = """
select procrastinate_defer_jobs_v1(array[row('light', 'read_captions', 0, null, null,
    jsonb_build_object('asset_id', id), null)::procrastinate_job_to_defer_v1])
from media_asset where jsonb_array_length(coalesce(detail -> 'captions', '[]')) > 0
"""
"""What captions say lies in the store of files, which a migration doesn't read."""


def upgrade() -> None:
    op.create_table(
        "media_caption_text",
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["media_asset.id"], ondelete="CASCADE", name=op.f("fk_media_caption_text_asset_id")
        ),
        sa.PrimaryKeyConstraint("asset_id", "language", name=op.f("pk_media_caption_text")),
    )
    op.create_table(
        "course_search",
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("slug", "title", "summary", "category", "difficulty", "language", "stems")
        ),
        sa.Column("duration_min", sa.Integer(), nullable=False),
        sa.Column("skills", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("cover_id", sa.Uuid()),
        sa.Column("cover_alt", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.Column("names", sa.Text(), nullable=False),
        sa.Column("search", postgresql.TSVECTOR(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), server_default="0", nullable=False)
            for name in ("learners", "learners_lately", "rating_count")
        ),
        sa.Column("place", sa.Integer(), server_default="1000000000", nullable=False),
        sa.Column("rating", sa.REAL()),
        sa.Column("rating_order", sa.REAL(), server_default="3.5", nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], ondelete="CASCADE", name=op.f("fk_course_search_course_id")
        ),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_course_search")),
    )
    op.create_table(
        "catalogue_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_change")),
    )
    for name, columns in {
        "title": ["title", "course_id"],
        "category_title": ["category", "title", "course_id"],
        "published_at": [sa.text("published_at desc"), "course_id"],
        "duration_min": ["duration_min", "title", "course_id"],
        "place": ["place", "title", "course_id"],
        "rating": [sa.text("rating_order desc"), "title", "course_id"],
    }.items():
        op.create_index(f"ix_course_search_{name}", "course_search", columns)
    op.create_index("ix_course_search_search", "course_search", ["search"], postgresql_using="gin")
    op.create_index("ix_course_search_skills", "course_search", ["skills"], postgresql_using="gin")
    op.create_index(
        "ix_course_search_names",
        "course_search",
        ["names"],
        postgresql_using="gin",
        postgresql_ops={"names": "gin_trgm_ops"},
    )
    op.execute(STEMS)
    op.execute(DOCUMENT)
    op.execute(INDEX_COURSE)
    for statement in re.split(r";\n+(?=create)", TRIGGERS + STAMPS):
        op.execute(statement)
    op.execute(INDEX_ALL)
    op.execute(QUERY)
    op.execute("select index_all_courses()")
    op.execute(READ_CAPTIONS)
