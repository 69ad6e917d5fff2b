"""Commands that read a published version: ``serve``, ``related`` and ``export``."""
