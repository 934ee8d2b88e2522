"""A catalogue of 100,000 published courses, English and German, whose words are as unevenly common as in real texts."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from tests.factories import make_person

COURSES = 100_000
ENGLISH = (
    "safety security phishing privacy leadership negotiation compliance accounting welding logistics recruiting"
    " forklift ladders harness chemicals procurement forecasting budgeting storytelling onboarding auditing"
    " driving coaching passwords spreadsheets statistics marketing branding selling presenting listening planning"
    " inventory maintenance robotics hydraulics soldering packaging hygiene allergens nutrition pharmacology dosage"
)
GERMAN = (
    "Sicherheit Datenschutz Führung Verhandlung Buchhaltung Schweißen Logistik Einkauf Gabelstapler Leitern"
    " Gefahrstoffe Brandschutz Lüftung Wartung Hygiene Ernährung Planung Vertrieb Werbung Passwörter Tabellen Löten"
)
CATEGORIES = "Safety Security Leadership Finance Sales Production Logistics Health Technology Languages Office Law"

# power(random(), 3) is what makes words uneven: the first of a list is in some 7 % of the titles, the last in 0.3 %.
FILL = """
create temp table drawn on commit drop as
select uuidv7() as course_id, uuidv7() as version_id, n, n % 5 < 3 as is_english,
    pick.topic, pick.other, pick.place, pick.body, pick.category, pick.skill, pick.more, pick.minutes
from generate_series(1, :courses) n
cross join lateral (
    select words[1 + floor(power(random(), 2) * array_length(words, 1))::int] as topic,
        words[1 + floor(power(random(), 2) * array_length(words, 1))::int] as other,
        'site' || floor(power(random(), 3) * 900)::int as place,
        (
            select string_agg('word' || floor(power(random(), 3) * 30000)::int, ' ') from generate_series(1, 40 + n % 2)
        ) as body,
        categories[1 + floor(power(random(), 2) * array_length(categories, 1))::int] as category,
        'skill ' || floor(power(random(), 2) * 60)::int as skill,
        'skill ' || floor(power(random(), 2) * 300)::int as more,
        5 + floor(power(random(), 3) * 240)::int as minutes
    from (
        select case when n % 5 < 3 then string_to_array(:english, ' ') else string_to_array(:german, ' ') end as words,
            string_to_array(:categories, ' ') as categories
    ) given
) pick
"""
WRITE = (
    "alter table course disable trigger course_is_indexed",
    "insert into course (id, slug, owner_id) select course_id, 'course-' || n, :owner from drawn",
    """
    insert into course_version (id, course_id, number, title, summary, description, category, difficulty, language,
        duration_min, skills, published_at)
    select version_id, course_id, 1,
        case when is_english then initcap(topic) || ' and ' || other || ' at ' || place
            else topic || ' und ' || other || ' am ' || place end || ', ' || n,
        'What to know about ' || topic, body, category, (array['beginner', 'intermediate', 'advanced'])[1 + n % 3],
        case when is_english then 'en' else 'de' end, minutes, array[skill, more], now() - n * interval '1 minute'
    from drawn
    """,
    "update course c set current_version_id = d.version_id from drawn d where d.course_id = c.id",
    "alter table course enable trigger course_is_indexed",
    "select index_all_courses()",
    "update course_search s set learners = (random() * 500)::int, learners_lately = (random() * 50)::int,"
    " place = nth, rating_count = 1, rating = 1 + 4 * random(), rating_order = 3 + random()"
    " from (select course_id, row_number() over (order by random()) as nth from course_search) n"
    " where n.course_id = s.course_id",
)


async def fill(session: AsyncSession, courses: int = COURSES) -> None:
    """Past the services, in bulk: one after another they would take ten minutes."""
    owner = await make_person(session, "Owner")
    given = {"courses": courses, "english": ENGLISH, "german": GERMAN, "categories": CATEGORIES}
    await session.execute(text(FILL), given)
    for statement in WRITE:
        await session.execute(text(statement), {"owner": owner.id} if ":owner" in statement else {})
    await session.commit()
    await session.execute(text("analyze"))
    await session.commit()
