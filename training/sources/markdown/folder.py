"""A folder of Markdown: the site of a static site generator, or texts in folders."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from pathlib import Path, PurePosixPath

from related_posts.errors import PostError, SourceError
from related_posts.posts import Post
from training.sources import front_values
from training.sources.base import FileSource, Item, Problem, Progress, Skipped, no_progress
from training.sources.files import reason_of
from training.sources.markdown.cross_links import Targets, has_source_links
from training.sources.markdown.frontmatter import Document, FrontMatterError
from training.sources.markdown.generators import Data, Generator, Placement
from training.sources.markdown.options import DEFAULT, MarkdownOptions
from training.sources.markdown.render import render
from training.sources.markdown.texts import post_of, titled
from training.sources.markdown.which_generator import generator_of

#: Longest text read, in bytes; a longer one is no post.
MAX_FILE_BYTES = 16 << 20

_HTML_SUFFIXES = frozenset({".html", ".htm"})
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
        options: What the user says of the generator and of addresses.
    """

    complete = True
    name = "markdown"

    def __init__(
        self,
        path: Path,
        *,
        site: str | None = None,
        now: datetime,
        progress: Progress = no_progress,
        options: MarkdownOptions = DEFAULT,
    ) -> None:
        super().__init__(path, site=site, now=now, progress=progress)
        self._options = options

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

    def advice(self) -> list[str]:
        """That addresses are guessed, where no configuration says them."""
        if self.generator.is_configured or self._options.url_template:
            return []
        guessed = f"addresses are {self.generator.name}'s usual ones, for its configuration is not"
        return [f"{guessed} here; read the whole site, or say them with --url-template"]

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
        return generator_of(root, self._site, self._options)

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
        post_id: str | None = None
        try:
            document = self._document(content)
            if _is_plain_page(file, document):
                return None
            data, title, placement = self._placed(file, document)
            post_id = placement.path or None
            if placement.hidden:
                return Skipped(place, placement.hidden, post_id)
            html = self._html(file, document)
            return post_of(self.generator, file, data, title, placement, html)
        except FrontMatterError as error:
            return Problem(f"{place} line {error.line}", error.reason)
        except PostError as error:
            return Problem(place, error.reason, post_id)
        except RecursionError:
            return Problem(place, "it is nested too deeply", post_id)

    def _document(self, content: bytes) -> Document:
        """A text's front matter and body.

        Raises:
            FrontMatterError: It is not UTF-8, or its front matter is broken.
        """
        try:
            text = content.decode("utf-8-sig").translate(_CONTROL)
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise FrontMatterError("it is not UTF-8; save it as UTF-8", line) from error
        return self.generator.split(text)

    def _placed(self, file: PurePosixPath, document: Document) -> tuple[Data, str, Placement]:
        """A text's front matter, title and place.

        Raises:
            PostError: Its front matter does not fit.
        """
        data = self.generator.complete(file, document)
        title = front_values.plain(front_values.first_text(data, ("title", "linktitle")))
        return data, title, self.generator.place(file, data, title or titled(file.stem), self._now)

    def _html(self, file: PurePosixPath, document: Document) -> str:
        """A text's body without template code, its links leading to posts."""
        suffix = file.suffix.lower()
        body = document.body
        if "{" in body or "|" in body:
            body = self.generator.strip(body, file, lambda name: self._targets.address(file, name))
        html = body.strip() if suffix in _HTML_SUFFIXES else render(body, mdx=suffix == ".mdx")
        return self._targets.linked(html, file) if has_source_links(html) else html

    @cached_property
    def _targets(self) -> Targets:
        """Every post by its file; made when the first text links to one, for it reads all."""
        generator = self.generator
        posts: list[tuple[PurePosixPath, str]] = []
        for file in self._files():
            try:
                if not generator.role(file)[0] or (placement := self._placement(file)) is None:
                    continue
            except (PostError, RecursionError, UnicodeError):
                continue  # told when it is its turn
            if not placement.hidden:
                posts.append((file, f"{generator.base}{placement.path}"))
        return Targets(posts, generator.roots)

    def _placement(self, file: PurePosixPath) -> Placement | None:
        content = self._content(self.generator.site / file)
        if content is None or _is_plain_page(file, document := self._document(content)):
            return None
        return self._placed(file, document)[2]

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


def _is_plain_page(file: PurePosixPath, document: Document) -> bool:
    """Whether it is a web page that is part of the site as it is."""
    return file.suffix.lower() in _HTML_SUFFIXES and not document.has_front_matter


def _shown(file: PurePosixPath) -> str:
    """A path that can be printed."""
    return str(file).encode(errors="backslashreplace").decode()
