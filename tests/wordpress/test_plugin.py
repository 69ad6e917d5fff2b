"""Our WordPress plugin on a real WordPress: what readers see, whatever the service does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.request import Request, urlopen

import pytest
from our_plugin import FILE, activate, be_patient, complaints, configure, deactivate, install, page
from scratch_mariadb import MariaDB
from scratch_wordpress import WordPress
from stub_service import StubService


@pytest.fixture(scope="module")
def blog(
    mariadb: MariaDB, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[WordPress, list[int]]]:
    """A blog of four posts with the plugin's files, and the posts' numbers."""
    with WordPress(tmp_path_factory.mktemp("blog"), mariadb, "plugin_blog") as wordpress:
        install(wordpress)
        be_patient(wordpress)
        numbers = wordpress.run_php(
            "foreach ($values['titles'] as $title) $made[] = wp_insert_post(["
            "'post_title' => $title, 'post_content' => \"About $title.\","
            " 'post_status' => 'publish']); return $made;",
            titles=["Rye", "Spelt", "Oats", "Barley"],
        )
        yield wordpress, numbers
        assert complaints(wordpress) == []


@pytest.fixture
def service() -> Iterator[StubService]:
    """A stand-in for the service."""
    with StubService() as stub:
        yield stub


@pytest.fixture
def active(
    blog: tuple[WordPress, list[int]], service: StubService
) -> tuple[WordPress, list[int], StubService]:
    """The blog with the plugin active and nothing kept, its posts, and what it asks."""
    wordpress, numbers = blog
    service.items = [item(wordpress, number, f"Post {number}") for number in numbers[1:]]
    activate(wordpress, service=service.url)
    return wordpress, numbers, service


def item(wordpress: WordPress, number: int, title: str, **members: Any) -> dict[str, Any]:
    """An item as the service sends it."""
    return {"id": str(number), "url": f"{wordpress.url}/?p={number}", "title": title, **members}


def titles(html: str) -> list[str]:
    """The titles of the lists on a page."""
    found = re.findall(r'<span class="related-posts-title">(.*?)</span>', html)
    return [unescape(title) for title in found]


def test_without_the_plugin_a_page_has_no_list(blog: tuple[WordPress, list[int]]) -> None:
    """Files alone do nothing."""
    wordpress, numbers = blog
    deactivate(wordpress)
    assert "related-posts" not in page(wordpress, numbers[0])


def test_a_post_ends_with_its_list(active: tuple[WordPress, list[int], StubService]) -> None:
    """The items stand behind the text, in the service's order, as many as are wanted."""
    wordpress, numbers, service = active
    html = page(wordpress, numbers[0])
    assert titles(html) == [f"Post {number}" for number in numbers[1:]]
    assert html.index("About Rye.") < html.index('<section class="related-posts related-posts-list')
    assert service.asked[0]["id"] == [str(numbers[0])]
    configure(wordpress, service=service.url, limit=2, layout="grid", heading="More & more")
    html = page(wordpress, numbers[0])
    assert len(titles(html)) == 2
    assert "More &amp; more</h2>" in html


def test_only_posts_own_pages_have_lists(
    active: tuple[WordPress, list[int], StubService],
) -> None:
    """Neither the front page nor the feed has one, and they ask nothing."""
    wordpress, _, service = active
    for address in ("/", "/?feed=rss2"):
        with urlopen(wordpress.url + address, timeout=60) as answer:
            assert b"related-posts-title" not in answer.read()
    assert service.asked == []


def test_a_list_is_asked_for_once(active: tuple[WordPress, list[int], StubService]) -> None:
    """While an answer is fresh no page asks again."""
    wordpress, numbers, service = active
    for _ in range(3):
        assert len(titles(page(wordpress, numbers[0]))) == 3
    assert len(service.asked) == 1


def test_an_old_list_is_shown_and_renewed_behind_the_page(
    active: tuple[WordPress, list[int], StubService],
) -> None:
    """Whoever meets an old list sees it; the next reader sees the new one."""
    wordpress, numbers, service = active
    page(wordpress, numbers[0])
    age(wordpress)
    service.items = service.items[:1]
    assert len(titles(page(wordpress, numbers[0]))) == 3
    assert len(titles(page(wordpress, numbers[0]))) == 1
    assert len(service.asked) == 2


