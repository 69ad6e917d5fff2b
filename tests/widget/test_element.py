"""The element in a real browser: what it shows, asks, keeps and tells."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route

from service.html.days import day

Look = Callable[..., Page]

SCRIPT = '<script type="module" src="http://related.test/widget.js"></script>'
POST = "/2019/01/proving-dough-in-a-cold-kitchen/"
OTHER = "/2016/11/rye-is-not-wheat/"
STYLE = """
  html { color-scheme: light dark; }
  body { font: 17px/1.5 Georgia, serif; margin: 0 auto; padding: 24px; max-width: 1100px; }
  @media (prefers-color-scheme: dark) { body { background: #14171a; color: #e6e4df; } }
"""


def document(
    inside: str, *, head: str = SCRIPT, lang: str = "en", title: str = "A post", more: str = ""
) -> str:
    """A page of a blog around some HTML."""
    return (
        f'<!doctype html><html lang="{lang}" {more}><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title>'
        f"<style>{STYLE}</style>{head}</head><body><main><h1>A post</h1><p>Its text.</p>"
        f"{inside}</main></body></html>"
    )


def hear(page: Page) -> None:
    """Keep every event of the widget as ``window.heard``."""
    page.add_init_script(
        """window.heard = [];
        for (const name of ["loaded", "empty", "error", "click"]) {
          addEventListener(`related-posts-${name}`, (event) => heard.push(
            { name, ...event.detail, reason: event.detail.reason && String(event.detail.reason),
              composed: event.composed, bubbles: event.bubbles }));
        }"""
    )


def heard(page: Page, name: str, count: int = 1) -> list[dict[str, Any]]:
    """Wait for events of a name; all of them."""
    page.wait_for_function(
        "([name, count]) => heard.filter((e) => e.name === name).length >= count", arg=[name, count]
    )
    return [event for event in page.evaluate("heard") if event["name"] == name]


def titles(page: Page, place: int = 0) -> list[str]:
    """The titles a reader sees in the list of a page's first widget, or another."""
    return page.locator("related-posts").nth(place).locator("a .title").all_inner_texts()


def questions(stage: Any) -> list[dict[str, list[str]]]:
    """The parameters of each question the service was asked."""
    asked = [urlsplit("//" + each) for each in stage.asked]
    return [parse_qs(each.query) for each in asked if each.path == "/v1/related"]


def answering(*items: dict[str, Any], **more: Any) -> Callable[[Page], None]:
    """Have the service answer with these items instead of its own."""

    def before(page: Page) -> None:
        def fulfil(route: Route) -> None:
            whole = [{"id": f"/{n}/", "url": f"/{n}/", "title": f"Title {n}", **item}
                     for n, item in enumerate(items)]  # fmt: skip
            route.fulfill(
                json={"version": "v", "post": {"id": POST}, "items": whole, **more},
                headers={"Access-Control-Allow-Origin": "*"},
            )

        page.route("**/v1/related?*", fulfil)
        hear(page)

    return before


def test_one_line_is_enough(look: Look, stage: Any, trained: Any) -> None:
    """Script and empty element show the service's own list for this page's address."""
    page = look(document("<related-posts></related-posts>"), before=hear)
    (event,) = heard(page, "loaded")
    answer = stage.app.test_client().get(f"/v1/related?id={POST}&limit=4").get_json()
    assert titles(page) == [item["title"] for item in answer["items"]]
    assert event["version"] == answer["version"]
    assert event["post"] == POST
    assert [item["id"] for item in event["items"]] == [item["id"] for item in answer["items"]]
    assert event["composed"]
    assert event["bubbles"]
    assert page.problems == []
    hrefs = [link.get_attribute("href") for link in page.locator("related-posts a").all()]
    assert hrefs == [f"http://blog.test{item['url']}" for item in answer["items"]]


def test_it_is_a_labelled_landmark_with_a_real_list(look: Look) -> None:
    """Assistive technology finds a region, its heading, a list and one link an item."""
    page = look(document('<related-posts limit="3"></related-posts>'), before=hear)
    heard(page, "loaded")
    tree = page.locator("related-posts").aria_snapshot()
    assert tree.startswith('- region "Related posts":')
    assert '- heading "Related posts" [level=2]' in tree
    assert tree.count("- listitem:") == 3
    assert tree.count("- link ") == 3
    assert "- list:" in tree


def test_nothing_is_kept_and_nobody_else_is_asked(look: Look, stage: Any) -> None:
    """No cookie, no storage, no host but the blog's and the service's, no credentials."""
    page = look(document("<related-posts></related-posts>"), before=hear)
    heard(page, "loaded")
    assert page.context.cookies() == []
    assert (
        page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0
    )
    assert {each.partition("/")[0] for each in stage.asked} <= {"blog.test", "related.test"}
    paths = [each.partition("?")[0] for each in stage.asked if each.startswith("related.test")]
    assert paths == ["related.test/widget.js", "related.test/v1/related"]


@pytest.mark.parametrize(
    ("attributes", "head", "name", "value"),
    [
        (f'post="{OTHER}"', "", "id", OTHER),
        (f'url="{OTHER}"', "", "url", f"http://blog.test{OTHER}"),
        ("", f'<link rel="canonical" href="{OTHER}">', "url", f"http://blog.test{OTHER}"),
        ("", "", "url", f"http://blog.test{POST}?utm_source=x"),
    ],
)
def test_how_the_post_is_found(
    look: Look, stage: Any, attributes: str, head: str, name: str, value: str
) -> None:
    """By `post`, else `url`, else the canonical link, else the page's address."""
    stage.pages[POST] = ""
    html = document(f"<related-posts {attributes}></related-posts>", head=SCRIPT + head)
    stage.pages[POST] = html
    page = look(html, before=hear)
    page.goto(f"http://blog.test{POST}?utm_source=x#part")
    heard(page, "loaded")
    assert questions(stage)[-1][name] == [value]


def test_attributes_become_parameters(look: Look, stage: Any) -> None:
    """limit, exclude, filters and free parameters reach the service, once each."""
    page = look(
        document(
            f'<related-posts post="{POST}" limit="2" exclude="/a/ /b/" query="exclude=c%20d" '
            'past-only category="Bread" not-tag="x">'
            "</related-posts>"
        ),
        before=hear,
    )
    heard(page, "loaded")
    (asked,) = questions(stage)
    assert asked == {
        "id": [POST],
        "limit": ["2"],
        "exclude": ["c d", "/a/", "/b/"],
        "past_only": ["true"],
        "category": ["Bread"],
        "not_tag": ["x"],
    }
    assert len(titles(page)) == 2


@pytest.mark.parametrize("service", ["http://related.test/prefix", "http://related.test/prefix/"])
def test_the_service_can_be_elsewhere(look: Look, stage: Any, service: str) -> None:
    """`service` names the service, under a path too, whether it ends in a slash or not."""
    page = look(document(f'<related-posts service="{service}"></related-posts>'), before=hear)
    heard(page, "error")
    assert [each for each in stage.asked if "/prefix/v1/related?" in each]


def test_attribute_changes_are_one_question(look: Look, stage: Any) -> None:
    """Several changes at once ask once; a change of looks asks nothing."""
    page = look(document("<related-posts></related-posts>"), before=hear)
    heard(page, "loaded")
    page.evaluate(
        f"""() => {{ const widget = document.querySelector("related-posts");
        widget.setAttribute("limit", "2"); widget.setAttribute("post", "{OTHER}");
        widget.setAttribute("limit", "3"); widget.setAttribute("layout", "cards"); }}"""
    )
    heard(page, "loaded", 2)
    assert len(titles(page)) == 3
    page.evaluate("document.querySelector('related-posts').setAttribute('layout', 'text')")
    page.locator("related-posts ul.text").wait_for()
    page.evaluate("document.querySelector('related-posts').setAttribute('headline', 'More')")
    page.get_by_role("heading", name="More").wait_for()
    assert len(questions(stage)) == 2


def test_several_and_twice(look: Look, stage: Any) -> None:
    """Two widgets on a page that loads the script twice, once pinned: no error, two lists."""
    pinned = f"/{_asset().pinned_name}"
    page = look(
        document(
            f'<related-posts limit="2" headline="One"></related-posts>'
            f'<related-posts post="{OTHER}" limit="3" headline="Two"></related-posts>',
            head=f'{SCRIPT}<script type="module" src="http://related.test{pinned}"></script>',
        ),
        before=hear,
    )
    heard(page, "loaded", 2)
    assert page.problems == []
    assert len(titles(page)) == 2
    assert len(titles(page, 1)) == 3


def _asset() -> Any:
    from service.widget.assets import load

    return load("widget.js")


def test_integrity(look: Look) -> None:
    """The pinned file runs with its integrity value, and not with another."""
    asset = _asset()
    for integrity, works in ((asset.integrity, True), (asset.integrity[:-4] + "AAAA", False)):
        head = (
            f'<script type="module" src="http://related.test/{asset.pinned_name}" '
            f'integrity="{integrity}" crossorigin></script>'
        )
        page = look(document("<related-posts></related-posts>", head=head))
        page.wait_for_load_state("load")
        defined = page.evaluate("!!customElements.get('related-posts')")
        assert defined is works


POLICY = (
    "default-src 'none'; script-src http://related.test/; connect-src http://related.test/; "
    "img-src 'self'; style-src 'none'; require-trusted-types-for 'script'"
)


def test_strict_policy(look: Look) -> None:
    """With the documented Content-Security-Policy it looks the same and violates nothing."""
    from werkzeug.wrappers import Response

    def before(page: Page) -> None:
        hear(page)
        page.add_init_script(
            """window.broken = [];
            addEventListener("securitypolicyviolation", (e) => broken.push(e.violatedDirective))"""
        )

    html = document('<related-posts layout="grid"></related-posts>').replace(
        f"<style>{STYLE}</style>", ""
    )
    response = Response(
        html, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": POLICY}
    )
    page = look(response, before=before)
    # The policy forbids evaluating text later, so waiting is left to locators.
    page.locator("related-posts img").first.wait_for()
    page.evaluate(
        "Promise.all([...document.querySelector('related-posts').shadowRoot"
        ".querySelectorAll('img')].map((image) => image.decode()))"
    )
    assert page.locator("related-posts img").count() == 4
    assert [event["name"] for event in page.evaluate("heard")] == ["loaded"]
    assert page.evaluate("broken") == []
    display = page.evaluate(
        "getComputedStyle(document.querySelector('related-posts').shadowRoot"
        ".querySelector('ul')).display"
    )
    assert display == "grid"


LINKS = '<ul><li><a href="/one/">One</a></li><li><a href="/two/">Two</a></li></ul>'


def fallback_seen(page: Page) -> bool:
    """Whether the links of the page itself are what a reader sees."""
    return page.get_by_role("link", name="One").is_visible()


def test_without_script(look: Look) -> None:
    """Where no script runs, the links inside the element are the list."""
    page = look(document(f"<related-posts>{LINKS}</related-posts>"), java_script_enabled=False)
    assert fallback_seen(page)


def test_script_that_does_not_come(look: Look) -> None:
    """Where the service does not even send the script, the links are the list."""
    page = look(
        document(f"<related-posts>{LINKS}</related-posts>"),
        before=lambda page: page.route("http://related.test/**", lambda route: route.abort()),
    )
    page.wait_for_load_state("load")
    assert fallback_seen(page)


def _down(page: Page) -> None:
    hear(page)
    page.route("**/v1/related?*", lambda route: route.abort())


def _broken(page: Page) -> None:
    hear(page)
    page.route(
        "**/v1/related?*",
        lambda route: route.fulfill(body="<html>", headers={"Access-Control-Allow-Origin": "*"}),
    )


def _shapeless(page: Page) -> None:
    hear(page)
    page.route(
        "**/v1/related?*",
        lambda route: route.fulfill(json=None, headers={"Access-Control-Allow-Origin": "*"}),
    )


@pytest.mark.parametrize(
    ("before", "attributes"),
    [(_down, ""), (_broken, ""), (_shapeless, ""), (hear, 'post="/nowhere/"'),
     (hear, 'query="nonsense=1"')],
)  # fmt: skip
def test_links_stay_when_no_good_answer_comes(
    look: Look, before: Callable[[Page], None], attributes: str
) -> None:
    """Service down, nonsense instead of JSON, unknown post, refusal: links stay, one error."""
    page = look(document(f"<related-posts {attributes}>{LINKS}</related-posts>"), before=before)
    (event,) = heard(page, "error")
    assert event["reason"]
    assert fallback_seen(page)
    assert page.locator("related-posts section:visible").count() == 0
    assert page.problems == []


def test_an_empty_answer(look: Look) -> None:
    """Links stay; without links the `empty` text stands, or nothing at all."""
    page = look(document(f"<related-posts>{LINKS}</related-posts>"), before=answering())
    heard(page, "empty")
    assert fallback_seen(page)
    page = look(
        document('<related-posts empty="Nothing yet."></related-posts>'), before=answering()
    )
    heard(page, "empty")
    assert page.get_by_text("Nothing yet.").is_visible()
    page = look(document("<related-posts></related-posts>"), before=answering())
    heard(page, "empty")
    assert page.locator("related-posts section").count() == 0


def test_a_slow_service(look: Look, stage: Any) -> None:
    """While the answer is on its way the links are there; then the list is, without a shift."""
    stage.held.add("/v1/related")
    page = look(
        document(f"<related-posts>{LINKS}</related-posts><p>What follows.</p>"), before=hear
    )
    page.wait_for_function("!!customElements.get('related-posts')")
    assert fallback_seen(page)
    stage.release()
    heard(page, "loaded")
    assert not fallback_seen(page)
    assert len(titles(page)) == 4


def test_removal_aborts(look: Look, stage: Any) -> None:
    """A widget that is removed while it waits gives up its request and stays silent."""
    stage.held.add("/v1/related")
    page = look(document("<related-posts></related-posts>"), before=hear)
    for _ in range(1000):
        if questions(stage):
            break
        page.evaluate("new Promise(requestAnimationFrame)")
    with page.expect_event("requestfailed") as failed:
        page.evaluate("document.querySelector('related-posts').remove()")
    assert "ABORTED" in failed.value.failure
    assert page.evaluate("heard") == []


@pytest.mark.parametrize("waits", [True, False])
def test_a_moved_widget_leaves_no_hole(look: Look, waits: bool) -> None:
    """Moved before or after an empty answer, it tells of that alone; a key lets its space go."""
    asked: list[Route] = []

    def answer(route: Route) -> None:
        asked.append(route)
        if len(asked) > waits:
            route.fulfill(
                json={"version": "v", "items": []}, headers={"Access-Control-Allow-Origin": "*"}
            )

    def before(page: Page) -> None:
        hear(page)
        page.route("**/v1/related?*", answer)

    style = STYLE + "related-posts { display: block; min-block-size: 700px }"
    page = look(
        document("<related-posts></related-posts>").replace(STYLE, style),
        height=1600,
        before=before,
    )
    if waits:
        for _ in range(1000):
            if asked:
                break
            page.evaluate("new Promise(requestAnimationFrame)")
    else:
        heard(page, "empty")
    page.evaluate("document.body.append(document.querySelector('related-posts'))")
    heard(page, "empty")
    assert len(asked) == 1 + waits
    assert [event["name"] for event in page.evaluate("heard")] == ["empty"]
    height = "document.querySelector('related-posts').offsetHeight"
    assert page.evaluate(height) == 700
    page.keyboard.press("Shift")
    page.wait_for_function(f"{height} === 0")


def test_a_moved_widget_asks_once(look: Look, stage: Any) -> None:
    """Moving the element elsewhere on the page keeps its list and asks nothing."""
    page = look(document("<related-posts></related-posts>"), before=hear)
    heard(page, "loaded")
    page.evaluate("document.body.append(document.querySelector('related-posts'))")
    page.evaluate("new Promise(requestAnimationFrame)")
    assert len(titles(page)) == 4
    assert len(questions(stage)) == 1


HOSTILE = [
    {"title": "<img src=x onerror=alert(1)>", "excerpt": "<script>alert(2)</script>"},
    {"title": "Script", "url": "javascript:alert(3)"},
    {"title": "Data", "url": "data:text/html,<script>alert(4)</script>"},
    {"title": "Odd picture", "image": {"src": "javascript:alert(5)", "width": "<b>"}},
    {"title": "Odd set", "image": {"src": "/images/x.svg",
                                   "srcset": "javascript:alert(6) 2x, /images/y.svg"}},
    {"title": "", "id": "an-id", "author": {"toString": 1}, "categories": "x", "published": "x"},
    {"title": 7, "url": None},
]  # fmt: skip


def test_hostile_answers(look: Look) -> None:
    """Markup is text, other schemes are no links and no pictures, odd types do no harm."""
    dialogs: list[str] = []

    def before(page: Page) -> None:
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        answering(*HOSTILE)(page)

    show = "image excerpt author category date"
    page = look(document(f'<related-posts limit="9" show="{show}"></related-posts>'), before=before)
    heard(page, "loaded")
    assert titles(page) == ["<img src=x onerror=alert(1)>", "Odd picture", "Odd set", "an-id"]
    hrefs = page.evaluate(
        "[...document.querySelector('related-posts').shadowRoot.querySelectorAll('a, img')]"
        ".flatMap((e) => [e.href, e.src, e.srcset]).filter(Boolean)"
    )
    assert all(address.startswith("http://blog.test/") for address in hrefs)
    assert page.locator("related-posts script").count() == 0
    assert dialogs == []
    assert page.problems == []


def test_pictures(look: Look) -> None:
    """Sizes and srcset are kept; a missing or broken picture leaves the title's first letter."""
    image = {"src": "/images/rye-is-not-wheat.svg", "width": 800, "height": 450}
    wide = {**image, "srcset": "/images/rye-is-not-wheat.svg 400w, /images/drawing-the-moon.svg 9w"}
    page = look(
        document('<related-posts layout="grid"></related-posts>'),
        before=answering(
            {"image": image}, {"image": wide}, {"image": {"src": "/gone.png"}}, {"image": None}
        ),
    )
    heard(page, "loaded")
    page.wait_for_function(
        "document.querySelector('related-posts').shadowRoot.querySelectorAll('img').length === 2"
    )
    images = page.locator("related-posts img")
    assert images.nth(0).get_attribute("width") == "800"
    assert images.nth(0).get_attribute("height") == "450"
    assert images.nth(0).get_attribute("alt") == ""
    assert images.nth(1).get_attribute("srcset") == (
        "http://blog.test/images/rye-is-not-wheat.svg 400w, "
        "http://blog.test/images/drawing-the-moon.svg 9w"
    )
    assert page.locator("related-posts .thumb").all_inner_texts()[2:] == ["T", "T"]


@pytest.mark.parametrize(
    ("lang", "headline", "date"),
    [("de", "Ähnliche Beiträge", "2. Januar 2024"), ("en", "Related posts", "January 2, 2024"),
     ("EN-gb", "Related posts", "2 January 2024"), ("fr", "Articles similaires", "2 janvier 2024"),
     ("pt-BR", "Artigos relacionados", "2 de janeiro de 2024"),
     ("nb", "Relaterte innlegg", "2. januar 2024"), ("zh-Hant-TW", "相關文章", "2024年1月2日"),
     ("zh-CN", "相关文章", "2024年1月2日"), ("he", "פוסטים קשורים", "2 בינואר 2024"),
     ("fa", "نوشته‌های مرتبط", "۱۲ دی ۱۴۰۲"), ("th", "บทความที่เกี่ยวข้อง", "2 มกราคม 2567"),
     ("sw", "Related posts", "2 Januari 2024"), ("xx", "Related posts", "January 2, 2024")],
)  # fmt: skip
def test_words_and_dates_follow_the_page(look: Look, lang: str, headline: str, date: str) -> None:
    """Headline and dates are the page's, in the widget as in what the service writes itself.

    An item of another language has its date in that one. The day does not depend on the zone.
    """
    moment = "2024-01-02T23:30:00Z"
    page = look(
        document("<related-posts></related-posts>", lang=lang),
        before=answering(
            {"published": moment},
            {"published": moment, "language": "hu"},
            {"published": moment, "language": "no such language"},
        ),
        timezone_id="Asia/Tokyo",
    )
    heard(page, "loaded")
    assert page.locator("related-posts h2").inner_text() == headline
    shown = page.locator("related-posts time")
    assert shown.all_inner_texts() == [date, "2024. január 2.", date]
    assert day(moment, lang) == date
    assert day(moment, "hu") == "2024. január 2."
    assert shown.nth(0).get_attribute("datetime") == moment
    items = page.locator("related-posts li")
    assert items.nth(0).get_attribute("lang") is None
    assert items.nth(1).get_attribute("lang") == "hu"


def test_a_page_without_a_known_language(look: Look) -> None:
    """Where the page's language is no language, words and dates are in the browser's."""
    for lang in ("xx-!", ""):
        page = look(
            document("<related-posts></related-posts>", lang=lang),
            before=answering({"published": "2024-01-02T23:30:00Z"}),
        )
        heard(page, "loaded")
        assert page.locator("related-posts time").inner_text() == "2 January 2024"


def test_keyboard_and_click(look: Look, stage: Any) -> None:
    """Tab goes through the items in order; Enter tells of the click and follows the link."""
    stage.pages[OTHER] = document("")
    page = look(
        document('<a href="#x">before</a><related-posts></related-posts><a href="#y">after</a>'),
        before=hear,
    )
    heard(page, "loaded")
    page.get_by_role("link", name="before").focus()
    met = []
    for _ in range(5):
        page.keyboard.press("Tab")
        met.append(
            page.evaluate(
                """() => (document.activeElement.shadowRoot?.activeElement
                ?? document.activeElement).innerText.split("\\n").at(-1)"""
            )
        )
    assert met == [*titles(page), "after"]
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    outline = page.evaluate(
        """() => getComputedStyle(document.activeElement.shadowRoot.activeElement, "::after")
        .outlineStyle"""
    )
    assert outline == "solid"
    page.evaluate("addEventListener('click', (event) => event.preventDefault()); void 0")
    page.keyboard.press("Enter")
    (event,) = heard(page, "click")
    assert event["position"] == 3
    assert event["item"]["title"] == met[2]
    assert event["version"]


@pytest.mark.parametrize("navigation", [True, False])
def test_single_page_applications(look: Look, stage: Any, navigation: bool) -> None:
    """A new address or canonical link brings a new list, with and without the Navigation API."""

    def before(page: Page) -> None:
        hear(page)
        if not navigation:
            page.add_init_script("delete window.navigation")

    page = look(
        document(
            "<related-posts></related-posts>",
            head=f'{SCRIPT}<link rel="canonical" href="{POST}">',
        ),
        before=before,
    )
    heard(page, "loaded")
    # As frameworks do: the address first, then the title; the canonical link last or never.
    page.evaluate(f"history.pushState(null, '', '{OTHER}'); document.title = 'Rye'")
    second = heard(page, "loaded", 2)[-1]
    assert second["post"] == OTHER
    page.evaluate("document.querySelector('[rel=canonical]').href = '/2021/12/drawing-the-moon/'")
    assert heard(page, "loaded", 3)[-1]["post"] == "/2021/12/drawing-the-moon/"
    page.evaluate(f"document.querySelector('[rel=canonical]').href = '{POST}'")
    page.evaluate("history.back()")
    assert heard(page, "loaded", 4)[-1]["post"] == POST
    page.evaluate("history.pushState(null, '', '#part'); document.title = 'Same'")
    page.evaluate("new Promise(requestAnimationFrame)")
    assert len(heard(page, "loaded", 4)) == 4


def test_far_below_it_waits(look: Look, stage: Any) -> None:
    """Nothing is asked until the widget is near the viewport."""
    page = look(
        document('<div id="text"></div><related-posts></related-posts>').replace(
            STYLE, STYLE + "#text { height: 5000px }"
        ),
        before=hear,
    )
    page.wait_for_function("!!customElements.get('related-posts')")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert questions(stage) == []
    page.evaluate("scrollTo(0, 3800)")
    heard(page, "loaded")
    assert len(questions(stage)) == 1


def test_parts_and_properties(look: Look) -> None:
    """A site styles the inside by parts and custom properties, from its own style sheet."""
    css = """related-posts { --related-posts-link: rgb(200, 0, 0); --related-posts-gap: 7px }
      related-posts::part(title) { font-style: italic }"""
    page = look(
        document("<related-posts></related-posts>").replace(STYLE, STYLE + css), before=hear
    )
    heard(page, "loaded")
    title = page.locator("related-posts .title").first
    assert title.evaluate("(e) => getComputedStyle(e).fontStyle") == "italic"
    assert title.evaluate("(e) => getComputedStyle(e).color") == "rgb(200, 0, 0)"
    assert title.evaluate("(e) => getComputedStyle(e).fontFamily").startswith("Georgia")


DOCS = (Path(__file__).resolve().parents[2] / "docs" / "widget.md").read_text("utf-8")


def test_every_attribute_part_and_property_is_documented(look: Look) -> None:
    """docs/widget.md names exactly the attributes, parts and properties the script has."""
    script = _asset().content.decode()
    page = look(document("<related-posts></related-posts>"))
    observed = page.evaluate("customElements.get('related-posts').observedAttributes")
    table = DOCS.partition("## Attributes")[2].partition("## ")[0]
    cells = " ".join(re.findall(r"^\|([^|]+)\|", table, re.M))
    assert set(re.findall("`([a-z-]+)`", cells)) == set(observed)
    properties = set(re.findall(r"var\((--related-posts-[a-z-]+)", script))
    assert set(re.findall(r"^\| `(--related-posts-[a-z-]+)`", DOCS, re.M)) == properties
    parts = DOCS.partition("Every piece is a part:")[2].partition(".\n")[0]
    made = set(re.findall(r'make\([^,]+, "([a-z]+)"', script)) - {"root"}
    assert set(re.findall("`([a-z]+)`", parts)) == made | {"list", "date", "author", "category"}
