"""Blogger: both schemas of its export, and its public feed."""
