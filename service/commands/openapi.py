"""``related-posts openapi``: the description of the HTTP interface, for generators of clients."""

from __future__ import annotations

import click
import orjson


@click.command(epilog="Example: related-posts openapi > openapi.json")
@click.option("--server", default="/", show_default=True, help="Address of your service, in it.")
def openapi(server: str) -> None:
    """Print the description of the HTTP interface, as OpenAPI 3.1.

    A running service sends the same as /v1/openapi.json, and shows it at /docs.
    """
    # Imported here: help need not make the document.
    from service.description.document import document

    content = {**document(), "servers": [{"url": server}]}
    click.echo(orjson.dumps(content, option=orjson.OPT_INDENT_2).decode())
