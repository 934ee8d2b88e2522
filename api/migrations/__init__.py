"""Alembic migrations: forward only, never edited once merged."""
