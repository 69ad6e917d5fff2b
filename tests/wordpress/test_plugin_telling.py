"""Our WordPress plugin beside our real service: changes arrive, and people can set it up."""

from __future__ import annotations

import http.cookiejar
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest
from loopback import serving
from our_plugin import activate, be_patient, complaints, configure, install, page
from scratch_mariadb import MariaDB
from scratch_wordpress import ADMIN, WordPress

from related_posts.archive import Archive
from service import create_app
from service.settings import ServiceSettings
from service.snapshot import EXTENSION

#: As wp-cron would, later.
LATER = "do_action('related_posts_send');"
PENDING = (
    'global $wpdb; return $wpdb->get_col("SELECT option_name FROM $wpdb->options'
    " WHERE option_name LIKE 'related\\_posts\\_pending\\_%' ORDER BY 1\");"
)


@pytest.fixture(scope="module")
def blog(mariadb: MariaDB, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WordPress]:
    """A blog of three posts, with the plugin's files."""
    with WordPress(tmp_path_factory.mktemp("blog"), mariadb, "telling_blog") as wordpress:
        install(wordpress)
        be_patient(wordpress)
        wordpress.run_php(
            "foreach (['rye', 'spelt', 'oats'] as $title) wp_insert_post(['post_title' => $title,"
            " 'post_content' => \"Baking bread of $title flour.\", 'post_status' => 'publish']);"
        )
        yield wordpress
        assert complaints(wordpress) == []


@pytest.fixture
def service(blog: WordPress, run: Any, tmp_path: Path) -> Iterator[str]:
    """Our service, trained on the blog; its address."""
    options = ("--set", "allow_private=true", "--set", "requests_per_second=1000")
    done = run("train", blog.url, "--data", "data", "--jobs", 1, *options)
    assert done.returncode == 0, done.stderr
    app = create_app(ServiceSettings(data=tmp_path / "data", reload_seconds=3600))
    with serving(app) as address:
        yield address
    app.extensions[EXTENSION].stop()


@pytest.fixture
def key(run: Any) -> str:
    """A key that may write."""
    done = run("keys", "create", "--scope", "write", "--name", "blog", "--data", "data")
    assert done.returncode == 0, done.stderr
    return str(done.stdout.split()[0])


@pytest.fixture
def admin(blog: WordPress) -> OpenerDirector:
    """A browser in which the administrator is logged in."""
    return login_as(blog, ADMIN)


def login_as(blog: WordPress, user: str) -> OpenerDirector:
    """A browser in which a user is logged in."""
    browser = build_opener(HTTPCookieProcessor(http.cookiejar.CookieJar()))
    login = f"{blog.url}/wp-login.php"
    browser.open(login, timeout=60).close()
    browser.open(login, urlencode({"log": user, "pwd": "secret"}).encode(), timeout=60).close()
    return browser


def held(data: Path) -> dict[str, str]:
    """Id and title of what the archive holds."""
    with Archive(data) as archive:
        return {post.id: post.title for post in archive.posts()}


def test_the_archive_follows_the_author(
    blog: WordPress, service: str, key: str, tmp_path: Path
) -> None:
    """Publishing, changing, protecting, taking back, trashing and deleting all arrive."""
    activate(blog, service=service, key=key)
    data = tmp_path / "data"
    draft = "return wp_insert_post($values);"
    number = blog.run_php(draft, post_title="Emmer", post_content="Old wheat", post_status="draft")
    post_id = str(number)
    assert post_id not in held(data)
    change = "wp_update_post(['ID' => $values['id']] + $values['change']);"

    def update(**values: str) -> None:
        blog.run_php(change, id=number, change=values)

    update(post_status="publish")
    assert held(data)[post_id] == "Emmer"
    update(post_title="Emmer & einkorn")
    assert held(data)[post_id] == "Emmer & einkorn"
    for taken_back, given_back in (
        ({"post_password": "x"}, {"post_password": ""}),
        ({"post_status": "private"}, {"post_status": "publish"}),
    ):
        update(**taken_back)
        assert post_id not in held(data)
        update(**given_back)
        assert post_id in held(data)
    blog.run_php("wp_trash_post($values['id']);", id=number)
    assert post_id not in held(data)
    update(post_status="publish")
    assert post_id in held(data)
    blog.run_php("wp_delete_post($values['id'], true);", id=number)
    assert post_id not in held(data)
    assert blog.run_php(PENDING) == []


def test_what_did_not_arrive_is_sent_again(
    blog: WordPress, service: str, key: str, tmp_path: Path
) -> None:
    """A change made while the service is down waits, and arrives with wp-cron."""
    activate(blog, service="http://127.0.0.1:9", key=key)
    number = blog.run_php(
        "return wp_insert_post(['post_title' => 'Late', 'post_content' => 'Late rye.',"
        " 'post_status' => 'publish']);"
    )
    assert blog.run_php(PENDING) == [f"related_posts_pending_{number}"]
    assert str(number) not in held(tmp_path / "data")
    assert blog.run_php("return wp_next_scheduled('related_posts_send') > time();") is True
    configure(blog, service=service, key=key)
    blog.run_php("delete_transient('related_posts_circuit');" + LATER)
    assert held(tmp_path / "data")[str(number)] == "Late"
    assert blog.run_php(PENDING) == []
    assert blog.run_php("return wp_next_scheduled('related_posts_send');") is False


