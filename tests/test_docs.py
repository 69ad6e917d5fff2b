"""The documents: whatever they name exists, and whatever is public they name."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import click
import pytest
import yaml

from related_posts import setting_names
from related_posts.cli import COMMANDS, INTERRUPTED, PROBLEM, REFUSED, USAGE, cli
from service.settings import ServiceSettings
from training.settings import TrainingSettings

ROOT = Path(__file__).resolve().parent.parent
SETTINGS_PAGE = ROOT / "docs" / "settings.md"
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "integrations").rglob("*.md")]
)

#: Defaults that are words in the page because they depend on the machine or the release.
COMPUTED = {"workers", "user_agent"}


def settings_rows() -> dict[str, list[str]]:
    """Setting to the cells of its row: side, default, allowed, effect."""
    rows: dict[str, list[str]] = {}
    for line in SETTINGS_PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(cells) == 5:
            name = cells[0].strip("`")
            assert name not in rows, f"{name} is documented twice"
            rows[name] = cells[1:]
    return rows


def shell_lines(text: str) -> Iterator[list[str]]:
    """The words of each of our commands in a page's code blocks and code spans."""
    lines = re.findall(r"`((?:make|related-posts) [^`\n]+)`", text)
    # Within a step of a list, a block is indented.
    for kind, block in re.findall(r"^ *```(\w*)\n(.*?)^ *```", text, re.M | re.S):
        joined = dedent(block).replace("\\\n", " ").splitlines()
        if kind in {"sh", "bash", "shell"}:
            lines += joined
        elif kind in {"", "console"}:  # a session: what follows a prompt, not the answers
            lines += [line.removeprefix("$ ") for line in joined if line.startswith("$ ")]
    for line in map(str.strip, lines):
        if line.startswith(("make ", "related-posts ", ".venv/bin/related-posts ")):
            yield shlex.split(line.partition(" #")[0].partition("|")[0])


def all_commands() -> dict[str, list[str]]:
    """Every command of every page, as shown, to its words."""
    return {
        f"{page.relative_to(ROOT)}: {' '.join(words)}": words
        for page in PAGES
        for words in shell_lines(page.read_text("utf-8"))
    }


def command(name: str) -> click.Command:
    """A subcommand, imported."""
    found = cli.get_command(click.Context(cli), name)
    assert found is not None
    return found


def test_every_setting_is_documented() -> None:
    """The page has one row for each setting that exists, and no other."""
    assert set(settings_rows()) == setting_names.KNOWN


def test_the_page_says_who_reads_a_setting() -> None:
    """The side in each row is the side that reads it."""
    sides = {"both": setting_names.SHARED, "training": setting_names.TRAINING}
    sides["service"] = setting_names.SERVICE
    rows = settings_rows()
    for side, names in sides.items():
        assert {name for name, cells in rows.items() if cells[0] == side} == names


@pytest.mark.parametrize("side", [ServiceSettings, TrainingSettings])
def test_documented_defaults_are_the_defaults(
    side: type[ServiceSettings] | type[TrainingSettings],
) -> None:
    """The page's defaults are the code's; words stand where the machine decides."""
    rows, wrong = settings_rows(), {}
    for name, field in side.model_fields.items():
        shown, default = rows[name][1], field.default
        values = default if isinstance(default, tuple) else (default,)
        written = ", ".join("" if value is None else str(value) for value in values)
        written = written.lower() if isinstance(default, bool) else written
        if name not in COMPUTED and shown != (f"`{written}`" if written else "empty"):
            wrong[name] = (shown, written)
    assert wrong == {}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_has_help(name: str) -> None:
    """Each subcommand says what it does, and each of its options too."""
    found = command(name)
    for each in (found, *(found.commands.values() if isinstance(found, click.Group) else ())):
        assert each.help
        options = [option for option in each.params if isinstance(option, click.Option)]
        assert [option.name for option in options if not option.help] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_of_commands_says_what_the_command_says(name: str) -> None:
    """The list of commands has each command's own first sentence."""
    assert (command(name).help or "").splitlines()[0] == COMMANDS[name][1]


