"""Folders of Markdown: Jekyll, Hugo, and folders without a generator."""