def test_nothing_is_told_without_a_key(blog: WordPress, service: str) -> None:
    """Without a key, and of what is no post, nothing waits and nothing is sent."""
    activate(blog, service=service)
    blog.run_php("wp_insert_post(['post_title' => 'x', 'post_status' => 'publish']);")
    assert blog.run_php(PENDING) == []
    configure(blog, service=service, key="rp_x")
    new = "wp_insert_post(['post_title' => 'x', 'post_type' => $values['type']] + $values['more']);"
    blog.run_php(new, type="page", more={"post_status": "publish"})
    blog.run_php(new, type="post", more={"post_status": "draft"})
    assert blog.run_php(PENDING) == []


def test_the_real_service_fills_the_page(blog: WordPress, service: str) -> None:
    """Trained on the blog, it says what stands at a post's end."""
    activate(blog, service=service)
    number = blog.run_php("return get_posts(['title' => 'rye'])[0]->ID;")
    html = page(blog, number)
    assert {"spelt", "oats"} <= set(re.findall(r'related-posts-title">(.*?)<', html))


def test_an_administrator_sets_it_up(
    blog: WordPress, service: str, key: str, admin: OpenerDirector
) -> None:
    """Settings are saved by the form, the key is never shown, and the test says how things are."""
    activate(blog)
    form = f"{blog.url}/wp-admin/options-general.php?page=related-posts"
    html = read(admin, form)
    values = dict(hidden(html, "options.php"))
    values |= {
        "related_posts_settings[service]": f" {service}/ ",
        "related_posts_settings[key]": key,
        "related_posts_settings[limit]": "99",
        "related_posts_settings[heading]": '"Next" <script>',
        "related_posts_settings[layout]": "nonsense",
        "related_posts_settings[post_types][]": "post",
        "related_posts_settings[thumbnail]": "0",
    }
    read(admin, f"{blog.url}/wp-admin/options.php", values)
    kept = blog.run_php("return get_option('related_posts_settings');")
    assert kept["service"] == service
    assert (kept["key"], kept["limit"], kept["layout"]) == (key, 20, "list")
    assert (kept["heading"], kept["post_types"]) == ('"Next"', ["post"])
    assert kept["thumbnail"] is False
    html = read(admin, form)
    assert key not in html
    said = press(admin, blog, html, "related_posts_test")
    assert "The service answers. It has " in said
    assert "The key is good" in said
    # An empty field keeps the key; a wrong one is told of.
    values |= {"related_posts_settings[key]": "rp_wrong"}
    read(admin, f"{blog.url}/wp-admin/options.php", values)
    assert "Changes cannot be sent: 401" in press(admin, blog, html, "related_posts_test")
    blog.run_php("update_option('yarpp', ['limit' => 7]);")
    html = read(admin, form)
    assert "were taken over" in press(admin, blog, html, "related_posts_migrate")
    kept = blog.run_php("return get_option('related_posts_settings');")
    assert (kept["limit"], kept["key"], kept["service"]) == (7, "rp_wrong", service)


def test_nobody_else_can(blog: WordPress, admin: OpenerDirector) -> None:
    """No form without its nonce, no editor and no stranger starts an action."""
    activate(blog, limit=3)
    blog.run_php(
        "wp_insert_user(['user_login' => 'ed', 'user_pass' => 'secret', 'role' => 'editor']);"
    )
    address = f"{blog.url}/wp-admin/admin-post.php"
    stranger = build_opener()
    for browser, status in ((admin, 403), (login_as(blog, "ed"), 403), (stranger, 400)):
        for action in ("related_posts_test", "related_posts_migrate"):
            with pytest.raises(HTTPError) as refused:
                browser.open(address, urlencode({"action": action}).encode(), timeout=60)
            assert refused.value.code == status
            refused.value.close()
    assert blog.run_php("return get_option('related_posts_settings');")["limit"] == 3


def read(browser: OpenerDirector, address: str, values: dict[str, str] | None = None) -> str:
    """A page as the browser gets it."""
    data = urlencode(values).encode() if values else None
    with browser.open(address, data, timeout=60) as answer:
        return str(answer.read().decode())


def hidden(html: str, action: str) -> list[tuple[str, str]]:
    """The hidden fields of the form that names an action."""
    (form,) = (part for part in html.split("<form")[1:] if action in part.split("</form>")[0])
    found = []
    for field in re.findall(r"<input[^>]*>", form.split("</form>")[0]):
        attributes = dict(re.findall(r"""(\w+)=["']([^"']*)["']""", field))
        if attributes.get("type") == "hidden":
            found.append((attributes["name"], unescape(attributes["value"])))
    return found


def press(browser: OpenerDirector, blog: WordPress, html: str, action: str) -> str:
    """Press the button of an action; the page that follows."""
    values = dict(hidden(html, f'value="{action}"'))
    return unescape(read(browser, f"{blog.url}/wp-admin/admin-post.php", values))
