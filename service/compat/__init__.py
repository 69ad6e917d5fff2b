"""Routes that answer as WordPress plugins do, so that a theme changes only the host."""
