"""A WordPress database, read from a real MariaDB on a socket of its own.

Runs where ``mariadbd`` is installed (Debian: ``mariadb-server``); it is started in a
temporary folder, without the network, and ended with the tests.
"""

from __future__ import annotations

import socket as socket_module
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from scratch_mariadb import MariaDB, missing_programs

from related_posts.archive import Archive, Counts
from related_posts.errors import SourceError
from related_posts.posts import Image, Post
from related_posts.schema import post_from_json, post_to_json
from training.read import read_sources
from training.sources.base import Item, Skipped
from training.sources.wordpress import mysql_posts
from training.sources.wordpress.mysql import MysqlSource
from training.web import WebOptions

NOW = datetime(2025, 1, 1, tzinfo=UTC)
PASSWORD = "a secret of the reader"

#: WordPress's own tables, with the columns that matter.
TABLES = """
CREATE TABLE {p}posts (ID bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
 post_author bigint unsigned NOT NULL DEFAULT 1, post_date datetime NOT NULL,
 post_date_gmt datetime NOT NULL, post_content longtext NOT NULL, post_title text NOT NULL,
 post_excerpt text NOT NULL DEFAULT '', post_status varchar(20) NOT NULL DEFAULT 'publish',
 comment_status varchar(20) NOT NULL DEFAULT 'open',
 ping_status varchar(20) NOT NULL DEFAULT 'open',
 post_password varchar(255) NOT NULL DEFAULT '', post_name varchar(200) NOT NULL DEFAULT '',
 post_modified datetime NOT NULL, post_modified_gmt datetime NOT NULL,
 guid varchar(255) NOT NULL DEFAULT '', post_type varchar(20) NOT NULL DEFAULT 'post')
 DEFAULT CHARSET={c};
CREATE TABLE {p}postmeta (meta_id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
 post_id bigint unsigned NOT NULL, meta_key varchar(255), meta_value longtext) DEFAULT CHARSET={c};
CREATE TABLE {p}terms (term_id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
 name varchar(200) NOT NULL, slug varchar(200) NOT NULL) DEFAULT CHARSET={c};
CREATE TABLE {p}term_taxonomy (term_taxonomy_id bigint unsigned NOT NULL PRIMARY KEY,
 term_id bigint unsigned NOT NULL, taxonomy varchar(32) NOT NULL,
 parent bigint unsigned NOT NULL DEFAULT 0) DEFAULT CHARSET={c};
CREATE TABLE {p}term_relationships (object_id bigint unsigned NOT NULL,
 term_taxonomy_id bigint unsigned NOT NULL, term_order int NOT NULL DEFAULT 0,
 PRIMARY KEY (object_id, term_taxonomy_id)) DEFAULT CHARSET={c};
CREATE TABLE {p}options (option_name varchar(191) PRIMARY KEY, option_value longtext NOT NULL)
 DEFAULT CHARSET={c};
"""
USERS = """
CREATE TABLE {p}users (ID bigint unsigned NOT NULL PRIMARY KEY, user_login varchar(60),
 user_nicename varchar(50), display_name varchar(250)) DEFAULT CHARSET=utf8mb4;
INSERT INTO {p}users VALUES (1, 'ada', 'ada-m', 'Ada Müller &amp; Co'),
 (2, 'reader', 'reader', 'A Reader');
"""
BLOG = """
INSERT INTO {p}options VALUES ('home', '{home}'), ('siteurl', '{home}'),
 ('permalink_structure', '/%year%/%monthnum%/%category%/%postname%/'), ('WPLANG', 'de_DE'),
 ('sticky_posts', 'a:1:{{i:0;i:2;}}');
INSERT INTO {p}terms VALUES (1, 'Uncategorized', 'uncategorized'),
 (2, 'Baking &amp; more', 'baking'),
 (3, 'Bread', 'bread'), (4, 'rye', 'rye');
INSERT INTO {p}term_taxonomy VALUES (1, 1, 'category', 0), (2, 2, 'category', 0),
 (3, 3, 'category', 2), (4, 4, 'post_tag', 0);
INSERT INTO {p}posts (ID, post_date, post_date_gmt, post_content, post_title, post_excerpt,
 post_status, post_password, post_name, post_modified, post_modified_gmt, guid, post_type) VALUES
 (1, '2024-01-02 09:00:00', '2024-01-02 08:00:00',
  'Rye.\\n\\n[caption]Crust[/caption] <!-- wp:x -->', 'One &amp; only', 'Short.',
  'publish', '', 'one',
  '2024-01-03 09:00:00', '2024-01-03 08:00:00', '{home}/?p=1', 'post'),
 (2, '2024-02-02 00:30:00', '0000-00-00 00:00:00', 'Two', 'Two', '', 'publish', '', 'two',
  '2024-02-02 00:30:00', '0000-00-00 00:00:00', '', 'post'),
 (3, '2024-02-02 00:30:00', '0000-00-00 00:00:00', 'Secret draft', 'Three', '', 'draft', '', '',
  '2024-02-02 00:30:00', '0000-00-00 00:00:00', '', 'post'),
 (4, '2024-02-02 00:30:00', '2024-02-02 00:30:00', 'Secret', 'Four', '', 'publish', 'pw', 'four',
  '2024-02-02 00:30:00', '2024-02-02 00:30:00', '', 'post'),
 (5, '2024-02-02 00:30:00', '2024-02-02 00:30:00', 'Secret', 'Five', '', 'publish', ' ', 'five',
  '2024-02-02 00:30:00', '2024-02-02 00:30:00', '', 'post'),
 (6, '2024-02-02 00:30:00', '2024-02-02 00:30:00', 'Secret', 'Six', '', 'private', '', 'six',
  '2024-02-02 00:30:00', '2024-02-02 00:30:00', '', 'post'),
 (7, '2990-02-02 00:30:00', '2990-02-02 00:30:00', 'Later', 'Seven', '', 'future', '', 'seven',
  '2024-02-02 00:30:00', '2024-02-02 00:30:00', '', 'post'),
 (8, '2024-02-02 00:30:00', '2024-02-02 00:30:00', 'Page', 'Eight', '', 'publish', '', 'eight',
  '2024-02-02 00:30:00', '2024-02-02 00:30:00', '', 'page'),
 (9, '2024-02-02 00:30:00', '2024-02-02 00:30:00', '', 'loaf', '', 'inherit', '', 'loaf',
  '2024-02-02 00:30:00', '2024-02-02 00:30:00', '{home}/?attachment_id=9', 'attachment');
INSERT INTO {p}term_relationships VALUES (1, 3, 0), (1, 4, 0), (2, 1, 0);
INSERT INTO {p}postmeta (post_id, meta_key, meta_value) VALUES (1, '_thumbnail_id', '9'),
 (2, '_thumbnail_id', '99'), (1, '_wp_old_slug', 'first'),
 (9, '_wp_attached_file', '2024/01/loaf.jpg'),
 (9, '_wp_attachment_image_alt', 'A loaf'),
 (9, '_wp_attachment_metadata', 'a:2:{{s:5:"width";i:800;s:6:"height";i:600;}}');
"""


