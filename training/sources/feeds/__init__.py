"""Feeds: RSS, Atom and JSON Feed, from a file or from the web."""
