"""A folder of Markdown: a Jekyll site, a Hugo site, or texts in folders."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path, PurePosixPath

from related_posts.errors import PostError, SourceError
from related_posts.posts import Post
from related_posts.schema import post_from_json
from training.sources import front_values
from training.sources.base import FileSource, Item, Problem, Skipped
from training.sources.files import reason_of
from training.sources.markdown.frontmatter import Document, FrontMatterError, split
from training.sources.markdown.generators import Data, Generator, Placement
from training.sources.markdown.render import render
from training.sources.markdown.which_generator import generator_of

#: Longest text read, in bytes; a longer one is no post.
MAX_FILE_BYTES = 16 << 20

_HTML_SUFFIXES = frozenset({".html", ".htm"})
_FIRST_HEADING = re.compile(r"\s*<h1\b[^<>]*>(.{0,2000}?)</h1>", re.DOTALL)
# Control characters, which no text needs, without tab and line ends.
_CONTROL = {code: None for code in range(32) if chr(code) not in "\t\n\r"}


class MarkdownSource(FileSource):
    """A folder of Markdown and HTML files with front matter.

    The generator is told by the folder's configuration; it decides which files are
    posts, which are shown, and their addresses. A post's id is its path on the site,
    so it stays when the text changes and when the site moves.

    Args:
        path: The site's folder, or one in it that holds the texts.
        site: The blog's address; else the configuration's, else addresses are paths.
        now: The moment of this read; aware. What is dated later is not out yet.
        progress: Told the bytes of the texts read; how many there are is not known.
    """

    complete = True
    name = "markdown"

    def read(self) -> Iterator[Item]:
        """Every text as a post, a problem or something skipped, ordered by path.

        Symbolic links to folders are not followed, and those to files only within
        the given folder.

        Raises:
            SourceError: The folder cannot be listed, or its configuration not read.
        """
        first_file: dict[str, PurePosixPath] = {}
        done = 0
        for file in self._files():
            item, size = self._item(file)
            if isinstance(item, Post):
                earlier = first_file.setdefault(item.id, file)
                if earlier != file:
                    reason = f"its address is that of {earlier}, {item.id}; the first one stays"
                    item = Problem(str(file), reason, item.id)
            done += size
            self._progress(done, None)
            if item is not None:
                yield item

    @cached_property
    def generator(self) -> Generator:
        """The rules by which the folder's texts are posts.

        Raises:
            SourceError: The folder is missing or its configuration cannot be read.
        """
        try:
            root = self.path.resolve(strict=True)
        except (OSError, RuntimeError) as error:
            reason = reason_of(error) if isinstance(error, OSError) else "this cannot be resolved"
            raise SourceError(self.path, reason) from error
        if not root.is_dir():
            raise SourceError(self.path, "this is not a folder; name the one that holds the texts")
        return generator_of(root, self._site)

    def _files(self) -> Iterator[PurePosixPath]:
        """Files that may be posts, relative to the site, in order of their paths."""
        generator = self.generator
        root = self.path.resolve()

        def refuse(error: OSError) -> None:
            # A folder that cannot be listed would look like one whose posts were deleted.
            raise SourceError(error.filename or self.path, reason_of(error)) from error

        for folder, folders, names in os.walk(root, onerror=refuse):
            relative = PurePosixPath(Path(folder).relative_to(generator.site).as_posix())
            ignored = generator.ignored_folders if relative == PurePosixPath() else ()
            texts, goes_on = generator.texts(relative, names)
            folders[:] = sorted(
                one
                for one in folders
                if goes_on and one[0] != "." and one != "node_modules" and one not in ignored
            )
            for name in sorted(texts):
                if name[0] != ".":
                    yield relative / name

    def _item(self, file: PurePosixPath) -> tuple[Item | None, int]:
        """What a file is, or None, and how many bytes of it were read."""
        place = _shown(file)
        try:
            str(file).encode()
        except UnicodeEncodeError:
            return Problem(place, "its name is not UTF-8"), 0
        generator = self.generator
        is_text, reason = generator.role(file)
        if not is_text:
            return (Skipped(place, reason) if reason else None), 0
        try:
            content = self._content(generator.site / file)
        except PostError as error:
            return Problem(place, error.reason), 0
        if content is None:
            return Skipped(place, "link out of the folder"), 0
        return self._text_item(file, place, content), len(content)

    def _text_item(self, file: PurePosixPath, place: str, content: bytes) -> Item | None:
        try:
            text = content.decode("utf-8-sig").translate(_CONTROL)
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            return Problem(f"{place} line {line}", "it is not UTF-8; save it as UTF-8")
        try:
            document = split(text)
        except FrontMatterError as error:
            return Problem(f"{place} line {error.line}", error.reason)
        is_html = file.suffix.lower() in _HTML_SUFFIXES
        if is_html and not document.has_front_matter:
            # A web page that is part of the site as it is.
            return None
        generator = self.generator
        post_id: str | None = None
        try:
            data = generator.complete(file, document)
            title = front_values.plain(front_values.first_text(data, ("title", "linktitle")))
            placement = generator.place(file, data, title or _titled(file.stem), self._now)
            post_id = placement.path
            if placement.hidden:
                return Skipped(place, placement.hidden, post_id)
            return self._post(file, document, data, title, placement)
        except PostError as error:
            return Problem(place, error.reason, post_id)
        except RecursionError:
            return Problem(place, "it is nested too deeply", post_id)

    def _post(
        self, file: PurePosixPath, document: Document, data: Data, title: str, placement: Placement
    ) -> Post:
        generator = self.generator
        is_html = file.suffix.lower() in _HTML_SUFFIXES
        html = render(
            document.body,
            liquid=generator.liquid,
            hugo=generator.hugo,
            mdx=file.suffix.lower() == ".mdx",
            html=is_html,
        )
        url = f"{generator.base}{placement.path}"
        splits = generator.liquid
        language = front_values.first_text(data, ("lang", "language", "locale"))
        group = ("translation_key", "translationkey", "translation_id", "ref")
        return post_from_json(
            {
                "id": placement.path,
                "url": url,
                "title": title or _heading(html) or _titled(placement.slug),
                "html": html,
                "tags": _tags(data, splits_at_spaces=splits),
                "categories": [
                    *placement.categories,
                    *front_values.names(data.get("category")),
                    *front_values.names(data.get("categories"), splits_at_spaces=splits),
                ],
                "author": front_values.names(data.get("author") or data.get("authors")),
                "language": front_values.language(language)
                or placement.language
                or generator.language,
                "published": placement.published and placement.published.isoformat(),
                "updated": (moment := front_values.updated(data, generator.zone))
                and moment.isoformat(),
                "image": front_values.image(data, url, generator.base),
                "excerpt": front_values.plain(front_values.first_text(data, front_values.EXCERPT)),
                "slug": placement.slug,
                "aliases": front_values.aliases(data, url, generator.base),
                "translation_group": front_values.first_text(data, group)
                or placement.translation_group,
                "extra": {"file": file.as_posix()},
            }
        )

    def _content(self, path: Path) -> bytes | None:
        """The bytes of a text, or None for a link that leads out of the folder.

        Raises:
            PostError: It cannot be read, is no regular file or too long.
        """
        try:
            target = path.resolve(strict=True)
            if not target.is_relative_to(self.path.resolve()):
                return None
            status = target.stat()
            # A pipe would be waited for without end.
            if not stat.S_ISREG(status.st_mode):
                raise PostError("it is not a regular file")
            if status.st_size > MAX_FILE_BYTES:
                raise PostError(f"it is longer than {MAX_FILE_BYTES >> 20} MiB")
            return target.read_bytes()
        except OSError as error:
            raise PostError(reason_of(error)) from error
        except RuntimeError as error:
            raise PostError("it is a link to itself") from error


def _tags(data: Data, *, splits_at_spaces: bool) -> list[str]:
    own = [
        *front_values.names(data.get("tag")),
        *front_values.names(data.get("tags"), splits_at_spaces=splits_at_spaces),
    ]
    return own or front_values.names(data.get("topics"))


def _heading(html: str) -> str:
    """The heading a text begins with, or empty."""
    found = _FIRST_HEADING.match(html)
    return front_values.plain(re.sub(r"<[^<>]*>", "", found[1])) if found else ""


def _titled(slug: str) -> str:
    """A title made of a name: words for hyphens, the first letter large."""
    words = re.sub(r"^\d{4}-\d{1,2}-\d{1,2}-", "", slug).replace("-", " ").replace("_", " ")
    words = " ".join(words.split())
    return words[:1].upper() + words[1:]


def _shown(file: PurePosixPath) -> str:
    """A path that can be printed."""
    return str(file).encode(errors="backslashreplace").decode()