@pytest.mark.parametrize("failure", ["down", "500", "not JSON", "silent", "dripping"])
def test_kept_lists_outlive_the_service(
    active: tuple[WordPress, list[int], StubService], failure: str
) -> None:
    """Old lists stay whatever becomes of the service, which is soon left alone."""
    wordpress, numbers, service = active
    for number in numbers:
        page(wordpress, number)
    age(wordpress)
    fail(wordpress, service, failure)
    before = len(service.asked)
    for number in numbers * 2:
        assert len(titles(page(wordpress, number))) == 3
    assert len(service.asked) - before <= 2 or failure == "not JSON"


@pytest.mark.parametrize("failure", ["down", "500", "not JSON", "silent", "dripping"])
def test_without_a_kept_list_a_page_is_whole_all_the_same(
    active: tuple[WordPress, list[int], StubService], failure: str
) -> None:
    """A page comes while the service still holds its answer, and two failures are enough."""
    wordpress, numbers, service = active
    fail(wordpress, service, failure)
    for number in numbers * 2:
        html = page(wordpress, number)
        assert "About" in html
        assert titles(html) == []
    assert len(service.asked) <= 2 or failure == "not JSON"


def age(wordpress: WordPress) -> None:
    """Make every kept list an old one."""
    wordpress.run_php(
        'global $wpdb; foreach ($wpdb->get_col("SELECT option_name FROM $wpdb->options WHERE'
        " option_name LIKE '\\_transient\\_related\\_posts\\_a\\_%'\") as $name) {"
        " $kept = get_option($name); $kept['fresh_until'] = 1; update_option($name, $kept); }"
    )


def fail(wordpress: WordPress, service: StubService, failure: str) -> None:
    """Let the service fail in one of many ways."""
    if failure == "down":
        # The kept answers belong to the address: the service itself has to go.
        service.__exit__()
    elif failure == "500":
        service.status = 500
    elif failure == "not JSON":
        service.items = 7  # type: ignore[assignment]
    else:
        service.holds = {"silent": "answer", "dripping": "end"}[failure]
        configure(wordpress, service=service.url, timeout=0.3)


def test_what_the_service_says_is_text(
    active: tuple[WordPress, list[int], StubService],
) -> None:
    """Hostile titles, addresses and pictures make no markup and lead nowhere."""
    wordpress, numbers, service = active
    evil = "<img src=x onerror=alert(1)>\"'&amp;</section><script>alert(2)</script>"
    service.items = [
        item(
            wordpress,
            numbers[1],
            evil,
            excerpt=evil,
            author=evil,
            published='2024-01-01"><script>',
            image={"src": 'javascript:alert(3)"onerror="', "width": '1"x', "height": []},
        ),
        {"id": "x", "url": "javascript:alert(4)", "title": "a"},
        {"id": "x", "url": 'https://e.example/" onmouseover="alert(5)', "title": "quoted"},
        {"id": "x", "url": ["https://e.example/"], "title": "b"},
        {"id": "x", "url": "https://e.example/", "title": {"c": 1}},
        "no item",
        None,
    ]
    configure(wordpress, service=service.url, excerpt=True, author=True)
    html = page(wordpress, numbers[0])
    assert titles(html) == [evil, "quoted"]
    section = html[html.index('<section class="related-posts') :]
    section = section[: section.index("</section>")]
    assert "<script" not in section
    assert "javascript:" not in section
    assert not re.search(r"<[^>]*\son\w+\s*=", re.sub(r'"[^"]*"', '""', section))


def test_a_post_that_was_taken_back_is_not_shown(
    active: tuple[WordPress, list[int], StubService],
) -> None:
    """Whatever is kept and whatever the service says, what is not public is left out."""
    wordpress, numbers, _ = active
    assert len(titles(page(wordpress, numbers[0]))) == 3
    change = "wp_update_post(['ID' => $values['id'], $values['name'] => $values['value']]);"
    wordpress.run_php(change, id=numbers[1], name="post_status", value="private")
    wordpress.run_php(change, id=numbers[2], name="post_password", value="x")
    assert titles(page(wordpress, numbers[0])) == [f"Post {numbers[3]}"]
    wordpress.run_php(change, id=numbers[1], name="post_status", value="publish")
    wordpress.run_php(change, id=numbers[2], name="post_password", value="")


