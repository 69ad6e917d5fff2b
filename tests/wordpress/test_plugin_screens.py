"""Our WordPress plugin in a real browser: what authors and administrators see and press."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from urllib.parse import unquote

import headless_chromium
import pytest
from loopback import serving
from our_plugin import activate, be_patient, complaints, configure, install
from playwright.sync_api import Browser, Page, Response, expect
from scratch_mariadb import MariaDB
from scratch_wordpress import ADMIN, WordPress

from service import create_app
from service.settings import ServiceSettings
from service.snapshot import EXTENSION
from training.publish import Watcher, train_and_publish
from training.settings import TrainingSettings

#: What is longer than any page takes on a busy machine.
PATIENCE_MS = 60_000
#: As if an author had closed the dialogs that greet new ones.
NO_GREETING = (
    "update_user_meta(1, $GLOBALS['wpdb']->get_blog_prefix() . 'persisted_preferences',"
    " ['core/edit-post' => ['welcomeGuide' => false], 'core/edit-widgets' => ['welcomeGuide' =>"
    " false], 'core/customize-widgets' => ['welcomeGuide' => false], '_modified' => gmdate('c')]);"
)
TITLES = ["Rye bread", "Spelt bread", "Oat bread", "Barley bread"]


@dataclass
class Stage:
    """A blog, our service trained on it, and a browser in which its administrator is logged in.

    Attributes:
        blog: The blog.
        numbers: Its posts'.
        service: The service's address.
        train: Reads the blog anew; the service answers from that at once.
        page: The browser's one page.
        thrown: What scripts of the page threw.
    """

    blog: WordPress
    numbers: list[int]
    service: str
    train: Callable[[], None]
    page: Page
    thrown: list[str]

    def visit(self, path: str) -> Page:
        """Go to an address of the blog."""
        self.page.goto(self.blog.url + path, wait_until="domcontentloaded")
        return self.page


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser, which like all that these tests need has to be there."""
    if headless_chromium.program() is None:
        pytest.fail("not installed: chromium; `make test-wordpress` installs it")
    with headless_chromium.launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def set_up(
    mariadb: MariaDB, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """All of it, once."""
    folder = tmp_path_factory.mktemp("screens")
    with WordPress(folder, mariadb, "screens_blog") as blog:
        install(blog)
        be_patient(blog)
        numbers = blog.run_php(
            "foreach ($values['titles'] as $title) $made[] = wp_insert_post(['post_title' =>"
            " $title, 'post_content' => \"Baking $title of flour, water and a starter.\","
            " 'post_status' => 'publish', 'post_author' => 1]); return $made;",
            titles=TITLES,
        )
        blog.run_php(NO_GREETING)
        data = folder / "data"
        app = create_app(ServiceSettings(data=data, reload_seconds=3600))

        def train() -> None:
            settings = TrainingSettings(
                data=data, jobs=1, allow_private=True, requests_per_second=1000.0
            )
            train_and_publish([blog.url], settings, Mock(spec=Watcher))
            app.extensions[EXTENSION].refresh()

        train()
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        thrown: list[str] = []
        page.on("pageerror", lambda mistake: thrown.append(str(mistake)))
        page.goto(f"{blog.url}/wp-login.php")
        page.locator("#user_login").fill(ADMIN)
        page.locator("#user_pass").fill("secret")
        page.locator("#wp-submit").click()
        page.wait_for_url("**/wp-admin/**")
        with serving(app) as address:
            yield Stage(blog, numbers, address, train, page, thrown)
        context.close()
        app.extensions[EXTENSION].stop()
        assert complaints(blog) == []


@pytest.fixture
def stage(set_up: Stage) -> Iterator[Stage]:
    """The plugin is active, with its defaults; no script throws."""
    expect.set_options(timeout=PATIENCE_MS)
    activate(set_up.blog, service=set_up.service)
    yield set_up
    assert set_up.thrown == []
    set_up.thrown.clear()


def insert(page: Page) -> None:
    """Find our block in the editor's list of blocks and put it in."""
    toggle = page.get_by_role("button", name="Toggle block inserter")
    toggle.click()
    page.get_by_role("searchbox", name="Search for blocks and patterns").fill("yarpp")
    # One of that name: where there are blocks, the widget is not offered as well.
    page.get_by_role("option", name="Related posts").click()
    toggle.click()


def open_settings(page: Page) -> None:
    """Open the editor's panel for the chosen block; it stays as it was left the last time."""
    button = page.get_by_role("button", name="Settings", exact=True)
    if button.get_attribute("aria-expanded") != "true":
        button.click()


def titles(page: Page, within: str = "") -> list[str]:
    """The titles of the lists in a part of the page."""
    return page.locator(f"{within} .related-posts .related-posts-title").all_inner_texts()


def is_kept(answer: Response, path: str) -> bool:
    """Whether WordPress has kept what was sent to this path of its interface."""
    return path in unquote(answer.url) and answer.request.method != "GET" and answer.ok


def publish(page: Page) -> str:
    """Publish the post in the editor; the address of its page."""
    page.get_by_role("button", name="Publish", exact=True).click()
    panel = page.get_by_role("region", name="Editor publish")
    panel.get_by_role("button", name="Publish", exact=True).click()
    link = panel.get_by_role("link", name="View Post")
    return str(link.get_attribute("href"))


def test_an_author_puts_the_block_into_a_post(stage: Stage) -> None:
    """It is found, shows what each choice does, and stands on the page as it was chosen."""
    page = stage.visit("/wp-admin/post-new.php")
    page.get_by_role("textbox", name="Add title").fill("Emmer bread")
    insert(page)
    block = page.get_by_role("document", name="Block: Related posts")
    # A new post has no list yet: the newest one's shows what it will look like.
    expect(block.locator(".related-posts-example")).to_contain_text("An example")
    expect(block.locator(".related-posts-list .related-posts-title")).to_have_count(3)
    open_settings(page)
    expect(page.get_by_label("Pictures")).to_be_checked()
    heading = page.get_by_role("textbox", name="Heading")
    assert heading.input_value() == "Related posts"
    # Each choice is seen before the next: a busy editor may draw an older state over a number.
    heading.fill("Bake next")
    expect(block.get_by_role("heading", name="Bake next")).to_be_visible()
    page.get_by_label("Layout").select_option("grid")
    expect(block.locator(".related-posts-grid")).to_be_visible()
    page.get_by_label("Dates").uncheck()
    expect(block.locator(".related-posts-date")).to_have_count(0)
    page.get_by_role("spinbutton", name="Most posts").fill("2")
    expect(block.locator(".related-posts-grid .related-posts-title")).to_have_count(2)
    expect(block.locator(".related-posts-date")).to_have_count(0)
    # The plugin's own style sheet is there, so that it looks as on the page.
    picture = block.locator("span.related-posts-picture").first
    assert picture.evaluate("(e) => getComputedStyle(e).aspectRatio") == "16 / 9"
    address = publish(page)
    stage.train()
    page.goto(address)
    shown = page.locator(".entry-content .related-posts")
    expect(shown).to_have_count(1)
    expect(shown).to_have_class("related-posts related-posts-grid related-posts-pictured "
                                "related-posts-by-2")  # fmt: skip
    assert shown.get_by_role("heading").inner_text() == "Bake next"
    found = titles(page)
    assert len(found) == 2
    assert set(found) < set(TITLES)


def test_a_published_post_shows_its_own_list_in_the_editor(stage: Stage) -> None:
    """The preview is what readers see, and one button goes back to the blog's settings."""
    configure(stage.blog, service=stage.service, heading="Read next", layout="text")
    number = stage.numbers[0]
    page = stage.visit(f"/wp-admin/post.php?post={number}&action=edit")
    insert(page)
    block = page.get_by_role("document", name="Block: Related posts")
    expect(block.locator(".related-posts-text .related-posts-title")).to_have_count(4)
    assert block.locator(".related-posts-example").count() == 0
    preview = block.locator(".related-posts-title").all_inner_texts()
    open_settings(page)
    page.get_by_label("Layout").select_option("list")
    expect(block.locator(".related-posts-list")).to_be_visible()
    page.get_by_role("button", name="As in the blog’s settings").click()
    expect(block.locator(".related-posts-text")).to_be_visible()
    with page.expect_response(lambda answer: is_kept(answer, f"/posts/{number}")):
        page.get_by_role("button", name="Update", exact=True).click()
    stage.visit(f"/?p={number}")
    assert titles(page) == preview
    assert page.get_by_role("heading", name="Read next").count() == 1


def test_the_block_in_a_sidebar_follows_the_page(stage: Stage) -> None:
    """Put in on the screen for widgets, it stands beside posts, and not beside lists of posts."""
    configure(stage.blog, service=stage.service, post_types=[])
    page = stage.visit("/wp-admin/widgets.php")
    insert(page)
    block = page.get_by_role("document", name="Block: Related posts")
    expect(block.locator(".related-posts-example")).to_be_visible()
    # "Widgets saved." is said before they are.
    with page.expect_response(lambda answer: is_kept(answer, "/sidebars/")):
        page.get_by_role("button", name="Update", exact=True).click()
    stage.visit(f"/?p={stage.numbers[1]}")
    beside = titles(page, ".widget-area")
    assert beside
    assert "Spelt bread" not in beside
    stage.visit("/")
    assert titles(page) == []


def test_where_widgets_are_no_blocks_there_is_ours(stage: Stage) -> None:
    """On the classic screen and in its customizer it is found, filled in, and shown."""
    classic = stage.blog.plugin("classic", "add_filter('use_widgets_block_editor', fn() => false);")
    configure(stage.blog, service=stage.service, post_types=[])
    stage.blog.run_php("update_option('sidebars_widgets', ['sidebar-1' => []]);")
    try:
        page = stage.visit("/wp-admin/customize.php?url=" + f"/?p={stage.numbers[1]}")
        page.get_by_role("heading", name="Widgets").click()
        page.get_by_role("heading", name="Footer").click()
        page.get_by_role("button", name="Add a Widget").click()
        page.get_by_role("textbox", name="Search Widgets").fill("related posts")
        page.locator("#available-widgets").get_by_role("heading", name="Related posts").click()
        form = page.locator("#customize-theme-controls .widget-content")
        form.get_by_label("Most posts").fill("1")
        form.get_by_label("Title").fill("Beside")
        with page.expect_response(lambda answer: "Beside" in (answer.request.post_data or "")):
            page.keyboard.press("Tab")
        page.get_by_role("button", name="Publish", exact=True).click()
        expect(page.locator("#save")).to_have_value("Published")
        stage.visit(f"/?p={stage.numbers[1]}")
        expect(page.get_by_role("heading", name="Beside")).to_be_visible()
        assert len(titles(page, ".widget-area")) == 1
    finally:
        classic.unlink()


def test_an_administrator_connects_the_blog(stage: Stage, axe_script: str) -> None:
    """Saving says how the connection is; every field has a name; nothing sticks out on a phone."""
    activate(stage.blog)
    page = stage.visit("/wp-admin/options-general.php?page=related-posts")
    page.get_by_label("Address of the service").fill(stage.service)
    page.get_by_role("button", name="Save Changes").click()
    expect(page.locator(".notice-success", has_text="The service answers.")).to_be_visible()
    expect(page.locator(".notice-success", has_text="It knows your newest post")).to_be_visible()
    expect(page.locator(".notice-warning", has_text="Without a key")).to_be_visible()
    page.get_by_label("Address of the service").fill("http://127.0.0.1:9")
    page.get_by_role("button", name="Save Changes").click()
    expect(page.locator(".notice-warning", has_text="does not answer")).to_be_visible()
    page.evaluate(axe_script)
    found: dict[str, Any] = page.evaluate("axe.run('.wrap form')")
    assert [violation["id"] for violation in found["violations"]] == []
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 1280, "height": 900})


