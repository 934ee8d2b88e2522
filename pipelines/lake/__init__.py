"""Postgres to the lake: the exactly-once export of events, and the lake's upkeep."""