def test_filters_are_handed_on(active: tuple[WordPress, list[int], StubService]) -> None:
    """Terms, time, fallback and the way to ask become parameters."""
    wordpress, numbers, service = active
    configure(
        wordpress,
        service=service.url + "/",
        ask_by="url",
        not_category="News & more, Ads",
        not_tag="x",
        recent="6 months",
        past_only=True,
        fallback="category, recent, nonsense",
        limit=3,
    )
    page(wordpress, numbers[0])
    (asked,) = service.asked
    assert asked["url"] == [f"{wordpress.url}/?p={numbers[0]}"]
    assert asked["not_category"] == ["News & more", "Ads"]
    assert (asked["not_tag"], asked["recent"], asked["past_only"]) == (
        ["x"],
        ["6 months"],
        ["true"],
    )
    assert asked["fallback"] == ["category,recent"]
    assert asked["limit"] == ["6"]


def test_a_list_stands_where_the_author_put_it(
    active: tuple[WordPress, list[int], StubService],
) -> None:
    """Shortcodes, others' shortcodes and the block show a list; then none is at the end."""
    wordpress, numbers, _ = active
    places = [
        '[related_posts limit="2"]',
        '[yarpp limit="2"]',
        '[crp limit="2" heading="x"]',
        '[jetpack-related-posts limit="2"]',
        '<!-- wp:related-posts/list {"limit":2,"layout":"text"} /-->',
    ]
    change = "wp_update_post(['ID' => $values['id'], 'post_content' => $values['text']]);"
    text = "\n\n".join([f"<p>Before {n}.</p>\n\n{place}" for n, place in enumerate(places)])
    wordpress.run_php(change, id=numbers[3], text=f"{text}\n\n<p>After.</p>")
    html = page(wordpress, numbers[3])
    wordpress.run_php(change, id=numbers[3], text="About Barley.")
    parts = re.split(r"<p>(?:Before \d|After)\.</p>", html)
    assert [len(titles(part)) for part in parts] == [0, 2, 2, 2, 2, 2, 0]


def test_a_lead_has_no_list(active: tuple[WordPress, list[int], StubService]) -> None:
    """Where a theme makes an excerpt of the text above it, the list is no part of that."""
    wordpress, numbers, _ = active
    theme = wordpress.plugin(
        "lead",
        "add_action('the_post', function () { static $done = false; if ($done || !is_singular())"
        " return; $done = true; echo '<p class=\"lead\">', get_the_excerpt(), '</p>'; });",
    )
    try:
        html = page(wordpress, numbers[0])
    finally:
        theme.unlink()
    (lead,) = re.findall('<p class="lead">(.*?)</p>', html, re.S)
    assert lead.strip() == "About Rye."
    assert titles(html) == [f"Post {number}" for number in numbers[1:]]


def test_no_other_plugin_of_this_name_takes_its_place(
    active: tuple[WordPress, list[int], StubService],
) -> None:
    """WordPress does not look for updates of it where strangers publish theirs."""
    wordpress, _, _ = active
    said = wordpress.run_php(
        "require_once ABSPATH . 'wp-admin/includes/plugin.php';"
        f" return get_plugin_data(WP_PLUGIN_DIR . '/{FILE}');"
    )
    assert said["UpdateURI"] == "false"
    assert said["Name"] == "related-posts"


def test_the_service_reads_posts_without_their_lists(
    active: tuple[WordPress, list[int], StubService],
) -> None:
    """What it reads, or is sent, holds no list of its own, and it is not asked for one."""
    wordpress, numbers, service = active
    change = "wp_update_post(['ID' => $values['id'], 'post_content' => $values['text']]);"
    text = "About Barley. [related_posts]\n\n<!-- wp:related-posts/list /-->"
    wordpress.run_php(change, id=numbers[3], text=text)
    address = f"{wordpress.url}/?rest_route=/wp/v2/posts/{numbers[3]}"
    with urlopen(Request(address, headers={"User-Agent": "related-posts/1.0"})) as answer:
        read = json.load(answer)
    sent = wordpress.run_php("return Related_Posts\\message($values['id']);", id=numbers[3])
    assert service.asked == []
    for said in (read, sent):
        assert "About Barley." in said["content"]["rendered"]
        assert "related-posts-title" not in said["content"]["rendered"]
    with urlopen(address) as answer:
        assert "related-posts-title" in json.load(answer)["content"]["rendered"]
    wordpress.run_php(change, id=numbers[3], text="About Barley.")


