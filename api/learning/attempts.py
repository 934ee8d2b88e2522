"""Quiz attempts: scored by the server, numbered in order, the same id once."""
