"""The marts of reports without a build: written straight into the lake, for tests and measurements of their readers."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from api.core import lake
from api.core.settings import Settings

COMPLIANCE = """
create or replace table lake.marts.rpt_compliance_by_person as
select person_id, uuid()::varchar as requirement_id, course_id, cast(null as varchar) as enrollment_id,
    cast(null as varchar) as org_unit_id, cast(null as varchar) as manager_id, '' as display_name, '' as org_unit_name,
    'DE' as country, course_title, progress_percent, assigned_on, due_on, completed_at,
    cast(null as timestamptz) as valid_until, 0 as as_of_xid
from obligations
"""
PROGRESS = """
create or replace table lake.marts.rpt_team_progress as
select person_id, course_id, uuid()::varchar as enrollment_id, cast(null as varchar) as manager_id,
    '' as display_name, '' as org_unit_name, course_title, '' as category, progress_percent,
    cast(null as integer) as score_percent, assigned_on::timestamptz as enrolled_at,
    assigned_on::timestamptz as last_activity_at, completed_at, cast(null as timestamptz) as valid_until, 0 as as_of_xid
from obligations
"""
COURSES = """
create or replace table lake.marts.dim_course as
select distinct course_id, course_title as title from obligations
"""


@contextmanager
def marts(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Make the table `obligations` in it: person_id, course_id (texts), course_title, progress_percent, assigned_on,
    due_on, completed_at; at the end they are the lake's.
    """
    with lake.connect(settings) as duck:
        yield duck
        duck.execute("create schema if not exists lake.marts")
        for statement in (COMPLIANCE, PROGRESS, COURSES):
            duck.execute(statement)