def test_the_page_of_commands_lists_every_command_with_its_options() -> None:
    """One row each, with the arguments as its help shows them, and no option left out."""
    page = (ROOT / "docs" / "commands.md").read_text("utf-8")
    rows = re.findall(r"^\| `([^`]+)` \| [^|]+ \|([^|]*)\|$", page, re.M)
    shown = {call: set(re.findall(r"`(--[a-z-]+)`", options)) for call, options in rows}
    expected = {}
    for name in COMMANDS:
        found = command(name)
        group = found.commands if isinstance(found, click.Group) else {"": found}
        for word, each in group.items():
            context = click.Context(each)
            arguments = [
                p.make_metavar(context) for p in each.params if p.param_type_name != "option"
            ]
            options = {o for p in each.params for o in (*p.opts, *p.secondary_opts)}
            call = " ".join(filter(None, [name, word, *arguments]))
            expected[call] = {o for o in options if o.startswith("--")} - {"--data"}
    assert shown == expected


def test_the_page_of_commands_lists_every_exit_status() -> None:
    """Those of the code, and no other."""
    page = (ROOT / "docs" / "commands.md").read_text("utf-8")
    statuses = {int(number) for number in re.findall(r"^\| (\d+) \|", page, re.M)}
    assert statuses == {0, PROBLEM, USAGE, REFUSED, INTERRUPTED}


def test_the_readme_shows_commands() -> None:
    """The README shows at least one command of ours and one of make."""
    readme = (ROOT / "README.md").read_text("utf-8")
    programs = {words[0].rpartition("/")[2] for words in shell_lines(readme)}
    assert programs == {"make", "related-posts"}


@pytest.mark.parametrize("shown", all_commands())
def test_a_documented_command_exists(shown: str) -> None:
    """Each command in a page names a subcommand with these options, or a target of make."""
    words = all_commands()[shown]
    if words[0] == "make":
        text = (ROOT / "Makefile").read_text("utf-8")
        targets = [word for word in words[1:] if re.fullmatch(r"[a-z-]+", word)]
        assert [t for t in targets if not re.search(rf"^{t}:", text, re.M)] == []
        return
    arguments = words[1:]
    if arguments[0].startswith("-"):
        assert arguments[0] in {"--help", "-h", "--version"}
        return
    known, found = {"--help", "-h"}, command(arguments[0])
    if isinstance(found, click.Group) and len(arguments) > 1:
        assert arguments[1] in found.commands
        found = found.commands[arguments[1]]
    for parameter in found.params:
        known |= {*parameter.opts, *parameter.secondary_opts}
    used = {word.partition("=")[0] for word in arguments[1:] if word.startswith("-")}
    assert used - known == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """A relative link names a file that exists; one with a fragment, a heading in it."""
    missing = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, fragment = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists():
            missing.append(target)
        elif fragment and file.suffix == ".md":
            headings = re.findall(r"^#+ (.*)$", file.read_text("utf-8"), re.M)
            slugs = {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}
            if fragment not in slugs:
                missing.append(target)
    assert missing == []


def units() -> dict[str, str]:
    """The units of systemd in the page about running, by file name."""
    page = (ROOT / "docs" / "running.md").read_text("utf-8")
    pattern = r"^```ini\n# /etc/systemd/system/(\S+)\n(.*?)^```"
    return dict(re.findall(pattern, page, re.M | re.S))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_documented_units_are_what_systemd_takes(tmp_path: Path) -> None:
    """Every unit loads without a warning; only program and user are replaced by some there are."""
    assert set(units()) == {
        "related-posts.service",
        "related-posts-worker.service",
        "related-posts-train.service",
        "related-posts-train.timer",
    }
    for name, text in units().items():
        text = text.replace("/opt/related-posts/bin/related-posts", "/usr/bin/env related-posts")
        (tmp_path / name).write_text(text.replace("User=related-posts", "User=daemon"), "utf-8")
    files = sorted(map(str, tmp_path.iterdir()))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *files],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "SYSTEMD_LOG_LEVEL": "warning"},
    )
    if "Failed to initialize manager" in done.stderr:
        pytest.skip("systemd cannot judge units here")
    assert (done.returncode, done.stderr) == (0, "")


