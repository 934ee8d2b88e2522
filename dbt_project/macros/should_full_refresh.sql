{# Whether a model is built from all events again: asked for by --full-refresh, or because its columns are no longer
   those that its yml names (a test holds the yml to the model). So an install that is updated needs no step by hand. #}
{% macro should_full_refresh() -%}
    {%- set asked = config.get('full_refresh') -%}
    {%- if asked is none -%}
        {%- set asked = flags.FULL_REFRESH -%}
    {%- endif -%}
    {%- set before = load_cached_relation(this) -%}
    {%- if not asked and before is not none and model.config.materialized == 'incremental' -%}
        {%- set is_there = adapter.get_columns_in_relation(before) | map(attribute='name') | sort -%}
        {%- set asked = is_there != (model.columns.keys() | sort) -%}
    {%- endif -%}
    {{ return(asked) }}
{%- endmacro %}
