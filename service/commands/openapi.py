"""``related-posts openapi``: the description of the HTTP interface, for generators of clients."""

from __future__ import annotations

from urllib.parse import urlsplit

import click
import orjson


def _server(_context: click.Context, _option: click.Parameter, value: str) -> str:
    """An address of http or https, or a path; generators write what is here into clients."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    is_plain = value.isascii() and value.isprintable() and not set(' "<>\\^`{|}?#') & set(value)
    is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
    is_path = value.startswith("/") and not value.startswith("//")
    if not (is_plain and (is_address or is_path)):
        raise click.BadParameter(
            f"{value!r} is no address; give one such as https://related.example, or a path "
            "such as /related"
        )
    return value


@click.command(epilog="Example: related-posts openapi > openapi.json")
@click.option(
    "--server", default="/", show_default=True, callback=_server,
    help="Address of your service, in it; or its path on the host that sends the document.",
)  # fmt: skip
def openapi(server: str) -> None:
    """Print the description of the HTTP interface, as OpenAPI 3.1.

    A running service sends the same as /v1/openapi.json, and shows it at /docs.
    """
    # Imported here: help need not make the document.
    from service.description.document import document

    content = {**document(), "servers": [{"url": server}]}
    click.echo(orjson.dumps(content, option=orjson.OPT_INDENT_2).decode())
