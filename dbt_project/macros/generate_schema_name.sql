{# A model's schema is the one that dbt_project.yml names, without a prefix: `marts`, `staging`. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
