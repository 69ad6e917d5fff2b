"""A real WordPress is read as an operator reads it, and the archive follows what its author does.

The blog's posts are those of ``archive_posts``, whose relations are known, with all that a
real blog has beside them: drafts, private, protected and scheduled posts, pages, a trashed
post, another author, a featured picture, terms with names that have to be escaped.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from scratch_wordpress import READER, WordPress

from related_posts.archive import Archive
from related_posts.posts import Image, Post
from related_posts.storage import Store
from related_posts.text.html import prose
from training.sources import open_source
from training.sources.base import Problem, Skipped
from training.web import WebOptions

PRETTY = "/%year%/%monthnum%/%postname%/"
#: Stands in every text that nobody but its author may see.
SECRET = "xyzzysecret"
STRAIGHT = str.maketrans({"’": "'", "“": '"', "”": '"', "–": "-"})
WEB = WebOptions(allow_private=True, per_second=1000)

#: Adds posts to the blog: $values["posts"] are arguments of wp_insert_post, with tags and
#: categories by name; returns their numbers in the same order.
INSERT = """
$numbers = [];
foreach ($values['posts'] as $post) {
    $categories = [];
    foreach ($post['categories'] ?? [] as $name) {
        $term = term_exists($name, 'category') ?: wp_insert_term($name, 'category');
        $categories[] = (int) $term['term_id'];
    }
    $post['post_category'] = $categories;
    $post += ['post_status' => 'publish', 'post_author' => 1];
    $number = wp_insert_post(wp_slash($post), true);
    if (is_wp_error($number)) throw new Exception($number->get_error_message());
    $numbers[] = $number;
}
return $numbers;
"""

#: A second author, and one post with everything a post can have; returns its number.
RICH = """
$author = wp_insert_user(['user_login' => 'grace', 'user_pass' => 'secret', 'role' => 'author',
    'user_email' => 'grace@blog.example', 'display_name' => 'Grace Hopper & sons']);
$number = wp_insert_post(wp_slash($values + ['post_author' => $author]), true);
wp_set_object_terms($number, [wp_insert_term('Tools & tips', 'category')['term_id']], 'category');
wp_set_post_tags($number, ['C++', 'R&D', 'größer < kleiner']);
$picture = imagecreatetruecolor(1200, 800);
$file = wp_upload_dir()['path'] . '/loaf.png';
imagepng($picture, $file);
$media = wp_insert_attachment(
    ['post_mime_type' => 'image/png', 'post_title' => 'loaf', 'post_status' => 'inherit'], $file
);
wp_update_attachment_metadata($media, wp_generate_attachment_metadata($media, $file));
update_post_meta($media, '_wp_attachment_image_alt', 'A "loaf" & a knife');
set_post_thumbnail($number, $media);
return $number;
"""

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def insert(blog: WordPress, *posts: dict[str, Any]) -> list[int]:
    """Add posts, given as ``wp_insert_post`` takes them; their numbers."""
    numbers: list[int] = blog.run_php(INSERT, posts=posts)
    return numbers


def as_wordpress(post: Post) -> dict[str, Any]:
    """A post of ours as ``wp_insert_post`` takes it."""
    published = post.published or datetime(2023, 1, 1, tzinfo=UTC)
    return {
        "post_title": post.title,
        "post_name": post.slug or "hello",
        "post_content": post.html,
        "post_date": f"{published:%Y-%m-%d %H:%M:%S}",
        "tags_input": list(post.tags),
        "categories": ["Notes"] if post.tags else [],
    }


@pytest.fixture
def numbers(wordpress: WordPress, archive_posts: list[Post]) -> dict[str, int]:
    """The public posts' slugs to their numbers; beside them stands all that is not public."""
    posts = [as_wordpress(post) for post in archive_posts]
    hidden = {"post_content": f"<p>{SECRET}</p>", "post_excerpt": SECRET}
    made = insert(
        wordpress,
        *posts,
        {**hidden, "post_title": "Draft", "post_status": "draft"},
        {**hidden, "post_title": "Pending", "post_status": "pending"},
        {**hidden, "post_title": "Private", "post_status": "private"},
        {**hidden, "post_title": "Protected", "post_password": "a word"},
        {**hidden, "post_title": "Later", "post_date": "2099-01-01 00:00:00"},
        {**hidden, "post_title": "Trashed", "post_status": "trash"},
        {**hidden, "post_title": "Page", "post_type": "page"},
    )
    return dict(zip([post["post_name"] for post in posts], made, strict=False))


@pytest.fixture
def train(wordpress: WordPress, run: Run) -> Run:
    """Trains on the blog by its address, with further words."""
    options = ("--data", "data", "--jobs", 1)
    options += ("--set", "allow_private=true", "--set", "requests_per_second=1000")
    return lambda *words, **more: run("train", wordpress.url, *options, *words, **more)


