"""Ghost: its JSON export and its Content API."""
