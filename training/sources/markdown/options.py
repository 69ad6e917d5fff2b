"""What the user says about a folder of Markdown that its files do not."""

from __future__ import annotations

from dataclasses import dataclass

#: Names by which a generator is chosen.
GENERATORS = (
    *("astro", "eleventy", "gatsby", "hexo", "hugo", "jekyll", "pelican", "plain", "zola"),
)


@dataclass(frozen=True, slots=True)
class MarkdownOptions:
    """How a folder of Markdown is read.

    Attributes:
        generator: One of ``GENERATORS``, or empty to tell it by the folder.
        url_template: The posts' path with tokens (``/blog/{slug}/``), or empty for the
            generator's own rule; see ``url_template.expand``.
    """

    generator: str = ""
    url_template: str = ""


#: Nothing is said.
DEFAULT = MarkdownOptions()