def blog(prefix: str, home: str, charset: str = "utf8mb4") -> str:
    """SQL that makes a small blog."""
    return TABLES.format(p=prefix, c=charset) + BLOG.format(p=prefix, home=home)


@pytest.fixture(scope="module")
def socket() -> Iterator[Path]:
    """The socket of a database server with a few blogs."""
    if lacking := missing_programs():
        pytest.skip(f"no {', '.join(lacking)} here (Debian: apt-get install mariadb-server)")
    with MariaDB() as server:
        sql = f"CREATE USER reader@localhost IDENTIFIED BY '{PASSWORD}';"
        homes = "https://blog.example"
        for name, content in {
            "one": blog("wp_", homes) + USERS.format(p="wp_"),
            "network": blog("wp_", homes) + blog("wp_2_", f"{homes}/two") + USERS.format(p="wp_"),
            "custom": blog("my_", homes) + USERS.format(p="my_"),
            "two": blog("a_", homes) + blog("b_", homes),
            "old": blog("wp_", homes, "latin1"),
            "empty": "",
        }.items():
            sql += f"CREATE DATABASE {name}; USE {name};{content}"
            sql += f"GRANT SELECT ON {name}.* TO reader@localhost;"
        # UTF-8 in a table that says it is Latin-1, as blogs before 2007 have it.
        sql += "USE old; SET NAMES latin1; UPDATE wp_posts SET post_title = 'Müsli' WHERE ID = 1;"
        sql += "UPDATE custom.my_options SET option_value = '' WHERE option_name = 'WPLANG';"
        sql += "DELETE FROM old.wp_options WHERE option_name = 'WPLANG';"
        sql += "DELETE FROM network.wp_2_options WHERE option_name = 'WPLANG';"
        sql += r"SET NAMES latin1; UPDATE wp_posts SET post_title = 0xE9706963E9 WHERE ID = 2;"
        server.run(sql)
        yield server.socket