def test_a_page_cache_keeps_no_page_without_its_list(
    active: tuple[WordPress, list[int], StubService],
) -> None:
    """The page that the service reads has no list and says that it must not be kept."""
    wordpress, numbers, service = active
    told = wordpress.plugin(
        "cache", "add_action('wp_footer', fn() => print(defined('DONOTCACHEPAGE') ? 'OFF' : 'ON'));"
    )
    address = f"{wordpress.url}/?p={numbers[0]}"
    try:
        with urlopen(Request(address, headers={"User-Agent": "related-posts/1.0"})) as answer:
            assert "no-cache" in answer.headers["Cache-Control"]
            text = answer.read().decode()
        assert (titles(text), text.count("OFF")) == ([], 1)
        assert service.asked == []
        with urlopen(address) as answer:
            assert "Cache-Control" not in answer.headers
            assert titles(answer.read().decode()) != []
    finally:
        told.unlink()


def test_anothers_shortcode_is_left_to_it(
    active: tuple[WordPress, list[int], StubService],
) -> None:
    """Where YARPP is active, its shortcode is its own."""
    wordpress, _, _ = active
    other = wordpress.plugin(
        "yarpp", "add_action('init', fn() => add_shortcode('yarpp', fn() => 'YARPP itself'));"
    )
    try:
        assert wordpress.run_php("return do_shortcode('[yarpp]');") == "YARPP itself"
    finally:
        other.unlink()


def test_themes_and_sidebars_have_it(
    active: tuple[WordPress, list[int], StubService],
) -> None:
    """The template function, YARPP's names for it, and the widget print lists."""
    wordpress, numbers, service = active
    configure(wordpress, service=service.url, post_types=[])
    calls = wordpress.plugin(
        "theme",
        "add_action('wp_footer', function () {"
        " related_posts_list(null, ['limit' => 1]); yarpp_related(['limit' => 1]);"
        " echo related_posts(['limit' => 1], false, false);"
        " the_widget('Related_Posts\\List_Widget', ['title' => 'Side & b', 'limit' => 1]); });",
    )
    try:
        html = page(wordpress, numbers[0])
    finally:
        calls.unlink()
    assert titles(html) == [f"Post {numbers[1]}"] * 4
    assert "Side &amp; b" in html


def test_others_are_silent_where_ours_stands(
    active: tuple[WordPress, list[int], StubService],
) -> None:
    """The filters by which YARPP, Jetpack and CRP ask whether to show theirs say no, once."""
    wordpress, numbers, service = active
    others = wordpress.plugin(
        "others",
        "add_action('wp_footer', function () { echo 'said:', json_encode(["
        " apply_filters('noyarpp', false, ''),"
        " apply_filters('jetpack_relatedposts_filter_enabled_for_request', true),"
        " apply_filters('get_crp_short_circuit', false, get_post(), ['is_widget' => false]),"
        " apply_filters('get_crp_short_circuit', false, get_post(), ['is_shortcode' => true])"
        "]); });",
    )
    try:
        assert "said:[true,false,true,false]" in page(wordpress, numbers[0])
        configure(wordpress, service=service.url, replace=False)
        assert "said:[false,true,false,false]" in page(wordpress, numbers[0])
    finally:
        others.unlink()


#: What YARPP does as far as moving away from it meets it: a list at the end of posts unless its
#: own filter says no, a shortcode, a setting.
YARPP = """
add_filter('the_content', fn($text) => is_singular() && !apply_filters('noyarpp', false, '')
    ? $text . '<p>YARPP at the end</p>' : $text, 1200);
add_action('init', fn() => add_shortcode('yarpp', fn() => 'YARPP by shortcode'));
"""


