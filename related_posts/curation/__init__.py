"""Curation: what people decide about lists, and which posts must not be seen any more.

Both are kept in the archive, written to one small file beside the versions, and
laid over whatever version answers.
"""