def test_documented_units_run_commands_that_exist() -> None:
    """What they start is a command of ours with the options it has."""
    for text in units().values():
        for words in map(shlex.split, re.findall(r"^ExecStart=(.*)$", text, re.M)):
            found = command(words[1])
            known = {option for each in found.params for option in each.opts}
            assert {word for word in words if word.startswith("--")} <= known


def test_variables_in_pages_and_files_are_settings() -> None:
    """Every variable of the environment that is shown sets something; PHP's constants are not."""
    files = [*PAGES, ROOT / "Dockerfile", ROOT / "compose.yaml"]
    unknown = {
        (file.name, name)
        for file in files
        if "integrations" not in file.parts
        for name in re.findall(r"(?<!\. )RELATED_POSTS_([A-Z_]+[A-Z])\b", file.read_text("utf-8"))
        if name.lower() not in setting_names.KNOWN
    }
    assert unknown == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_data_in_pages_is_whole(page: Path) -> None:
    """What is shown as JSON, TOML or YAML is that: it can be copied."""
    for kind, block in re.findall(r"^```(\w+)\n(.*?)^```", page.read_text("utf-8"), re.M | re.S):
        if kind == "json":
            for document in re.split(r"\n(?=\{)", block.strip()):
                json.loads(document)
        elif kind == "toml":
            tomllib.loads(block)
        elif kind in {"yaml", "yml"}:
            yaml.safe_load(block)


def test_shown_settings_files_are_taken(tmp_path: Path) -> None:
    """Each block that begins with the file's name can be put there, for both sides."""
    pattern = r"^```toml\n# data/related-posts\.toml\n(.*?)^```"
    blocks = [
        b for page in PAGES for b in re.findall(pattern, page.read_text("utf-8"), re.M | re.S)
    ]
    assert blocks
    for block in blocks:
        (tmp_path / "related-posts.toml").write_text(block, "utf-8")
        ServiceSettings.layered({"data": tmp_path}, {})
        TrainingSettings.layered({"data": tmp_path}, {})


@pytest.mark.parametrize("name", COMMANDS)
def test_defaults_in_help_are_those_of_the_page(name: str) -> None:
    """A command that has settings as options says the same default as the page of settings."""
    rows = settings_rows()
    for option in command(name).params:
        shown = re.search(
            r"\[default: (\S+)\]|by default (\S+)\.$", getattr(option, "help", "") or ""
        )
        if option.name in rows and option.name not in COMPUTED and shown:
            value = (shown[1] or shown[2]).removeprefix("./")
            assert rows[option.name][1] == f"`{value}`", option.name


@pytest.mark.parametrize("side", [ServiceSettings, TrainingSettings])
def test_documented_ranges_are_the_ranges(
    side: type[ServiceSettings] | type[TrainingSettings],
) -> None:
    """The numbers between which the page says a setting may be are those that are checked."""
    rows, wrong = settings_rows(), {}
    for name, field in side.model_fields.items():
        limits = {type(each).__name__: each for each in field.metadata}
        if "Ge" in limits and "Le" in limits and name != "jobs":
            low, high = limits["Ge"].ge, limits["Le"].le
            found = re.findall(r"\d[\d,_.]*", rows[name][2])
            if [float(number.replace(",", "")) for number in found] != [low, high]:
                wrong[name] = (rows[name][2], low, high)
    assert wrong == {}
