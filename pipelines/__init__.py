"""Dagster: HR ingest, the lake and the dbt models."""
