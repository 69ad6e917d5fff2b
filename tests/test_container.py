"""Dockerfile and compose.yaml, as far as they can be judged without an engine."""

from __future__ import annotations

import ast
import fnmatch
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from related_posts.cli import COMMANDS
from service.server import options
from service.settings import ServiceSettings

ROOT = Path(__file__).resolve().parent.parent

Instruction = tuple[str, str]


def instructions(text: str) -> list[Instruction]:
    """A Dockerfile as (keyword, arguments), comments out and lines joined."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n", " ", "\n".join(lines))
    found = []
    for line in joined.splitlines():
        if line.strip():
            keyword, _, rest = line.strip().partition(" ")
            found.append((keyword.upper(), " ".join(rest.split())))
    return found


def stages(found: list[Instruction]) -> list[list[Instruction]]:
    """The instructions of each stage; what precedes the first FROM is left out."""
    parts: list[list[Instruction]] = []
    for each in found:
        if each[0] == "FROM":
            parts.append([])
        if parts:
            parts[-1].append(each)
    return parts


def is_sent(path: str, rules: list[str]) -> bool:
    """Tell whether .dockerignore lets a path reach the builder: the last rule that fits wins."""
    ways = ["/".join(path.split("/")[:end]) for end in range(1, path.count("/") + 2)]
    sent = True
    for rule in rules:
        pattern = rule.removeprefix("!").strip("/")
        tails = [pattern, pattern.removeprefix("**/")]
        if any(fnmatch.fnmatchcase(way, tail) for way in ways for tail in tails) or (
            pattern.startswith("**/")
            and any(fnmatch.fnmatchcase(part, tails[1]) for part in path.split("/"))
        ):
            sent = rule.startswith("!")
    return sent


@pytest.fixture(scope="module")
def builder_and_final() -> list[list[Instruction]]:
    """The two stages of the Dockerfile."""
    return stages(instructions((ROOT / "Dockerfile").read_text("utf-8")))


@pytest.fixture(scope="module")
def final(builder_and_final: list[list[Instruction]]) -> list[Instruction]:
    """The stage that becomes the image."""
    return builder_and_final[-1]


@pytest.fixture(scope="module")
def rules() -> list[str]:
    """The rules of .dockerignore."""
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """The services of compose.yaml, with its anchors and merges carried out."""
    loaded = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    assert set(loaded["volumes"]) == {"data"}
    services: dict[str, Any] = loaded["services"]
    return services


def value(stage: list[Instruction], keyword: str) -> str:
    """The arguments of the only instruction of a kind."""
    (found,) = (rest for name, rest in stage if name == keyword)
    return found


def test_two_stages_start_from_the_same_slim_image(
    builder_and_final: list[list[Instruction]],
) -> None:
    """What was built for one interpreter is copied to the same one."""
    bases = [value(stage, "FROM").split()[0] for stage in builder_and_final]
    assert len(bases) == 2
    assert set(bases) == {"python:${PYTHON_VERSION}-slim"}


def test_the_image_is_built_from_the_locks(builder_and_final: list[list[Instruction]]) -> None:
    """Every download is checked against a hash, and none is compiled."""
    runs = " && ".join(rest for name, rest in builder_and_final[0] if name == "RUN")
    installs = [part for part in runs.split("&&") if re.search(r"\bpip .*install", part)]
    assert len(installs) == 3
    for install in installs:
        hashed = "--require-hashes" in install and "--only-binary :all:" in install
        assert hashed or "--no-deps --no-index" in install


def test_no_tool_to_build_reaches_the_image(final: list[Instruction]) -> None:
    """The final stage installs nothing; it copies one folder from the builder."""
    assert not [rest for name, rest in final if name == "RUN" and "install" in rest]
    assert value(final, "COPY").startswith("--from=builder ")


def test_the_image_runs_as_nobody_special(final: list[Instruction]) -> None:
    """The user is a number other than root's, set before the command."""
    uid, _, gid = value(final, "USER").partition(":")
    assert int(uid) >= 1000
    assert int(gid) >= 1000


def test_the_image_checks_its_health(final: list[Instruction]) -> None:
    """The health check is valid Python that asks the liveness address."""
    _, _, command = value(final, "HEALTHCHECK").partition("CMD ")
    program, flag, script = json.loads(command)
    assert (program, flag) == ("python", "-c")
    ast.parse(script)
    assert "/healthz" in script


def test_the_image_starts_our_command(final: list[Instruction]) -> None:
    """Entry point and default arguments are lists, so signals reach the server."""
    assert json.loads(value(final, "ENTRYPOINT")) == ["related-posts"]
    arguments = json.loads(value(final, "CMD"))
    assert arguments[0] in COMMANDS
    assert "0.0.0.0" in arguments


def test_what_is_copied_exists_and_is_sent(
    builder_and_final: list[list[Instruction]], rules: list[str]
) -> None:
    """No COPY names a file that is missing or kept back by .dockerignore."""
    sources = [
        source
        for name, rest in builder_and_final[0]
        if name == "COPY"
        for source in rest.split()[:-1]
    ]
    assert sources
    for source in sources:
        assert (ROOT / source).exists(), source
        assert is_sent(source, rules), source


@pytest.mark.parametrize(
    "path",
    [".git/config", ".venv/bin/python", "data/archive.sqlite3", "tests/test_lock.py", ".env"],
)
def test_nothing_private_is_sent(path: str, rules: list[str]) -> None:
    """History, environments, data and secrets stay out of the build."""
    assert not is_sent(path, rules)


@pytest.mark.parametrize("path", ["service/__pycache__/a.pyc", "related_posts/b.pyc"])
def test_no_compiled_file_is_sent(path: str, rules: list[str]) -> None:
    """Leftovers of another interpreter stay out of the build."""
    assert not is_sent(path, rules)


def test_service_and_trainer_share_the_data(services: dict[str, Any]) -> None:
    """One volume holds the data: the trainer writes it, the service only reads it."""
    assert "data:/data:ro" in services["service"]["volumes"]
    assert "data:/data" in services["trainer"]["volumes"]
    assert services["service"]["image"] == services["trainer"]["image"]


@pytest.mark.parametrize("name", ["service", "trainer"])
def test_containers_have_no_rights(services: dict[str, Any], name: str) -> None:
    """The root is read-only but for /tmp, and no privilege can be had or regained."""
    service = services[name]
    assert service["read_only"] is True
    assert service["tmpfs"] == ["/tmp"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_trainer_runs_only_when_asked(services: dict[str, Any]) -> None:
    """Starting everything starts the service alone, reachable from this machine alone."""
    assert services["trainer"]["profiles"] == ["train"]
    assert services["trainer"]["command"][0] in COMMANDS
    assert "profiles" not in services["service"]
    assert all(port.startswith("127.0.0.1:") for port in services["service"]["ports"])


def test_the_service_has_time_to_finish_its_answers(
    final: list[Instruction], services: dict[str, Any]
) -> None:
    """Ended by the signal that lets it finish, and killed only after the time that takes."""
    assert ("STOPSIGNAL", "SIGTERM") in final
    seconds = int(services["service"]["stop_grace_period"].removesuffix("s"))
    assert seconds > options(ServiceSettings())["graceful_timeout"]