def held(folder: Path) -> dict[str, Post]:
    """What the archive holds, by id."""
    with Archive(folder / "data") as archive:
        return {post.id: post for post in archive.posts()}


def live(folder: Path) -> set[str]:
    """The ids in the version that is served."""
    with Store(folder / "data").open() as index:
        return {str(index.post(row)["id"]) for row in range(index.n_posts)}


def said(done: subprocess.CompletedProcess[str], word: str) -> str:
    """The line of a summary that begins with a word."""
    assert done.returncode == 0, done.stderr
    (line,) = (line for line in done.stdout.splitlines() if line.startswith(word))
    return line.removeprefix(word).strip()


@pytest.mark.parametrize("structure", [PRETTY, "/archives/%post_id%", ""])
def test_the_public_posts_are_read_and_nothing_else(
    wordpress: WordPress, numbers: dict[str, int], train: Run, tmp_path: Path, structure: str
) -> None:
    """With pretty permalinks and with plain ones: id, address, text; not a byte of what is hidden.

    The interface is found at what the blog says; without pretty permalinks that is
    ``?rest_route=``.
    """
    wordpress.permalinks(structure)
    done = train()
    assert said(done, "read") == "12 posts, 1 skipped (1 password-protected), 0 broken"
    posts = held(tmp_path)
    assert live(tmp_path) == set(posts) == {str(number) for number in numbers.values()}
    addresses = wordpress.run_php("return array_map('get_permalink', $values);", **numbers)
    assert {slug: posts[str(number)].url for slug, number in numbers.items()} == addresses
    assert ("?p=" in addresses["rye"]) == (structure == "")
    log = (wordpress.folder / "server.log").read_text("utf-8")
    assert ("rest_route=/wp/v2/posts" in log) == (structure == "")
    for file in (tmp_path / "data").rglob("*"):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes()


def test_a_post_arrives_whole(wordpress: WordPress, train: Run, tmp_path: Path) -> None:
    """Every field, as its author wrote it; typography is WordPress's."""
    wordpress.permalinks(PRETTY)
    number = wordpress.run_php(
        RICH,
        post_title="Bread & butter: <em>why</em> not?",
        post_content="<!-- wp:paragraph --><p>Rye's “best”.</p><!-- /wp:paragraph -->\n\n"
        '[caption width="300"]<img src="/a.png" /> A crust[/caption]',
        post_excerpt="Short & sweet.",
        post_name="bread-butter",
        post_date="2024-01-02 09:00:00",
        post_status="publish",
    )
    assert train().returncode == 0
    post = held(tmp_path)[str(number)]
    assert post.url == f"{wordpress.url}/2024/01/bread-butter/"
    assert post.title == "Bread & butter: why not?"
    assert prose(post.html).text.split() == ["Rye’s", "“best”.", "A", "crust"]
    assert post.excerpt == "Short & sweet."
    assert post.slug == "bread-butter"
    assert post.author == "Grace Hopper & sons"
    assert post.categories == ("Tools & tips",)
    assert set(post.tags) == {"C++", "R&D", "größer < kleiner"}
    assert post.language == "en-us"
    assert post.published == datetime(2024, 1, 2, 9, tzinfo=UTC)
    assert post.image is not None
    assert post.image == replace(post.image, width=1200, height=800, alt='A "loaf" & a knife')
    assert re.fullmatch(rf"{wordpress.url}/wp-content/uploads/[\d/]+/loaf\.png", post.image.src)


def test_the_archive_follows_what_the_author_does(
    wordpress: WordPress, numbers: dict[str, int], train: Run, tmp_path: Path
) -> None:
    """Published, edited, hidden, trashed and deleted posts are so in the next version.

    With ``--since auto`` nothing else is read again.
    """
    wordpress.permalinks(PRETTY)
    assert said(train(), "archive").startswith("12 posts: 12 added")
    assert said(train("--since", "auto"), "archive").startswith("12 posts: 0 added, 0 changed")

    (draft,) = insert(
        wordpress,
        {
            "post_title": "Baking rye bread in a pot",
            "post_content": "<p>Rye bread in an iron pot.</p>",
            "post_status": "draft",
        },
    )
    assert said(train("--since", "auto"), "archive").startswith("12 posts: 0 added")

    wordpress.run_php(
        "wp_publish_post($values['new']);"
        "wp_update_post(['ID' => $values['edited'], 'post_title' => 'Rye bread, again']);"
        "wp_trash_post($values['trashed']);"
        "wp_delete_post($values['deleted'], true);"
        "wp_update_post(['ID' => $values['private'], 'post_status' => 'private']);"
        "wp_update_post(['ID' => $values['locked'], 'post_password' => 'a word']);",
        new=draft,
        edited=numbers["rye"],
        trashed=numbers["moon"],
        deleted=numbers["mirror"],
        private=numbers["hello"],
        locked=numbers["chain"],
    )
    done = train("--since", "auto")
    assert said(done, "archive").startswith("9 posts: 1 added, 1 changed, 7 unchanged, 4 deleted")
    assert "7 posts not changed since" in done.stdout
    posts = held(tmp_path)
    gone = {str(numbers[slug]) for slug in ("moon", "mirror", "hello", "chain")}
    assert set(posts) == {*(str(one) for one in numbers.values()), str(draft)} - gone
    assert live(tmp_path) == set(posts)
    assert posts[str(numbers["rye"])].title == "Rye bread, again"
    assert posts[str(draft)].title == "Baking rye bread in a pot"

    # Out of the trash a post is a draft with its old dates: only its number tells that it is back.
    wordpress.run_php(
        "wp_untrash_post($values['moon']); wp_publish_post($values['moon']);", moon=numbers["moon"]
    )
    assert said(train("--since", "auto"), "archive").startswith("10 posts: 1 added")


