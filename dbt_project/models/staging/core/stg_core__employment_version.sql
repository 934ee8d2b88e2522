-- One row per employment and stretch of time in which nothing changed; corrected rows are left out.
select
    cast(id as varchar) as employment_version_id,
    cast(employment_id as varchar) as employment_id,
    cast(org_unit_id as varchar) as org_unit_id,
    cast(manager_id as varchar) as manager_id,
    job_title,
    location,
    country,
    valid_from,
    valid_to
from {{ source('core_db', 'employment_version') }}
where superseded_at is null
