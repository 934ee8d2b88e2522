"""Numbers for people: one lake snapshot plus the tail of newer events."""