def test_a_change_of_permalinks_keeps_every_post(
    wordpress: WordPress, numbers: dict[str, int], train: Run, tmp_path: Path
) -> None:
    """The same posts under new addresses, and none twice."""
    assert said(train(), "archive").startswith("12 posts: 12 added")
    wordpress.permalinks(PRETTY)
    done = train()
    assert said(done, "archive").startswith("12 posts: 0 added, 12 changed")
    posts = held(tmp_path)
    assert posts[str(numbers["rye"])].url == f"{wordpress.url}/2024/03/rye/"


def test_losing_many_posts_needs_a_word(
    wordpress: WordPress, numbers: dict[str, int], train: Run, tmp_path: Path
) -> None:
    """A blog that lost half of its posts is not believed, until it is said so."""
    assert train().returncode == 0
    wordpress.run_php("array_map('wp_trash_post', $values['lost']);", lost=[*numbers.values()][:6])
    done = train()
    assert done.returncode != 0
    assert "only 6 posts are there" in done.stderr
    assert "--accept-deletions" in done.stderr
    assert len(held(tmp_path)) == len(live(tmp_path)) == 12
    assert said(train("--accept-deletions"), "archive").startswith("6 posts: 0 added, 0 changed")
    assert len(live(tmp_path)) == 6


def test_a_closed_interface_is_read_with_an_application_password(
    wordpress: WordPress, numbers: dict[str, int], train: Run, tmp_path: Path
) -> None:
    """Without one it says what to do; with an administrator's, still only public posts are read."""
    wordpress.plugin(
        "closed",
        "add_filter('rest_authentication_errors', fn($before) => $before ?: (is_user_logged_in()"
        " ? $before : new WP_Error('rest_not_logged_in', 'Sign in.', ['status' => 401])));",
    )
    done = train()
    assert done.returncode != 0
    assert "application password" in done.stderr
    assert "rest_not_logged_in" in done.stderr
    password = wordpress.run_php(
        "$made = WP_Application_Passwords::create_new_application_password(1, ['name' => 'test']);"
        "return WP_Application_Passwords::chunk_password($made[0]);"
    )
    assert " " in password
    wrong = train(auth="ada:wrong word here")
    assert wrong.returncode != 0
    done = train(auth=f"ada:{password}")
    assert said(done, "read") == "12 posts, 1 skipped (1 password-protected), 0 broken"
    assert set(held(tmp_path)) == {str(number) for number in numbers.values()}
    assert password not in done.stdout + done.stderr
    assert "wrong word" not in wrong.stdout + wrong.stderr
    for file in (tmp_path / "data").rglob("*"):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes()


def test_a_post_that_cannot_be_rendered_is_one_problem(
    wordpress: WordPress, numbers: dict[str, int], train: Run, tmp_path: Path
) -> None:
    """A plugin that fails on one post costs that post; a notice before the JSON costs none."""
    assert train().returncode == 0
    wordpress.plugin(
        "failing",
        "add_filter('the_content', function ($text) {"
        f" if (get_the_ID() === {numbers['rye']}) {{ throw new Error('no more tables'); }}"
        " return $text; });"
        "add_filter('rest_pre_serve_request', function ($served) {"
        " echo '<br /><b>Notice</b>: Undefined index'; return $served; });",
    )
    done = train()
    assert said(done, "read") == "11 posts, 1 skipped (1 password-protected), 1 broken"
    assert f"post {numbers['rye']}" in done.stderr
    assert len(held(tmp_path)) == 12, "what was known of it stays"


