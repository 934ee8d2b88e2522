{# The day of the build in UTC; `--vars '{today: 2026-03-01}'` builds for another day. #}
{% macro today() -%}
    cast('{{ var("today", run_started_at.strftime("%Y-%m-%d")) }}' as date)
{%- endmacro %}
