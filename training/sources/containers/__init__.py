"""Containers: folders, globs and archive files that hold exports."""
