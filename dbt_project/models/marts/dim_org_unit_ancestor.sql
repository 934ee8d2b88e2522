-- One row per org unit and each unit above it, itself included: "this unit and everything below it" as a join.
with recursive units as (
    select * from {{ ref('stg_core__org_unit') }}
),

climb as (
    select
        org_unit_id,
        org_unit_id as ancestor_id,
        parent_id as next_id
    from units
    union
    select
        climb.org_unit_id,
        units.org_unit_id as ancestor_id,
        units.parent_id as next_id
    from climb
    inner join units on climb.next_id = units.org_unit_id
)

select distinct
    org_unit_id,
    ancestor_id
from climb
