"""The locks: complete, hashed, in agreement with each other and free of any index."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("runtime", "build", "dev")
#: Every Python that pyproject.toml names, on the systems a developer or server has.
ENVIRONMENTS = [
    {
        **default_environment(),
        "python_version": version,
        "python_full_version": f"{version}.4",
        "sys_platform": platform,
    }
    for version in ("3.11", "3.12", "3.13", "3.14")
    for platform in ("linux", "darwin")
]

Pins = list[tuple[Requirement, int]]


def read_lock(text: str) -> Pins:
    """Each pinned requirement and the number of hashes it carries.

    Raises:
        ValueError: A line is neither a pin, a hash nor a comment.
    """
    pins: Pins = []
    for line in text.splitlines():
        content = line.partition("#")[0].strip().removesuffix("\\").strip()
        if not content:
            continue
        if re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", content) and pins:
            pins[-1] = (pins[-1][0], pins[-1][1] + 1)
        elif content.startswith("-"):
            raise ValueError(f"an option in a lock: {content}")
        else:
            pins.append((Requirement(content), 0))
    return pins


def pinned_in(pins: Pins, environment: dict[str, Any]) -> dict[str, str]:
    """Package to its one version in an environment."""
    found: dict[str, str] = {}
    for requirement, _ in pins:
        if requirement.marker is None or requirement.marker.evaluate(environment):
            name = canonicalize_name(requirement.name)
            assert name not in found, f"{name} is pinned twice"
            (specifier,) = requirement.specifier
            assert specifier.operator == "=="
            found[name] = specifier.version
    return found


def wanted(lock: str) -> list[Requirement]:
    """What pyproject.toml asks a lock to hold, groups unfolded."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = project["dependency-groups"]

    def unfold(group: str) -> list[str]:
        lines: list[str] = []
        for entry in groups[group]:
            lines += unfold(entry["include-group"]) if isinstance(entry, dict) else [entry]
        return lines

    runtime = project["project"]["dependencies"]
    lines = {"runtime": runtime, "build": unfold("build"), "dev": [*runtime, *unfold("dev")]}
    return [Requirement(line) for line in lines[lock]]


def text_of(lock: str) -> str:
    """A lock as it is on disk."""
    return (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8")


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_is_hashed(lock: str) -> None:
    """Each line pins one version with at least one sha256."""
    pins = read_lock(text_of(lock))
    assert pins
    assert [str(requirement) for requirement, hashes in pins if not hashes] == []
    assert all(requirement.url is None for requirement, _ in pins)


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_names_an_index_or_a_machine(lock: str) -> None:
    """A lock holds no address and no path, so it serves behind any mirror."""
    assert re.findall(r"\S*(?:://|index-url|find-links|/[a-z]+/[a-z]+)\S*", text_of(lock)) == []


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda e: f"{e['python_version']}")
@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_covers_the_project(lock: str, environment: dict[str, Any]) -> None:
    """Everything that pyproject.toml asks for is pinned at a version it allows."""
    pinned = pinned_in(read_lock(text_of(lock)), environment)
    missing = [
        str(requirement)
        for requirement in wanted(lock)
        if (requirement.marker is None or requirement.marker.evaluate(environment))
        and not requirement.specifier.contains(pinned.get(canonicalize_name(requirement.name), "0"))
    ]
    assert missing == [], "run `make lock`"


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda e: f"{e['python_version']}")
@pytest.mark.parametrize("part", ["runtime", "build"])
def test_what_is_tested_is_what_is_installed(part: str, environment: dict[str, Any]) -> None:
    """The smaller locks pin the very versions that the tests run with."""
    whole = pinned_in(read_lock(text_of("dev")), environment)
    some = pinned_in(read_lock(text_of(part)), environment)
    assert {name: (v, whole.get(name)) for name, v in some.items() if whole.get(name) != v} == {}


def test_an_option_in_a_lock_is_refused() -> None:
    """The reader of these tests notices an index that sneaks in."""
    with pytest.raises(ValueError, match="an option"):
        read_lock("--extra-index-url=somewhere\nclick==8.2\n")
