-- One row per human being, whatever they were employed as.
select
    cast(id as varchar) as person_id,
    display_name,
    cast(email as varchar) as email
from {{ source('core_db', 'person') }}
