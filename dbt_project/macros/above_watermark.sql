{# Only the events that this model hasn't counted yet: a condition with a literal number, because DuckLake
   skips whole files by a literal and none by a subquery. The first build reads everything. #}
{% macro above_watermark(counted='as_of_xid') -%}
    {%- if is_incremental() -%}
        xid > {{ run_query("select coalesce(max(" ~ counted ~ "), 0) from " ~ this).columns[0].values()[0] }}
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
