"""The house's own rules: floors, no circle, small files, words on everything public.

The rules are plain functions over a folder, so that each can be shown a small
tree that breaks it: a check that cannot fail proves nothing.
"""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

#: Floor to what it may import of ours; itself is always allowed.
FLOORS = {
    "related_posts": set(),
    "training": {"related_posts"},
    "service": {"related_posts"},
}
#: Ours, but no part of the product.
WORKSHOP = {"tests", "benchmarks", "examples"}
#: What would teach the core the web, the network or the operating system's settings.
NOT_IN_THE_CORE = {
    *("flask", "werkzeug", "jinja2", "gunicorn"),
    *("requests", "urllib3", "httpx", "aiohttp", "urllib.request", "http", "socket"),
    *("socketserver", "ssl", "ftplib", "smtplib", "asyncio", "dotenv", "pydantic_settings"),
}
#: For programs on other machines: alone in the core it opens sockets, and nothing imports it.
CLIENT = "related_posts.client"
CLIENTS_OWN = {"urllib3"}
#: What a service process must never load in order to answer.
NOT_IN_THE_SERVICE = {"numba", "sklearn", "sqlalchemy", "training", "py3langid", "rich"}

MEDIAN_LINES = 150
MOST_LINES = 400


def modules(root: Path) -> dict[str, Path]:
    """Dotted name to file of every module on the three floors under a root."""
    found = {}
    for floor in FLOORS:
        for path in sorted((root / floor).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def parse(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text("utf-8"), str(path))


def nodes(tree: ast.AST, *, at_import: bool) -> Iterator[ast.AST]:
    """Every node; or only those that run when the module is imported."""
    for child in ast.iter_child_nodes(tree):
        if at_import:
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                continue
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                continue
        yield child
        yield from nodes(child, at_import=at_import)


def imports(name: str, path: Path, *, at_import: bool = False) -> Iterator[tuple[str, int]]:
    """Dotted names that a module imports, with their lines.

    ``from a import b`` gives ``a.b``: whether b is a module is the caller's to know.
    Imports inside functions and for type checkers count unless ``at_import``.
    """
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in nodes(parse(path), at_import=at_import):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            yield from ((f"{base}.{alias.name}", node.lineno) for alias in node.names)


def within(name: str, banned: set[str]) -> str | None:
    """The banned module that a dotted name is or lies in, if any."""
    parts = name.split(".")
    ways = (".".join(parts[:end]) for end in range(1, len(parts) + 1))
    return next((way for way in ways if way in banned), None)


def floor_breaches(root: Path) -> list[str]:
    """Imports that go up or sideways, or teach the core what it must not know."""
    breaches = []
    for name, path in modules(root).items():
        floor = name.split(".")[0]
        banned = (set(FLOORS) | WORKSHOP) - FLOORS[floor] - {floor}
        if floor == "related_posts":
            banned |= NOT_IN_THE_CORE
        if within(name, {CLIENT}):
            banned -= CLIENTS_OWN
        else:
            banned.add(CLIENT)
        breaches += [
            f"{path.relative_to(root)}:{line} imports {target}"
            for target, line in imports(name, path)
            if within(target, banned)
        ]
    return breaches


def environment_readers(root: Path) -> list[str]:
    """Places other than training/settings.py and service/settings.py that read the environment."""
    readers = []
    names = {"environ", "environb", "getenv", "getenvb"}
    for name, path in modules(root).items():
        if name in {"training.settings", "service.settings"}:
            continue
        for node in ast.walk(parse(path)):
            attribute = (
                isinstance(node, ast.Attribute)
                and node.attr in names
                and isinstance(node.value, ast.Name)
                and node.value.id == "os"
            )
            if attribute:
                readers.append(f"{path.relative_to(root)}:{node.lineno}")
        readers += [
            f"{path.relative_to(root)}:{line}"
            for target, line in imports(name, path)
            if within(target, {"pydantic_settings", "dotenv", *(f"os.{n}" for n in names)})
        ]
    return readers


def import_graph(root: Path, *, at_import: bool = False) -> dict[str, set[str]]:
    """Module to modules of ours that it imports; packages run before their parts are left out."""
    known = modules(root)
    graph: dict[str, set[str]] = {}
    for name, path in known.items():
        graph[name] = set()
        for target, _ in imports(name, path, at_import=at_import):
            candidates = (target, target.rpartition(".")[0])
            found = next((each for each in candidates if each in known), None)
            if found is not None and found != name:
                graph[name].add(found)
    return graph


def circle(graph: dict[str, set[str]]) -> list[str]:
    """One circle of imports as a path that ends where it began; empty if there is none."""
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return []
        for target in sorted(graph[name]):
            if found := walk(target, [*path, name]):
                return found
        done.add(name)
        return []

    return next((found for name in sorted(graph) if (found := walk(name, []))), [])


def libraries_at_import(root: Path, start: str) -> set[str]:
    """Top-level names loaded, directly or through our own modules, when one is imported."""
    known, graph = modules(root), import_graph(root, at_import=True)
    seen: set[str] = set()
    ahead = [start]
    while ahead:
        name = ahead.pop()
        if name in seen or name not in known:
            continue
        seen.add(name)
        # Importing a.b.c runs a and a.b first.
        ahead += [*graph[name], *(p for p in (name.rpartition(".")[0],) if p)]
    loaded = {t for name in seen for t, _ in imports(name, known[name], at_import=True)}
    return {target.split(".")[0] for target in loaded}


def undocumented(root: Path) -> list[str]:
    """Public modules, classes, functions and methods without a docstring."""
    missing = []
    for path in modules(root).values():
        tree = parse(path)
        if not ast.get_docstring(tree):
            missing.append(f"{path.relative_to(root)}:1 module")
        holders = [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]
        for holder in holders:
            if isinstance(holder, ast.ClassDef) and holder.name.startswith("_"):
                continue
            for node in holder.body:
                kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
                if not isinstance(node, kinds) or node.name.startswith("_"):
                    continue
                if any("overload" in ast.unparse(mark) for mark in node.decorator_list):
                    continue
                if not ast.get_docstring(node):
                    missing.append(f"{path.relative_to(root)}:{node.lineno} {node.name}")
    return missing


def line_counts(root: Path) -> dict[str, int]:
    """Lines of every module, by path."""
    return {
        str(path.relative_to(root)): len(path.read_text("utf-8").splitlines())
        for path in modules(root).values()
    }


# --- the house ---


def test_imports_go_down() -> None:
    """The core imports neither side nor the web; no side imports the other or the workshop."""
    assert floor_breaches(ROOT) == []


def test_no_import_goes_round() -> None:
    """No circle among our modules, counting imports in functions and for types."""
    assert circle(import_graph(ROOT)) == []


def test_only_settings_read_the_environment() -> None:
    """The environment is read in one file a side, and never by the core."""
    assert environment_readers(ROOT) == []


def test_files_are_small() -> None:
    """A file holds one idea: 150 lines in the median, never more than 400."""
    counts = line_counts(ROOT)
    assert {path: n for path, n in counts.items() if n > MOST_LINES} == {}
    assert statistics.median(counts.values()) <= MEDIAN_LINES


def test_everything_public_is_documented() -> None:
    """Every public module, class, function and method says what it is."""
    assert undocumented(ROOT) == []


def test_the_service_imports_nothing_heavy() -> None:
    """Importing the service reaches no compiler, learner or database, by what is written."""
    assert libraries_at_import(ROOT, "service") & NOT_IN_THE_SERVICE == set()


def test_the_service_process_loads_nothing_heavy() -> None:
    """Importing the service loads no compiler, learner or database, by what happens."""
    script = (
        "import sys; import service, related_posts.index; from service import create_app;"
        f"print(*sorted(set({sorted(NOT_IN_THE_SERVICE)}) & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


# --- the rules themselves can fail ---


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A tiny house that keeps every rule."""
    for floor in FLOORS:
        (tmp_path / floor).mkdir()
        (tmp_path / floor / "__init__.py").write_text('"""A floor."""\n')
    (tmp_path / "related_posts" / "low.py").write_text('"""Low."""\n')
    (tmp_path / "service" / "high.py").write_text('"""High."""\nimport related_posts.low\n')
    return tmp_path


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("related_posts/low.py", "import service"),
        ("related_posts/low.py", "from training import build"),
        ("related_posts/low.py", "from urllib import request"),
        ("related_posts/low.py", "def f():\n    import http.client"),
        ("related_posts/low.py", "from flask import Flask"),
        ("service/high.py", "import training.build"),
        ("service/high.py", "from related_posts.client import Client"),
        ("related_posts/low.py", "import related_posts.client.results"),
        ("related_posts/low.py", "import urllib3"),
        ("training/__init__.py", "from tests import conftest"),
        ("training/__init__.py", "from ..service import high"),
    ],
)
def test_a_breach_of_floors_is_found(house: Path, file: str, line: str) -> None:
    """An import up, sideways or to the web is reported with its file."""
    assert floor_breaches(house) == []
    with (house / file).open("a") as source:
        source.write(f"{line}\n")
    assert [place.split(":")[0] for place in floor_breaches(house)] == [file]


def test_only_the_client_may_ask_others(house: Path) -> None:
    """The client imports its one library, and no other way to open a socket."""
    (house / "related_posts" / "client.py").write_text('"""Asks."""\nimport urllib3\n')
    assert floor_breaches(house) == []
    (house / "related_posts" / "client.py").write_text('"""Asks."""\nimport http.client\n')
    assert len(floor_breaches(house)) == 1


def test_urllib_parse_is_no_network(house: Path) -> None:
    """Taking an address apart is allowed in the core; fetching it is not."""
    (house / "related_posts" / "low.py").write_text('"""Low."""\nfrom urllib.parse import quote\n')
    assert floor_breaches(house) == []


@pytest.mark.parametrize(
    "line",
    ["from related_posts import upper", "def f():\n    import related_posts.upper"],
)
def test_a_circle_is_found(house: Path, line: str) -> None:
    """Two modules that import each other are reported as a path."""
    (house / "related_posts" / "upper.py").write_text("from related_posts.low import x\n")
    assert circle(import_graph(house)) == []
    (house / "related_posts" / "low.py").write_text(f"{line}\n")
    assert circle(import_graph(house)) == [
        "related_posts.low",
        "related_posts.upper",
        "related_posts.low",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "import os\nx = os.environ['A']",
        "import os\ndef f():\n    return os.getenv('A')",
        "from os import environ",
        "from pydantic_settings import BaseSettings",
    ],
)
def test_a_reader_of_the_environment_is_found(house: Path, text: str) -> None:
    """Reading the environment is reported everywhere but in a side's settings.py."""
    (house / "service" / "settings.py").write_text(text)
    assert environment_readers(house) == []
    (house / "related_posts" / "settings.py").write_text(text)
    assert [p.split(":")[0] for p in environment_readers(house)] == ["related_posts/settings.py"]


def test_a_missing_docstring_is_found(house: Path) -> None:
    """A public name without words is reported; private ones may go without."""
    assert undocumented(house) == []
    (house / "service" / "high.py").write_text(
        '"""High."""\ndef shown(): ...\ndef _hidden(): ...\nclass C:\n    """C."""\n'
        "    def method(self): ...\n"
    )
    assert [place.split()[-1] for place in undocumented(house)] == ["shown", "method"]


def test_a_heavy_import_is_found_through_others(house: Path) -> None:
    """A library reached through two modules counts; one inside a function does not."""
    (house / "service" / "__init__.py").write_text("from service import high\n")
    (house / "related_posts" / "low.py").write_text("def f():\n    import numba\n")
    assert "numba" not in libraries_at_import(house, "service")
    (house / "related_posts" / "low.py").write_text("import numba\n")
    assert "numba" in libraries_at_import(house, "service")


def test_a_long_file_is_counted(house: Path) -> None:
    """Lines are counted as an editor shows them."""
    (house / "training" / "long.py").write_text("x = 1\n" * (MOST_LINES + 1))
    assert line_counts(house)["training/long.py"] == MOST_LINES + 1


@pytest.mark.parametrize("floor", ["related_posts", "training", "service"])
def test_every_module_and_package_has_its_line_in_the_document(floor: str) -> None:
    """ARCHITECTURE.md names all of a floor's first level, and nothing there that is gone."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    section = re.search(rf"^## [^\n]*`{floor}/`\n(.*?)^## ", text, re.M | re.S)
    assert section is not None
    rows = re.findall(r"^\| (`[^|]*`) \|", section[1], re.M)
    # A row may go on in the folder that it began with: `neighbours/`: …; `updated.py`: …
    named = {name.rstrip("/") for row in rows for name in re.findall(r"`([^`]+)`", row)}
    there = {
        each.name
        for each in (ROOT / floor).iterdir()
        if not each.name.startswith("__") and (each.is_dir() or each.suffix == ".py")
    }
    assert {name.split("/")[0] for name in named} == there
    assert [name for name in named if not (ROOT / floor / name).exists()] == []
