"""A typed client of the service, for programs on other machines.

    from related_posts.client import Client

    with Client("https://related.example") as client:
        for item in client.related(url="https://blog.example/rye/", limit=3).items:
            print(item.title, item.score)

The one package of the ground floor that opens sockets; nothing of ours imports it.
"""

from related_posts.client.client import Client
from related_posts.client.errors import (
    AnswerError,
    ChangedError,
    ClientError,
    KeyRefusedError,
    NoSuchPostError,
    RefusedError,
    UnreachableError,
)
from related_posts.client.options import Draft, Filters, Options
from related_posts.client.results import (
    BulkTaken,
    Explanation,
    Failure,
    Image,
    Item,
    Line,
    Page,
    Post,
    Related,
    Rule,
    Series,
    StoredPost,
    Taken,
)

__all__ = [
    "AnswerError",
    "BulkTaken",
    "ChangedError",
    "Client",
    "ClientError",
    "Draft",
    "Explanation",
    "Failure",
    "Filters",
    "Image",
    "Item",
    "KeyRefusedError",
    "Line",
    "NoSuchPostError",
    "Options",
    "Page",
    "Post",
    "RefusedError",
    "Related",
    "Rule",
    "Series",
    "StoredPost",
    "Taken",
    "UnreachableError",
]
