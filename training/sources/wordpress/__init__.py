"""WordPress: its export file, its REST interface and its database."""