def test_what_plugins_add_to_a_text_is_not_read(
    wordpress: WordPress, numbers: dict[str, int], train: Run, tmp_path: Path
) -> None:
    """Related posts, share buttons and a table of contents, added as plugins add them."""
    assert numbers
    wordpress.plugin(
        "adding",
        "add_filter('the_content', fn($text) => "
        "'<div id=\"ez-toc-container\"><p>Zanzibar contents</p></div>' . $text ."
        '\'<div class="sharedaddy sd-sharing-enabled"><h3>Zanzibar share</h3></div>'
        '<div class="yarpp yarpp-related"><ol><li>Zanzibar post</li></ol></div>\');',
    )
    assert train().returncode == 0
    posts = held(tmp_path)
    assert len(posts) == 12
    assert not [post.id for post in posts.values() if "Zanzibar" in post.html]


def test_every_page_of_a_longer_list_is_read(
    wordpress: WordPress, train: Run, tmp_path: Path
) -> None:
    """More posts than one answer may hold, some of one second."""
    posts = [
        {
            "post_title": f"Number {i}",
            "post_content": f"<p>Bread of kind {i % 7} and {i}.</p>",
            "post_date": f"2024-01-01 00:{i // 10:02}:00",
        }
        for i in range(230)
    ]
    made = insert(wordpress, *posts)
    assert train().returncode == 0
    assert set(held(tmp_path)) == {str(number) for number in made}


# --- the same blog, four ways ---


@pytest.fixture
def four_ways(
    wordpress: WordPress, numbers: dict[str, int], tmp_path: Path
) -> dict[str, dict[str, Post]]:
    """The blog read by interface, export, database and feed: posts by their addresses."""
    wordpress.permalinks(PRETTY)
    wordpress.run_php(
        RICH,
        post_title="Bread & butter",
        post_content="<p>Plain “text”.</p>",
        post_excerpt="Short.",
        post_name="bread-butter",
        post_date="2024-01-02 09:00:00",
        post_status="publish",
    )
    wordpress.run_php(
        "update_option('posts_per_rss', 4); stick_post($values['n']);", n=numbers["rye"]
    )
    export = tmp_path / "export.xml"
    export.write_text(
        wordpress.printed_by_php("require_once ABSPATH.'wp-admin/includes/export.php';export_wp();")
    )
    places = {
        "wordpress": (wordpress.url, WEB),
        "wxr": (str(export), WEB),
        "mysql": (wordpress.database_url, replace(WEB, auth=READER)),
        "feed": (f"{wordpress.url}/feed/", WEB),
    }
    known = ["draft", "password-protected", "pending", "private", "scheduled", "trashed"]
    public = ["password-protected"]
    hidden = {"wordpress": public, "feed": public, "mysql": known}
    hidden["wxr"] = sorted([*known, "page", "page", "page"])
    found = {}
    for format, (place, web) in places.items():
        items = list(open_source(place, now=datetime.now(UTC), web=web).read())
        assert not [item for item in items if isinstance(item, Problem)], format
        skipped = [item.reason for item in items if isinstance(item, Skipped)]
        assert sorted(skipped) == hidden[format], format
        found[format] = {item.url: item for item in items if isinstance(item, Post)}
        assert len(found[format]) == 13, format
    return found


def differing(one: Post, other: Post, allowed: set[str]) -> dict[str, tuple[Any, Any]]:
    """What else than the allowed fields differs between two posts."""
    pairs = {
        each.name: (getattr(one, each.name), getattr(other, each.name)) for each in fields(Post)
    }
    return {
        name: pair for name, pair in pairs.items() if pair[0] != pair[1] and name not in allowed
    }


def words(post: Post) -> list[str]:
    """The words of a post's text, without WordPress's typography."""
    return prose(post.html).text.translate(STRAIGHT).split()


def test_four_ways_lead_to_the_same_posts(four_ways: dict[str, dict[str, Post]]) -> None:
    """All have the same addresses; each field that differs is one that a way is known to lack.

    Interface and database differ from the export in nothing but the text's markup and
    the author's login, which the interface does not tell. The feed has guids for numbers
    (and so no second address of the form ?p=4), tags and categories in one, no dates of change,
    no pictures, and an excerpt for every post.
    """
    export = four_ways["wxr"]
    lacking: dict[str, set[str]] = {
        "mysql": set(),
        "wordpress": {"html", "extra"},
        "feed": {
            *("id", "aliases", "html", "tags", "categories", "updated", "image", "excerpt"),
            "extra",
        },
    }
    for format, allowed in lacking.items():
        found = four_ways[format]
        assert set(found) == set(export)
        for url, post in found.items():
            assert differing(post, export[url], allowed) == {}, format
            assert words(post) == words(export[url]), format
    picture = export[next(url for url in export if "bread-butter" in url)].image
    assert isinstance(picture, Image)
