"""Runs the whole platform on one machine: embedded Postgres, processes, doctor, and the `praxis` command."""
