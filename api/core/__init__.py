"""What every domain stands on: settings, the database, events, errors, objects and the lake."""
