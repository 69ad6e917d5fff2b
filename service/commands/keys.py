"""``related-posts keys``: make, list and revoke the keys that writes need."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from related_posts import fields
from related_posts.data_folder import existing_folder
from related_posts.errors import PostError
from related_posts.keys import SCOPES, Key, Keys
from related_posts.terminal import data_option, plain_table, print_table
from service.commands.lookup import Mistake
from service.settings import ServiceSettings


def scopes_of(context: click.Context, option: click.Parameter, value: str) -> tuple[str, ...]:
    """Scopes from a list separated by commas, or a usage error that names those there are."""
    scopes = tuple(part.strip().lower() for part in value.split(",") if part.strip())
    if not scopes or not set(scopes) <= set(SCOPES):
        raise click.BadParameter(f"{value!r} is none of {', '.join(SCOPES)}")
    return scopes


def moment_of(
    context: click.Context, option: click.Parameter, value: str | None
) -> datetime | None:
    """A moment from a date as people write it, or a usage error that shows how."""
    try:
        return fields.moment(option.name or "date", value)
    except PostError as error:
        raise click.BadParameter(error.reason) from None


@click.group(epilog="Example: related-posts keys create --name editor")
def keys() -> None:
    """Make, list and revoke the keys that writing over HTTP needs.

    Reading needs no key. Writing is refused until there is one; a new or
    revoked key counts from the next request on, without a restart.
    """


@keys.command(epilog="Example: related-posts keys create --scope write --expires 2027-01-31")
@data_option
@click.option(
    "--scope",
    "scopes",
    callback=scopes_of,
    default="write",
    show_default=True,
    metavar="LIST",
    help="What the key may do: read, write (posts, curation), admin; each includes the former.",
)
@click.option("--name", default="", help="What the key is for, for your own list.")
@click.option("--expires", callback=moment_of, metavar="DATE", help="From when on it is refused.")
def create(data: Path | None, scopes: tuple[str, ...], name: str, expires: datetime | None) -> None:
    """Make a key and print it, this once."""
    try:
        key, secret = Keys(_folder(data)).create(
            scopes, name=name, expires=expires, now=datetime.now(UTC)
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    click.echo(secret)
    click.echo(
        f"This is key {key.id}; it is kept as a hash and cannot be shown again. Send it as\n"
        "Authorization: Bearer KEY, never in an address.",
        err=True,
    )


@keys.command("list", epilog="Example: related-posts keys list")
@data_option
def list_(data: Path | None) -> None:
    """List the keys there are, without their secrets."""
    found = Keys(_folder(data)).all()
    if not found:
        click.echo("There is no key, so writing is refused: related-posts keys create", err=True)
        return
    now = datetime.now(UTC)
    table = plain_table()
    for column in ("key", "scopes", "created", "expires", "name"):
        table.add_column(column, no_wrap=column != "name", overflow="fold")
    for key in found:
        created = f"{key.created:%Y-%m-%d %H:%M}"
        table.add_row(key.id, ", ".join(key.scopes), created, _expires(key, now), key.name)
    print_table(table)


@keys.command(epilog="Example: related-posts keys revoke 7e151ffb")
@click.argument("ids", metavar="KEY...", nargs=-1, required=True)
@data_option
def revoke(ids: tuple[str, ...], data: Path | None) -> None:
    """Take keys back; KEY is as in `related-posts keys list`."""
    folder = _folder(data)
    held = Keys(folder)
    for key_id in ids:
        revoked = held.revoke(key_id)
        if revoked is None:
            known = ", ".join(key.id for key in held.all()) or "none"
            raise Mistake(
                f"there is no key {key_id[:40]!r} in {folder}; there are: {known}. "
                "`related-posts keys list` tells more of them"
            )
        click.echo(f"key {revoked.id} {f'({revoked.name}) ' if revoked.name else ''}is revoked")


def _expires(key: Key, now: datetime) -> str:
    if key.expires is None:
        return "never"
    return f"{key.expires:%Y-%m-%d %H:%M}{' (over)' if key.is_expired(now) else ''}"


def _folder(data: Path | None) -> Path:
    return existing_folder(ServiceSettings.load({"data": data}).data)
