-- One row per unit of the organisation.
select
    cast(id as varchar) as org_unit_id,
    cast(parent_id as varchar) as parent_id,
    name as org_unit_name
from {{ source('core_db', 'org_unit') }}
