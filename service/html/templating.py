"""The templates: ours, and the operator's in the data folder, which go first.

A template of the operator's that cannot be used breaks no blog: ours is taken instead, the
problem is logged once, and ``/readyz`` shows it.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    FileSystemLoader,
    FunctionLoader,
    TemplateSyntaxError,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

log = logging.getLogger(__name__)

#: Where the operator's templates are, in the data folder; within, ``related/list.html``.
FOLDER = "templates"
#: Largest template that is read.
MOST_BYTES = 1_000_000

#: Leads the names of the operator's files where Python keeps the names of files.
_THEIRS = f"{FOLDER}/"
_OURS = Path(__file__).parent / "templates"
_Mark = tuple[tuple[str, int, int], ...]


class _Theirs(NamedTuple):
    """The operator's templates as they were at one look."""

    mark: _Mark
    fingerprint: str
    environment: ImmutableSandboxedEnvironment | None
    problem: str | None


class Templates:
    """Renders fragments; for any number of threads.

    Args:
        data: The data folder.
    """

    def __init__(self, data: Path) -> None:
        self._folder = data / FOLDER
        self._ours = _environment(FileSystemLoader(_OURS))
        self._lock = threading.Lock()
        self._theirs = _Theirs((), "", None, None)

    @property
    def problem(self) -> str | None:
        """Why a template of the operator's is not in use, or None."""
        return self._look().problem

    @property
    def fingerprint(self) -> str:
        """Twelve digits of the operator's templates, for entity tags; empty for none."""
        return self._look().fingerprint

    def render(self, layout: str, context: Mapping[str, Any]) -> str:
        """The fragment of a layout, without empty lines."""
        theirs = self._look()
        if theirs.environment is not None:
            try:
                return _rendered(theirs.environment, layout, context)
            except Exception as mistake:
                self._failed(theirs, _told(mistake))
        return _rendered(self._ours, layout, context)

    def _look(self) -> _Theirs:
        """The templates as they are now, read anew where a file changed."""
        mark = self._mark()
        theirs = self._theirs
        if mark != theirs.mark:
            with self._lock:
                if mark != self._theirs.mark:
                    self._theirs = self._read(mark)
                theirs = self._theirs
        return theirs

    def _mark(self) -> _Mark:
        try:
            files = sorted((self._folder / "related").glob("*.html"))
            status = [(path.name, path.stat()) for path in files]
        except OSError:
            return ()
        return tuple((name, one.st_mtime_ns, one.st_size) for name, one in status)

    def _read(self, mark: _Mark) -> _Theirs:
        if not mark:
            return _Theirs(mark, "", None, None)
        digest, sources = hashlib.sha256(), {}
        try:
            for name, _, size in mark:
                if size > MOST_BYTES:
                    raise ValueError(f"{name} has more than {MOST_BYTES:,} bytes")
                content = (self._folder / "related" / name).read_bytes()
                digest.update(b"%b\0%d\0%b" % (name.encode(), len(content), content))
                sources[f"related/{name}"] = content.decode()
            theirs = FunctionLoader(lambda name: _source(name, sources))
            environment = _environment(ChoiceLoader([theirs, FileSystemLoader(_OURS)]))
            for name in sources:
                environment.get_template(name)
        except Exception as mistake:
            problem = f"templates in {FOLDER}/related are not used: {_told(mistake)}"
            log.error("%s", problem)
            return _Theirs(mark, "broken", None, problem)
        return _Theirs(mark, digest.hexdigest()[:12], environment, None)

    def _failed(self, theirs: _Theirs, reason: str) -> None:
        """Use ours from now on, until a file changes."""
        problem = f"templates in {FOLDER}/related are not used: {reason}"
        with self._lock:
            if self._theirs is theirs:
                log.error("%s", problem)
                self._theirs = _Theirs(theirs.mark, "broken", None, problem)


def _environment(loader: BaseLoader) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, cache_size=32
    )


def _source(
    name: str, sources: Mapping[str, str]
) -> tuple[str, str | None, Callable[[], bool] | None] | None:
    """A template of the operator's with its name as that of its file; None where it is ours."""
    text = sources.get(name)
    return None if text is None else (text, f"{_THEIRS}{name}", None)


def _told(mistake: Exception) -> str:
    """What went wrong, with the operator's file and line where it is known."""
    file, line = "", 0
    if isinstance(mistake, TemplateSyntaxError):
        file, line = str(mistake.filename or ""), mistake.lineno
    for frame, number in traceback.walk_tb(mistake.__traceback__):
        if frame.f_code.co_filename.startswith(_THEIRS):
            file, line = frame.f_code.co_filename, number
    place = f"{file.removeprefix(_THEIRS)}, line {line}: " if file.startswith(_THEIRS) else ""
    return f"{place}{getattr(mistake, 'message', None) or mistake}"


def _rendered(
    environment: ImmutableSandboxedEnvironment, layout: str, context: Mapping[str, Any]
) -> str:
    content = environment.get_template(f"related/{layout}.html").render(context)
    lines = (line for line in content.splitlines() if line.strip())
    return "".join(f"{line}\n" for line in lines)
