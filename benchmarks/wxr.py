"""The synthetic blog as WordPress exports it: posts, half as many pictures, comments.

    python benchmarks/wxr.py 100000 export.xml

Written as a stream. The bodies are those of ``corpus.py`` between block comments; beside
them stands what a real export holds and a reader must pass over: comments with their
fields, pictures as items of their own with serialized fields, drafts and pages.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from corpus import corpus

HOME = "https://blog.example"
#: On top of so many posts comes a draft, a page.
DRAFT_EVERY, PAGE_EVERY = 25, 100

_HEAD = f"""<?xml version="1.0" encoding="UTF-8" ?>
<!-- generator="WordPress/6.1.9" created="2026-01-01 00:00" -->
<rss version="2.0"
\txmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
\txmlns:content="http://purl.org/rss/1.0/modules/content/"
\txmlns:wfw="http://wellformedweb.org/CommentAPI/"
\txmlns:dc="http://purl.org/dc/elements/1.1/"
\txmlns:wp="http://wordpress.org/export/1.2/"
>
<channel>
\t<title>A synthetic blog</title>
\t<link>{HOME}</link>
\t<description></description>
\t<language>en-US</language>
\t<wp:wxr_version>1.2</wp:wxr_version>
\t<wp:base_site_url>{HOME}</wp:base_site_url>
\t<wp:base_blog_url>{HOME}</wp:base_blog_url>
"""
_TAIL = "</channel>\n</rss>\n"


def write(n: int, place: Path, *, seed: int = 0) -> int:
    """Write an export; the same for the same arguments.

    Args:
        n: Posts that a reader must find, at least 1.
        place: The file.
        seed: Chooses one of many such exports.

    Returns:
        Bytes written.

    Raises:
        ValueError: n is below 1.
    """
    with place.open("w", encoding="utf-8", newline="\n") as out:
        out.write(_HEAD)
        for number, post in enumerate(corpus(n, seed, html=True)):
            out.writelines(_items(number, post))
        out.write(_TAIL)
        return out.tell()


def _items(number: int, post: dict[str, Any]) -> Iterator[str]:
    """A post, with its picture before or after it if it has one, and now and then a draft."""
    post_id, picture_id = 4 * number + 10, 4 * number + 11
    place = number % 4
    if place == 1:
        yield _picture(picture_id, post_id, post)
    yield _item(post_id, post, picture_id if place < 2 else None)
    if place == 0:
        yield _picture(picture_id, post_id, post)
    if number % DRAFT_EVERY == 0:
        yield _item(4 * number + 12, post, status="draft")
    if number % PAGE_EVERY == 0:
        yield _item(4 * number + 13, post, kind="page")


def _item(
    post_id: int,
    post: dict[str, Any],
    picture_id: int | None = None,
    *,
    status: str = "publish",
    kind: str = "post",
) -> str:
    published = datetime.fromisoformat(post["published"])
    slug = post["url"].strip("/").rpartition("/")[2]
    link = HOME + post["url"] if status == "publish" and kind == "post" else f"{HOME}/?p={post_id}"
    terms = [("category", name) for name in post["categories"]]
    terms += [("post_tag", name) for name in post["tags"]]
    body = re.sub(
        r"<p>.*?</p>", r"<!-- wp:paragraph -->\n\g<0>\n<!-- /wp:paragraph -->\n", post["html"]
    )
    parts = [
        f"<item>\n\t<title>{_cdata(post['title'])}</title>\n\t<link>{link}</link>\n"
        f"\t<pubDate>{format_datetime(published)}</pubDate>\n"
        f"\t<dc:creator>{_cdata(post['author'].split()[0].lower())}</dc:creator>\n"
        f'\t<guid isPermaLink="false">{HOME}/?p={post_id}</guid>\n\t<description></description>\n'
        f"\t<content:encoded>{_cdata(body)}</content:encoded>\n"
        f"\t<excerpt:encoded>{_cdata('')}</excerpt:encoded>\n",
        _fields(post_id, published, slug, status, kind),
        *(
            f'\t<category domain="{domain}" nicename="{name.lower()}">{_cdata(name)}</category>\n'
            for domain, name in terms
        ),
        _meta("_thumbnail_id", str(picture_id)) if picture_id else "",
        _meta("_edit_last", "1"),
        *(_comment(post_id, i, published, post) for i in range(post_id // 4 % 2)),
        "</item>\n",
    ]
    return "".join(parts)


def _picture(picture_id: int, post_id: int, post: dict[str, Any]) -> str:
    published = datetime.fromisoformat(post["published"])
    file = f"{published:%Y/%m}/picture-{picture_id}.jpg"
    source = f"{HOME}/wp-content/uploads/{file}"
    sizes = "".join(
        f's:{len(name)}:"{name}";a:4:{{s:4:"file";s:20:"picture-{width}.jpg";s:5:"width";i:{width};'
        f's:6:"height";i:{width * 3 // 4};s:9:"mime-type";s:10:"image/jpeg";}}'
        for name, width in (("medium", 300), ("large", 1024), ("thumbnail", 150))
    )
    data = f'a:4:{{s:5:"width";i:1600;s:6:"height";i:1200;s:4:"file";s:{len(file)}:"{file}";'
    data += f's:5:"sizes";a:3:{{{sizes}}}}}'
    return (
        f"<item>\n\t<title>{_cdata(f'picture-{picture_id}')}</title>\n"
        f"\t<link>{HOME}/?attachment_id={picture_id}</link>\n"
        f"\t<dc:creator>{_cdata('admin')}</dc:creator>\n"
        f'\t<guid isPermaLink="false">{source}</guid>\n'
        f"\t<content:encoded>{_cdata('')}</content:encoded>\n"
        + _fields(picture_id, published, f"picture-{picture_id}", "inherit", "attachment", post_id)
        + f"\t<wp:attachment_url>{_cdata(source)}</wp:attachment_url>\n"
        + _meta("_wp_attached_file", file)
        + _meta("_wp_attachment_metadata", data)
        + _meta("_wp_attachment_image_alt", post["title"])
        + "</item>\n"
    )


def _fields(
    post_id: int, published: datetime, slug: str, status: str, kind: str, parent: int = 0
) -> str:
    moment = _cdata(f"{published:%Y-%m-%d %H:%M:%S}")
    return (
        f"\t<wp:post_id>{post_id}</wp:post_id>\n\t<wp:post_date>{moment}</wp:post_date>\n"
        f"\t<wp:post_date_gmt>{moment}</wp:post_date_gmt>\n"
        f"\t<wp:post_modified>{moment}</wp:post_modified>\n"
        f"\t<wp:post_modified_gmt>{moment}</wp:post_modified_gmt>\n"
        f"\t<wp:comment_status>{_cdata('open')}</wp:comment_status>\n"
        f"\t<wp:ping_status>{_cdata('open')}</wp:ping_status>\n"
        f"\t<wp:post_name>{_cdata(slug)}</wp:post_name>\n\t<wp:status>{_cdata(status)}</wp:status>\n"
        f"\t<wp:post_parent>{parent}</wp:post_parent>\n\t<wp:menu_order>0</wp:menu_order>\n"
        f"\t<wp:post_type>{_cdata(kind)}</wp:post_type>\n"
        f"\t<wp:post_password>{_cdata('')}</wp:post_password>\n\t<wp:is_sticky>0</wp:is_sticky>\n"
    )


def _meta(key: str, value: str) -> str:
    return (
        f"\t<wp:postmeta>\n\t<wp:meta_key>{_cdata(key)}</wp:meta_key>\n"
        f"\t<wp:meta_value>{_cdata(value)}</wp:meta_value>\n\t</wp:postmeta>\n"
    )


def _comment(post_id: int, number: int, published: datetime, post: dict[str, Any]) -> str:
    moment = _cdata(f"{published:%Y-%m-%d %H:%M:%S}")
    start = 200 * number
    text = re.sub(r"<[^<>]*>|[<>]", " ", post["html"])[start : start + 400]
    return (
        f"\t<wp:comment>\n\t\t<wp:comment_id>{post_id * 4 + number}</wp:comment_id>\n"
        f"\t\t<wp:comment_author>{_cdata(post['author'])}</wp:comment_author>\n"
        f"\t\t<wp:comment_author_email>{_cdata('reader@blog.example')}</wp:comment_author_email>\n"
        f"\t\t<wp:comment_date_gmt>{moment}</wp:comment_date_gmt>\n"
        f"\t\t<wp:comment_content>{_cdata(text)}</wp:comment_content>\n"
        f"\t\t<wp:comment_approved>{_cdata('1')}</wp:comment_approved>\n"
        f"\t\t<wp:comment_type>{_cdata('comment')}</wp:comment_type>\n\t</wp:comment>\n"
    )


def _cdata(text: str) -> str:
    inside = text.replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{inside}]]>"


def main() -> None:
    """Write an export where the command line says."""
    parser = argparse.ArgumentParser(description="Write a synthetic WordPress export.")
    parser.add_argument("n", type=int, help="number of posts")
    parser.add_argument("out", type=Path, help="file to write")
    parser.add_argument("--seed", type=int, default=0, help="another export of the same kind")
    options = parser.parse_args()
    n_bytes = write(options.n, options.out, seed=options.seed)
    print(f"{options.n} posts, {n_bytes / 1e6:.1f} MB", file=sys.stderr)


if __name__ == "__main__":
    main()