def test_yarpps_settings_are_taken_over_by_one_button(stage: Stage) -> None:
    """The button is there where YARPP left settings, and the form shows them after."""
    page = stage.visit("/wp-admin/options-general.php?page=related-posts")
    button = page.get_by_role("button", name="Take over the settings of YARPP")
    assert button.count() == 0
    theirs = {"limit": 7, "template": "thumbnails", "thumbnails_heading": "You may like"}
    stage.blog.run_php("update_option('yarpp', $values);", **theirs)
    page.reload()
    button.click()
    expect(page.locator(".notice-success", has_text="were taken over")).to_be_visible()
    assert page.get_by_label("Most posts").input_value() == "7"
    assert page.get_by_label("Heading", exact=True).input_value() == "You may like"
    assert page.get_by_label("Layout").input_value() == "grid"
    stage.blog.run_php("delete_option('yarpp');")


def test_deleting_it_leaves_nothing(stage: Stage) -> None:
    """On the screen for plugins: deactivated and deleted, neither file nor row of it is left."""
    plugin = stage.blog.folder / "wp-content" / "plugins" / "related-posts"
    stage.visit(f"/?p={stage.numbers[2]}")
    rows = (
        'global $wpdb; wp_cache_flush(); return [$wpdb->get_col("SELECT option_name FROM'
        " $wpdb->options WHERE option_name LIKE '%related_posts%'\"), $wpdb->get_col(\"SELECT"
        " meta_key FROM $wpdb->usermeta WHERE meta_key LIKE '%related_posts%'\"),"
        " strpos(serialize(_get_cron_array()), 'related_posts')];"
    )
    assert stage.blog.run_php(rows)[0] != []
    page = stage.visit("/wp-admin/plugins.php")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("link", name="Deactivate related-posts").click()
    try:
        page.get_by_role("link", name="Delete related-posts").click()
        expect(page.get_by_text("related-posts was successfully deleted.")).to_be_visible()
        assert not Path(plugin).exists()
        assert stage.blog.run_php(rows) == [[], [], False]
    finally:
        if not Path(plugin).exists():
            install(stage.blog)
