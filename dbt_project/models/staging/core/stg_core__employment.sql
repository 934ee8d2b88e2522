-- One row per unbroken employment; a rehire is a second one.
select
    cast(id as varchar) as employment_id,
    cast(person_id as varchar) as person_id,
    employee_number,
    started_on,
    ended_on
from {{ source('core_db', 'employment') }}