def test_moving_from_yarpp_never_leaves_a_post_without_a_list(
    active: tuple[WordPress, list[int], StubService],
) -> None:
    """The steps of docs/moving.md, there and back: each time one list, of the one or the other."""
    wordpress, numbers, service = active
    change = "wp_update_post(['ID' => $values['id'], 'post_content' => $values['text']]);"
    wordpress.run_php(change, id=numbers[3], text="Before. [yarpp] After.")
    wordpress.run_php("update_option('yarpp', ['limit' => 2, 'template' => 'thumbnails']);")

    def lists() -> list[tuple[int, bool, bool]]:
        """Of the post, and of one with YARPP's shortcode: our titles, and whether YARPP is seen."""
        pages = [page(wordpress, number) for number in (numbers[0], numbers[3])]
        return [(len(titles(html)), "YARPP at" in html, "YARPP by" in html) for html in pages]

    deactivate(wordpress)
    yarpp = wordpress.plugin("yarpp", YARPP)
    try:
        assert lists() == [(0, True, False), (0, True, True)]
        activate(wordpress, service=service.url)
        assert lists() == [(3, False, False), (0, False, True)]
        wordpress.run_php(
            "require_once WP_PLUGIN_DIR . '/related-posts/includes/yarpp.php';"
            "update_option('related_posts_settings', Related_Posts\\from_yarpp(get_option('yarpp'))"
            " + get_option('related_posts_settings'));"
        )
        assert lists()[0] == (2, False, False)
        configure(wordpress, service=service.url, replace=False)
        assert lists()[0] == (3, True, False)
        configure(wordpress, service=service.url)
    finally:
        yarpp.unlink()
    # YARPP is deactivated: its shortcode is ours, and a post that has it no second list.
    assert lists() == [(3, False, False), (3, False, False)]
    wordpress.run_php("delete_option('yarpp');" + change, id=numbers[3], text="About Barley.")


def test_yarpps_settings_are_taken_over(
    active: tuple[WordPress, list[int], StubService],
) -> None:
    """Number, heading, pictures, excluded terms, time span and post types; nonsense is not."""
    wordpress, _, _ = active
    read = "require_once WP_PLUGIN_DIR . '/related-posts/includes/yarpp.php';"
    read += "return Related_Posts\\from_yarpp($values['theirs']);"
    term = "return wp_insert_term($values['name'], $values['kind'])['term_taxonomy_id'];"
    excluded = [
        wordpress.run_php(term, name="Old news", kind="category"),
        wordpress.run_php(term, name="Ads", kind="post_tag"),
        99999,
    ]
    theirs = {
        "limit": "6",
        "template": "thumbnails",
        "thumbnails_heading": "You <em>may</em> like\\'s",
        "exclude": ",".join(map(str, excluded)),
        "recent": "6 month",
        "past_only": True,
        "auto_display_post_types": ["post", "page"],
    }
    ours = wordpress.run_php(read, theirs=theirs)
    assert ours["limit"] == 6
    assert ours["heading"] == "You may like's"
    assert (ours["layout"], ours["thumbnail"]) == ("grid", True)
    assert (ours["not_category"], ours["not_tag"]) == ("old-news", "ads")
    assert (ours["recent"], ours["past_only"]) == ("6 months", True)
    assert ours["post_types"] == ["post", "page"]
    plain = {"before_related": "<h3>Related posts:</h3><ol>", "show_excerpt": True, "recent": False}
    ours = wordpress.run_php(read, theirs=plain)
    assert (ours["heading"], ours["level"], ours["excerpt"]) == ("Related posts:", 3, True)
    assert (ours["layout"], "recent" in ours) == ("text", False)
    assert wordpress.run_php(read, theirs="broken") == []


def test_uninstalling_leaves_nothing(
    active: tuple[WordPress, list[int], StubService],
) -> None:
    """Neither option, transient nor scheduled task stays."""
    wordpress, numbers, service = active
    configure(wordpress, service=service.url, key="rp_key")
    page(wordpress, numbers[0])
    service.status = 503
    wordpress.run_php("wp_update_post(['ID' => $values['id']]);", id=numbers[0])
    left = (
        'global $wpdb; wp_cache_flush(); return [$wpdb->get_col("SELECT option_name FROM'
        " $wpdb->options WHERE option_name LIKE '%related_posts%'\"),"
        " strpos(serialize(_get_cron_array()), 'related_posts')];"
    )
    options, task = wordpress.run_php(left)
    assert any(name.startswith("related_posts_pending_") for name in options)
    assert any(name.startswith("_transient_related_posts_a_") for name in options)
    assert task is not False
    # The files stay for the other tests; WordPress runs the same before it deletes them.
    wordpress.run_php(f"deactivate_plugins('{FILE}'); uninstall_plugin('{FILE}');")
    assert wordpress.run_php(left) == [[], False]
