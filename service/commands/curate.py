"""``related-posts curate``: decide about lists by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import orjson

from related_posts.archive import Archive
from related_posts.curation.overlay import unknown_posts
from related_posts.curation.publish import publish_state
from related_posts.curation.rules import Rule, check_end, rule_from_json
from related_posts.data_folder import existing_folder
from related_posts.errors import StorageError, UnknownPostError
from related_posts.index import Index
from related_posts.schema import utc
from related_posts.storage import Store
from related_posts.terminal import data_option, plain_table, print_table
from service.commands.keys import moment_of
from service.commands.lookup import Mistake
from service.settings import ServiceSettings

_UNDER = click.option(
    "--under", metavar="POST", help="The post whose list it is; --everywhere for every list."
)
_EVERYWHERE = click.option("--everywhere", is_flag=True, help="Every post's list.")
_UNTIL = click.option(
    "--until", callback=moment_of, metavar="DATE", help="The rule holds before that; else for ever."
)
_NOTE = click.option("--note", default="", help="Why, for your colleagues.")


@click.group(epilog="Example: related-posts curate pin /about/ --everywhere")
def curate() -> None:
    """Decide by hand what lists show: pins, blocks, mutes and cornerstones.

    A POST is an id or an address. Rules count from the next request on, outlive
    every training, and may name posts that are still to come.
    """


@curate.command(epilog="Example: related-posts curate pin /new/ --under /old/ --position 2")
@click.argument("post")
@_UNDER
@_EVERYWHERE
@click.option("--position", type=int, default=1, show_default=True, help="Place in the list.")
@_UNTIL
@_NOTE
@data_option
def pin(under: str | None, everywhere: bool, **given: Any) -> None:
    """Put POST into a list, at its first place or another."""
    _add("pin", _where(under, everywhere), **given)


@curate.command(epilog="Example: related-posts curate block /sale/ --everywhere --until 2027-01-31")
@click.argument("post")
@_UNDER
@_EVERYWHERE
@_UNTIL
@_NOTE
@data_option
def block(under: str | None, everywhere: bool, **given: Any) -> None:
    """Keep POST out of a list, or of every one."""
    _add("block", _where(under, everywhere), **given)


@curate.command(epilog="Example: related-posts curate mute /imprint/")
@click.argument("post")
@_UNTIL
@_NOTE
@data_option
def mute(**given: Any) -> None:
    """Let POST show no related posts."""
    _add("mute", None, **given)


@curate.command(epilog="Example: related-posts curate cornerstone /guide/")
@click.argument("post")
@_UNTIL
@_NOTE
@data_option
def cornerstone(**given: Any) -> None:
    """Give POST one of five places in the lists where it is related."""
    _add("cornerstone", None, **given)


@curate.command("list", epilog="Example: related-posts curate list")
@click.option("--json", "as_json", is_flag=True, help="Print the rules as JSON.")
@data_option
def list_(as_json: bool, data: Path | None) -> None:
    """List the rules, and what is wrong with them."""
    settings = ServiceSettings.load({"data": data})
    existing_folder(settings.data)
    with Archive(settings.database or settings.data) as archive:
        rules = publish_state(archive, settings.data).rules
    if as_json:
        content = [rule.to_json() for rule in rules]
        click.echo(orjson.dumps(content, option=orjson.OPT_INDENT_2))
        return
    if not rules:
        click.echo("There is no rule; lists are as training made them.")
        return
    index, now = _published(settings), datetime.now(UTC)
    table = plain_table()
    for column in ("rule", "what", "until", "note"):
        table.add_column(column, no_wrap=column == "rule", overflow="fold")
    for rule in rules:
        table.add_row(rule.id, _words(rule), _until(rule, now), rule.note)
        for unknown in unknown_posts(index, rule):
            table.add_row("", f"the live version has no post {unknown}", "", "")
    print_table(table)


@curate.command(epilog="Example: related-posts curate remove cf9681778571")
@click.argument("ids", metavar="RULE...", nargs=-1, required=True)
@data_option
def remove(ids: tuple[str, ...], data: Path | None) -> None:
    """Remove rules; RULE is as in `related-posts curate list`."""
    settings = ServiceSettings.load({"data": data})
    existing_folder(settings.data)
    with Archive(settings.database or settings.data) as archive:
        known = {rule.id for rule in archive.state().rules}
        if missing := [one for one in ids if one not in known]:
            raise Mistake(
                f"there is no rule {missing[0][:40]!r} in {settings.data}; nothing was changed. "
                "`related-posts curate list` shows those there are"
            )
        with archive.writing(datetime.now(UTC)) as update:
            removed = [update.remove_rule(one) for one in dict.fromkeys(ids)]
        publish_state(archive, settings.data)
    for rule in filter(None, removed):
        click.echo(f"removed: {_words(rule)}")


def _add(kind: str, under: str | None, post: str, data: Path | None, **given: Any) -> None:
    settings = ServiceSettings.load({"data": data})
    existing_folder(settings.data)
    index = _published(settings)
    content = {"kind": kind, "post": _id_of(index, post), **given}
    content["until"] = None if given["until"] is None else utc(given["until"])
    if under is not None:
        content["under"] = _id_of(index, under) if under else None
    rule = rule_from_json(content)
    check_end(rule, datetime.now(UTC))
    with Archive(settings.database or settings.data) as archive:
        with archive.writing(datetime.now(UTC)) as update:
            outcome = update.put_rule(rule)
        publish_state(archive, settings.data)
    click.echo(f"{rule.id} {outcome}: {_words(rule)}")
    for unknown in unknown_posts(index, rule):
        click.echo(f"note: the live version has no post {unknown!r}; the rule waits", err=True)


def _where(under: str | None, everywhere: bool) -> str:
    """The post whose list it is; empty for every list."""
    if everywhere and under is not None:
        raise click.UsageError("give only one of --under and --everywhere")
    if not everywhere and under is None:
        raise click.UsageError("name a list with --under POST, or all of them with --everywhere")
    return under or ""


def _published(settings: ServiceSettings) -> Index | None:
    """The live version, or None where there is none that opens."""
    try:
        return Store(settings.data).open()
    except StorageError:
        return None


def _id_of(index: Index | None, key: str) -> str:
    """The id of a post given by id or address; the key itself where nobody knows it."""
    for name in ("id", "url"):
        try:
            if index is not None:
                return str(index.post(index.row(**{name: key}))["id"])
        except UnknownPostError:
            continue
    return key


def _words(rule: Rule) -> str:
    """What a rule says, in a few words."""
    where = f"under {rule.under}" if rule.under else "everywhere"
    if rule.kind == "pin":
        return f"{rule.post} stands at place {rule.position} {where}"
    if rule.kind == "block":
        return f"{rule.post} is " + (f"not shown {where}" if rule.under else "shown nowhere")
    return f"{rule.post} {'shows no list' if rule.kind == 'mute' else 'is a cornerstone'}"


def _until(rule: Rule, now: datetime) -> str:
    if rule.until is None:
        return ""
    return f"{rule.until:%Y-%m-%d %H:%M}{' (over)' if rule.until <= now else ''}"
