-- One row: the newest transaction that this build reads. All models of one build agree on it.
{{ config(materialized='table') }}

select xid - 1 as through_xid
from {{ source('lake', 'watermark') }}
where name = 'event'