def source(socket: Path, database: str = "one", more: str = "", **options: Any) -> MysqlSource:
    """The source of one of the databases."""
    web = WebOptions(auth=("reader", PASSWORD))
    place = f"mysql://reader@localhost/{database}?socket={socket}{more}"
    return MysqlSource(place, now=NOW, **{"web": web, **options})


def posts(items: Iterator[Item]) -> dict[str, Post]:
    """The posts among the items, by id."""
    return {item.id: item for item in items if isinstance(item, Post)}


def test_public_posts_are_read_and_nothing_else(socket: Path) -> None:
    """A draft, a private, a protected and a later post are skipped; pages are not asked for."""
    items = list(source(socket).read())
    assert list(posts(iter(items))) == ["1", "2"]
    assert {item.post_id: item.reason for item in items if isinstance(item, Skipped)} == {
        "3": "draft",
        "4": "password-protected",
        "5": "password-protected",
        "6": "private",
        "7": "scheduled",
    }


def test_a_post_arrives_whole(socket: Path) -> None:
    """What an export would say of a post, the database says too."""
    post = posts(source(socket).read())["1"]
    assert post.url == "https://blog.example/2024/01/baking/bread/one/"
    assert post.aliases == (
        "https://blog.example/?p=1",
        "https://blog.example/2024/01/baking/bread/first/",
    )
    assert post.title == "One & only"
    assert post.html == "<p>Rye.</p>\n<p>Crust</p>"
    assert post.tags == ("rye",)
    assert post.categories == ("Bread",)
    assert post.author == "Ada Müller & Co"
    assert post.language == "de-de"
    assert post.published == datetime(2024, 1, 2, 8, tzinfo=UTC)
    assert post.updated == datetime(2024, 1, 3, 8, tzinfo=UTC)
    assert post.excerpt == "Short."
    picture = "https://blog.example/wp-content/uploads/2024/01/loaf.jpg"
    assert post.image == Image(picture, 800, 600, "A loaf")
    assert post.extra["wordpress"]["author_login"] == "ada"
    assert post.extra["wordpress"]["category_ids"] == [3]
    assert post_from_json(post_to_json(post)) == post


def test_a_zero_date_falls_back_to_the_local_one(socket: Path) -> None:
    """Posts that other programs imported have no date in UTC."""
    post = posts(source(socket).read())["2"]
    assert post.published == datetime(2024, 2, 2, 0, 30, tzinfo=UTC)
    assert post.image is None, "its picture was deleted"
    assert post.extra["wordpress"]["sticky"] is True


