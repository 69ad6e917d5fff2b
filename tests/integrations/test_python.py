"""Django, Jinja and Pelican, the real ones, with the lists of the bundled blog."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from jinja2 import Environment

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "integrations" / "python"
BLOG = ROOT / "examples" / "blog"
POST = "/2016/02/a-starter-from-nothing/"
#: Run apart: Django is set up once for a process.
DJANGO = """
import sys
import django
from django.conf import settings
from django.template import engines
from django.test import RequestFactory

options = {"libraries": {"related": "templatetags.related"}}
backend = "django.template.backends.django.DjangoTemplates"
settings.configure(
    RELATED_POSTS_SERVICE=sys.argv[1],
    ALLOWED_HOSTS=["*"],
    TEMPLATES=[{"BACKEND": backend, "OPTIONS": options}],
)
django.setup()
page = engines["django"].from_string(
    "{% load related %}{% related_posts URL limit=2 as items %}"
    "{% for item in items %}<a href='{{ item.url }}'>{{ item.title }}</a>\\n{% endfor %}"
    .replace("URL", sys.argv[3])
)
print(page.render({}, RequestFactory().get(sys.argv[2])), end="")
"""


@pytest.fixture(scope="module")
def module() -> ModuleType:
    """``related_lists.py``, as it is copied."""
    spec = importlib.util.spec_from_file_location("related_lists", FOLDER / "related_lists.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    sys.modules["related_lists"] = loaded
    spec.loader.exec_module(loaded)
    return loaded


def titles(lists: Path, limit: int) -> list[str]:
    """The titles that the export has for the post."""
    index = json.loads((lists / "index.json").read_text("utf-8"))
    content = json.loads((lists / index["ids"][POST]).read_text("utf-8"))
    return [item["title"] for item in content["items"][:limit]]


def test_jinja_shows_the_services_list(module: ModuleType, service: str, lists: Path) -> None:
    """A template calls the function with the page's address."""
    environment = Environment(autoescape=True)
    environment.globals["related_posts"] = module.RelatedLists(service).related_posts
    template = environment.from_string(
        "{% for item in related_posts(url, limit=3) %}{{ item.title }}\n{% endfor %}"
    )
    assert template.render(url=f"https://blog.example{POST}").splitlines() == titles(lists, 3)
    assert template.render(url="https://blog.example/nowhere/") == ""
    assert template.render(url="") == ""


@pytest.mark.parametrize("url", ["", f"'https://blog.example{POST}'"])
def test_django_shows_the_services_list(service: str, lists: Path, url: str) -> None:
    """The tag takes the request's address, or the one that is given."""
    done = subprocess.run(
        [sys.executable, "-c", DJANGO, service, "/elsewhere/" if url else POST, url],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    found = [line.partition(">")[2].removesuffix("</a>") for line in done.stdout.splitlines()]
    assert found == titles(lists, 2)


class Told:
    """Stands for the network: what is asked is answered by ``answers``, in turn."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, module: ModuleType) -> None:
        self.now = 0.0
        self.asked: list[str] = []
        self.answers: list[Any] = []
        self.lists = module.RelatedLists("https://related.example/", clock=lambda: self.now)
        monkeypatch.setattr(self.lists, "_ask", self._ask)

    def _ask(self, asked: str) -> Any:
        self.asked.append(asked)
        return self.answers.pop(0)

    def get(self) -> Any:
        """A page is made; threads that it starts are waited for."""
        before = set(threading.enumerate())
        found = self.lists.related_posts("/a/")
        for thread in set(threading.enumerate()) - before:
            thread.join(10)
        return found


def test_a_list_is_kept_and_renewed_behind_the_page(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType
) -> None:
    """Fresh lists ask nothing; an old one is shown once more, and stays if the service fails."""
    told = Told(monkeypatch, module)
    told.answers = [["old"], ["new"], None]
    assert [told.get(), told.get()] == [["old"], ["old"]]
    assert len(told.asked) == 1
    told.now = 601
    assert [told.get(), told.get()] == [["old"], ["new"]]
    assert len(told.asked) == 2
    told.now = 1300
    assert [told.get(), told.get()] == [["new"], ["new"]]
    assert len(told.asked) == 3


def test_a_service_that_fails_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType
) -> None:
    """Nobody asks for half a minute; then one does."""
    told = Told(monkeypatch, module)
    told.answers = [None, ["back"]]
    assert [told.get(), told.get()] == [[], []]
    assert len(told.asked) == 1
    told.now = 31
    assert told.get() == ["back"]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "//evil.example/", "/\\evil.example/", "", None, 7]
)
def test_addresses_that_lead_astray_are_left_out(module: ModuleType, url: Any) -> None:
    """Only http, https and paths are shown."""
    assert not module._is_shown({"url": url, "title": "x"})
    assert module._is_shown({"url": "/rye/", "title": "x"})


def test_a_service_that_is_down_gives_no_list(module: ModuleType) -> None:
    """A refused connection is an empty list, not an error."""
    assert module.RelatedLists("http://127.0.0.1:9").related_posts("/a/") == []


def test_pelican_fills_its_articles(
    integrations: Path, lists: Path, tmp_path: Path, build: Callable[..., str]
) -> None:
    """Every built page links the articles that the export names, in its order."""
    content = tmp_path / "content"
    content.mkdir()
    paths = {}
    for url in json.loads((lists / "index.json").read_text("utf-8"))["urls"]:
        slug = url.strip("/").replace("/", "-")
        paths[url] = slug
        fields = f":date: 2020-01-01\n:url: {url[1:]}\n:save_as: {url[1:]}index.html\n"
        text = f"{slug}\n{'#' * len(slug)}\n\n{fields}\nText.\n"
        (content / f"{slug}.rst").write_text(text, "utf-8")
    theme = tmp_path / "theme" / "templates"
    theme.mkdir(parents=True)
    loop = "{% for post in article.related_posts %}{{ post.title }}\n{% endfor %}"
    (theme / "article.html").write_text(loop, "utf-8")
    (theme / "index.html").write_text("", "utf-8")
    (tmp_path / "pelicanconf.py").write_text(
        f"PATH = 'content'\nTHEME = {str(theme.parent)!r}\nTIMEZONE = 'UTC'\nDEFAULT_LANG = 'en'\n"
        "DIRECT_TEMPLATES = []\nAUTHOR_SAVE_AS = CATEGORY_SAVE_AS = TAG_SAVE_AS = ''\n"
        "FEED_ALL_ATOM = CATEGORY_FEED_ATOM = TRANSLATION_FEED_ATOM = None\n"
        f"PLUGIN_PATHS = [{str(integrations / 'pelican')!r}]\nPLUGINS = ['related_lists']\n"
        f"RELATED_POSTS_LISTS = {str(lists)!r}\n",
        "utf-8",
    )
    build("pelican", "-s", "pelicanconf.py", "-o", "output", at=tmp_path)
    index = json.loads((lists / "index.json").read_text("utf-8"))
    for url, name in index["urls"].items():
        items = json.loads((lists / name).read_text("utf-8"))["items"][:4]
        built = (tmp_path / "output" / url.strip("/") / "index.html").read_text("utf-8")
        assert built.splitlines() == [paths[item["url"]] for item in items]
