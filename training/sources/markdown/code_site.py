"""What sites have in common whose addresses are in their code: Astro and Gatsby."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from training.sources import front_values
from training.sources.dates import read_date
from training.sources.detect import MARKDOWN_SUFFIXES
from training.sources.markdown.frontmatter import Document
from training.sources.markdown.generators import Data, Generator, Placement, Skip, lowered, path_of
from training.sources.markdown.permalinks import encoded_path
from training.sources.markdown.plain_folder import DATED_NAME
from training.sources.markdown.url_template import expand

#: Collections whose texts are posts even without a date.
_BLOGS = frozenset(
    {"blog", "blogs", "post", "posts", "article", "articles", "writing", "journal", "news"}
)


@dataclass(frozen=True, slots=True)
class Located:
    """Where a text lies.

    Attributes:
        collection: The folder of the collection, or empty for a page by its path.
        parts: Folders below it and the name without suffix and language.
        language: What the path says, or empty.
    """

    collection: str
    parts: tuple[str, ...]
    language: str = ""


class CodeSite(Generator):
    """A site whose addresses are made in code, so that a template has to say them."""

    #: The template of posts of collections where the user gives none.
    template: str = "/{lang}/{collection}/{slug}/"
    _given: str = ""
    _default_language: str = ""

    def locate(self, file: PurePosixPath) -> Located | None:
        """Where a text lies, or None for one that is part of nothing."""
        raise NotImplementedError

    def slug(self, parts: tuple[str, ...]) -> str:
        """The path of a text below its collection as the generator writes it."""
        return "/".join(parts)

    def texts(self, folder: PurePosixPath, names: list[str]) -> tuple[list[str], bool]:
        """Every Markdown file of the collections."""
        return [
            one for one in names if PurePosixPath(one).suffix.lower() in MARKDOWN_SUFFIXES
        ], True

    def role(self, file: PurePosixPath) -> tuple[bool, Skip]:
        """A text of a collection; one whose name begins with ``_`` is none."""
        located = self.locate(file)
        if located is None:
            return False, None
        return (False, "hidden") if any(one[:1] == "_" for one in located.parts) else (True, None)

    def complete(self, file: PurePosixPath, document: Document) -> Data:
        """Front matter as it is."""
        return lowered(document.data)

    def place(self, file: PurePosixPath, data: Data, title: str, now: datetime) -> Placement:
        """The path by front matter, else by the template."""
        located = self.locate(file) or Located("", (file.stem,))
        parts = located.parts
        if len(parts) > 1 and parts[-1].lower() == "index":
            parts = parts[:-1]
        name = parts[-1]
        published = front_values.moment(data, front_values.DATE, self.zone)
        if (dated := DATED_NAME.fullmatch(name)) and published is None:
            published = read_date("the date in its name", dated[1], self.zone)
        hidden = front_values.hidden(data)
        if not hidden and published is not None and published > now:
            hidden = "scheduled"
        if not hidden and published is None and located.collection.lower() not in _BLOGS:
            hidden = "page"
        slug = front_values.text(data.get("slug")).strip("/")
        own_name = slug.rpartition("/")[2] or (dated[2] if dated and dated[2] else name)
        return Placement(
            path=path_of(
                hidden,
                lambda: self._path(located, parts, slug, own_name, data, published),
            ),
            slug=own_name,
            published=published,
            language=front_values.language(located.language),
            translation_group="/".join((located.collection, *parts)) if located.language else "",
            hidden=hidden,
        )

    def _path(
        self,
        located: Located,
        parts: tuple[str, ...],
        slug: str,
        name: str,
        data: Data,
        published: datetime | None,
    ) -> str:
        own = front_values.first_text(data, ("permalink", "path", "url"))
        if not own and front_values.text(data.get("slug")).startswith("/"):
            own = front_values.text(data.get("slug"))
        if own and "://" not in own and not (self._given and not data.get("permalink")):
            return encoded_path(own)
        if not located.collection:
            path = "/".join(parts) if parts != ("index",) else ""
            return encoded_path(f"/{path}/")
        categories = [
            *front_values.names(data.get("category")),
            *front_values.names(data.get("categories")),
        ]
        values = {
            "slug": slug or self.slug(parts),
            "name": name,
            "folder": "/".join(parts[:-1]),
            "collection": located.collection,
            "category": categories[0] if categories else "",
            "lang": located.language if located.language != self._default_language else "",
        }
        moment = published.astimezone(self.zone) if published else None
        return expand(self._given or self.template, values, moment)