def test_batches_lose_and_repeat_nothing(socket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many posts are asked for at a time, the same ones come."""
    whole = list(source(socket).read())
    monkeypatch.setattr(mysql_posts, "BATCH_POSTS", 2)
    told: list[tuple[int, int | None]] = []
    items = list(source(socket, progress=lambda *step: told.append(step)).read())
    assert items == whole
    assert told[-1] == (7, 7)


def test_it_reads_into_an_archive(socket: Path, tmp_path: Path) -> None:
    """The whole way, by its address alone: added once, unchanged the second time."""
    web = WebOptions(auth=("reader", PASSWORD))
    place = f"mysql://reader@localhost/one?socket={socket}"
    with Archive(tmp_path / "data") as archive:
        counts = [
            read_sources([place], archive, format=format, now=NOW, web=web).counts
            for format in (None, "mysql")
        ]
    assert counts == [Counts(added=2), Counts(unchanged=2)]


def test_the_name_is_the_blogs_address(socket: Path) -> None:
    """Wherever the database is."""
    assert source(socket).name == "mysql:https://blog.example"


def test_a_blog_of_a_network_is_read_by_its_prefix(socket: Path) -> None:
    """It has tables and uploads of its own, and the users of the network."""
    found = source(socket, "network", "&prefix=wp_2_")
    assert found.name == "mysql:https://blog.example/two"
    post = posts(found.read())["1"]
    assert post.url.startswith("https://blog.example/two/2024/")
    assert post.author == "Ada Müller & Co"
    assert post.image is not None
    assert "/wp-content/uploads/sites/2/2024/01/loaf.jpg" in post.image.src


def test_another_prefix_is_found(socket: Path) -> None:
    """Where only one blog is in the database, nobody has to say its prefix."""
    assert list(posts(source(socket, "custom").read())) == ["1", "2"]


def test_a_blog_that_chose_no_language_has_wordpress_s_own(socket: Path) -> None:
    """An empty setting, or none, is English; the network's language is not known."""
    language = {
        name: posts(source(socket, name).read())["1"].language for name in ("old", "custom")
    }
    assert language == {"old": "en-us", "custom": "en-us"}
    assert posts(source(socket, "network", "&prefix=wp_2_").read())["1"].language == ""


def test_of_two_blogs_one_must_be_named(socket: Path) -> None:
    """The error says which there are."""
    with pytest.raises(SourceError, match="prefix=; there are a_, b_"):
        list(source(socket, "two").read())


def test_names_may_be_out_of_sight(socket: Path) -> None:
    """Without the table of users, posts have no author and are read all the same."""
    assert posts(source(socket, "two", "&prefix=b_").read())["1"].author == ""


def test_utf8_in_a_latin1_table_is_read_as_what_it_is(socket: Path) -> None:
    """A server asked for text would convert it twice; real Latin-1 is read as well."""
    found = posts(source(socket, "old").read())
    assert found["1"].title == "Müsli"
    assert found["2"].title == "épicé"


def test_a_database_without_wordpress_is_a_source_error(socket: Path) -> None:
    """Tables of other names are no blog."""
    with pytest.raises(SourceError, match="no tables of WordPress"):
        list(source(socket, "empty").read())


def test_a_wrong_password_is_a_source_error_that_does_not_show_it(socket: Path) -> None:
    """What the server says is passed on; the password never is."""
    web = WebOptions(auth=("reader", "the wrong one"))
    with pytest.raises(SourceError, match="Access denied") as caught:
        list(source(socket, web=web).read())
    assert "the wrong one" not in str(caught.value)


def test_nothing_can_be_written(socket: Path) -> None:
    """Even a user who may write reads in a transaction that cannot."""
    from training.sources.wordpress.mysql_database import Address, connected

    address = Address(user="root", host="", port=3306, database="one", socket=str(socket))
    with (
        connected(address) as database,
        pytest.raises(SourceError, match="READ ONLY"),
    ):
        list(database.rows("DELETE FROM {posts}"))
    assert len(posts(source(socket).read())) == 2


def test_a_server_that_is_not_there_is_a_source_error(tmp_path: Path) -> None:
    """No socket, no server; nor at a port where nobody listens."""
    with pytest.raises(SourceError, match="no socket"):
        list(source(tmp_path / "absent").read())
    with socket_module.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        place = f"mysql://reader@127.0.0.1:{taken.getsockname()[1]}/one"
        with pytest.raises(SourceError, match="cannot be read: Can't connect"):
            list(MysqlSource(place, now=NOW, web=WebOptions()).read())
