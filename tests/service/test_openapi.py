"""The description of the API: it names every route, is valid, and its examples are true."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from related_posts import schema
from related_posts.cli import cli
from service.api.routes import JSON_LINES, ROUTES
from service.compat.routes import DROP_INS, DropIn
from service.description import drop_ins, models
from service.description.document import document
from service.description.examples import REQUESTS, example_of
from service.description.operations import OPERATIONS, PROBLEMS
from service.description.page import marked

ROOT = Path(__file__).resolve().parents[2]

#: Routes that are files or pages, and what WordPress says where it has no route.
NOT_DESCRIBED = ("/widget", "/v1/related.css", "/static/", "/wp-json/{rest}")
ORIGIN = "https://blog.example"


@pytest.fixture
def everything(make_app: Callable[..., Flask], shared_folder: Path) -> Flask:
    """An application with every route there can be, the preview's excepted."""
    return make_app(shared_folder, count_origins=[ORIGIN])


def routes_of(app: Flask) -> set[tuple[str, str]]:
    """Method and path of every route of an application, written as the table does."""
    found = set()
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        if path.startswith("/v1/"):
            path = path.replace("{post}", "{id}")
        if path != "/wp-json/" and not path.startswith(NOT_DESCRIBED):
            found |= {(method, path) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    return found


def test_the_table_and_the_application_agree(everything: Flask) -> None:
    """Every route is described, and everything that is described is a route."""
    assert routes_of(everything) == {(route.method, route.path) for route in OPERATIONS}


def test_the_document_is_valid() -> None:
    """A validator of OpenAPI 3.1 finds nothing to object to."""
    validate(document())


def test_every_operation_has_a_name_of_its_own() -> None:
    """Programs make functions of the names."""
    names = [route.name for route in OPERATIONS]
    assert len(set(names)) == len(names)
    assert {route.name for route in ROUTES} <= set(names)


def test_every_problem_is_in_the_document() -> None:
    """Each kind of problem can come from some operation, and is described there."""
    content = str(document()["paths"])
    # What no operation of the table gives: another method than those there are.
    assert [name for name in PROBLEMS if f"`{name}`" not in content] == ["method-not-allowed"]


def test_the_schema_of_a_post_has_every_field() -> None:
    """What a post may hold when it is sent is what our JSON Lines may hold."""
    described = list(models.SentPost.model_fields)
    assert described == [*schema.FIELDS, "status"]


def test_every_member_says_what_it_means() -> None:
    """No model and no member of one is left to be guessed, and each says it in sentences."""
    for name, model in document()["components"]["schemas"].items():
        said = {"": model.get("description")}
        said |= {each: m.get("description") for each, m in model.get("properties", {}).items()}
        for member, text in said.items():
            assert text, (name, member)
            assert text.endswith((".", "?")), (name, member, text)


def test_it_is_kept_and_known_again(client: FlaskClient) -> None:
    """Document and page have entity tags, and are not sent to those who have them."""
    for path in ("/v1/openapi.json", "/docs"):
        first = client.get(path)
        assert first.status_code == 200
        known = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (known.status_code, known.data) == (304, b"")
    assert client.get("/v1/openapi.json").headers["ETag"] != client.get("/docs").headers["ETag"]


def test_its_server_is_where_it_was_asked_for(client: FlaskClient) -> None:
    """Behind a proxy that mounts the service under a path, the document says that path."""
    found = client.get("/v1/openapi.json").get_json()
    assert found == {**document(), "servers": [{"url": "/"}]}
    under = client.get("/v1/openapi.json", environ_overrides={"SCRIPT_NAME": "/related"})
    assert under.get_json()["servers"] == [{"url": "/related"}]


def test_the_command_prints_it() -> None:
    """Generators of clients need no running service."""
    done = CliRunner().invoke(cli, ["openapi", "--server", ORIGIN])
    assert done.exit_code == 0
    assert json.loads(done.output) == {**document(), "servers": [{"url": ORIGIN}]}


@pytest.mark.parametrize(
    "server",
    ["notaurl", "", "related.example:8000", "ftp://a.example", "https://", "//a.example",
     "https://a.example:port", "https://[", "https://a example", "https://a.example/?b", "/a{b}"],
)  # fmt: skip
def test_a_server_that_is_no_address_is_refused(server: str) -> None:
    """Clients made of the document would ask nowhere; the message says what to give."""
    done = CliRunner().invoke(cli, ["openapi", "--server", server])
    assert done.exit_code == 2
    assert "give one such as https://related.example" in " ".join(done.output.split())


@pytest.mark.parametrize("server", ["/", "/related", "http://127.0.0.1:8000", "https://[::1]/a"])
def test_a_server_may_be_an_address_or_a_path(server: str) -> None:
    """Both are what OpenAPI takes."""
    done = CliRunner().invoke(cli, ["openapi", "--server", server])
    assert json.loads(done.output)["servers"] == [{"url": server}]


def test_the_list_of_addresses_breaks_after_slashes(client: FlaskClient) -> None:
    """A narrow column breaks no word of an address; commands wrap instead of being cut."""
    page = client.get("/docs").get_data(as_text=True)
    assert "/<wbr>v1/<wbr>posts/<wbr>{id}/<wbr>related</a>" in page
    assert "white-space: pre-wrap" in page


def test_the_page_loads_nothing_from_anywhere(client: FlaskClient) -> None:
    """Its policy allows its own style sheet alone, and it has no script, picture or style else."""
    response = client.get("/docs")
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    # The icon is in the page itself, so that no browser asks for one.
    icon = re.findall(r'<link rel="icon" href="(data:image/svg\+xml,[^"]+)">', response.text)
    assert len(icon) == 1
    assert "img-src data:;" in policy
    rest = response.text.replace(icon[0], "")
    assert not re.search(r"<(?:script|img|iframe|form)\b|\bstyle=|\bon\w+=", rest)
    assert rest.count("<link") == 1


def test_words_between_backticks_are_code(client: FlaskClient) -> None:
    """Sentences of the document are shown as people read them; no backtick is left."""
    page = client.get("/docs").text
    assert "or with <code>*</code> if there is one" in page
    prose = re.sub(r"(?s)<(pre|style)\b.*?</\1>", "", page)
    assert "`" not in prose
    assert marked("<b> `a<b`") == "&lt;b&gt; <code>a&lt;b</code>"


def test_every_link_of_the_page_leads_somewhere(reader: FlaskClient) -> None:
    """Anchors exist once each, and what can be tried is a route: YARPP says 401 of no post."""
    page = reader.get("/docs").text
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    targets = re.findall(r'href="([^"]+)"', page)
    assert {route.name for route in OPERATIONS} <= set(ids)
    for target in targets:
        if target.startswith("#"):
            assert target[1:] in ids
        elif not target.startswith("data:"):
            assert reader.get(target.replace("&amp;", "&")).status_code in (200, 401, 404)


def test_the_page_under_a_path(client: FlaskClient) -> None:
    """Links of the page stay under the path that a proxy mounts the service at."""
    page = client.get("/docs", environ_overrides={"SCRIPT_NAME": "/related"}).text
    targets = re.findall(r'href="([^"]+)"', page)
    links = [target for target in targets if not target.startswith(("#", "data:"))]
    assert links
    assert all(link.startswith("/related/") for link in links)


@pytest.fixture(scope="module")
def recorder() -> ModuleType:
    """The program that records the examples."""
    file = ROOT / "examples" / "record.py"
    spec = importlib.util.spec_from_file_location("record_examples", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def recorded(
    recorder: ModuleType, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Any]]:
    """Every example asked anew, of the bundled blog."""
    from service import create_app
    from service.settings import ServiceSettings
    from service.snapshot import EXTENSION

    data = tmp_path_factory.mktemp("bundled")
    token = recorder.trained(data)
    app = create_app(ServiceSettings(data=data))
    yield recorder.record(app, token)
    app.extensions[EXTENSION].stop()


@pytest.mark.parametrize("name", REQUESTS)
def test_examples_are_real_answers(recorded: dict[str, Any], name: str) -> None:
    """Each example request answers today as its schema says, with the members that are shown."""
    route = next(each for each in OPERATIONS if each.name == name)
    response = document()["paths"][route.path][route.method.lower()]["responses"]
    example = example_of(name)
    assert example is not None
    shown, answer = example.answer, recorded[name]["answer"]
    assert shown is not None
    content = response[str(example.status)]["content"][route.media]
    if route.media == JSON_LINES:
        assert [line[:7] for line in answer.splitlines()] == ['{"id":"'] * 2
        return
    for each in (answer, shown):
        whole = {**content["schema"], "components": document()["components"]}
        Draft202012Validator(whole).validate(each)
    if isinstance(shown, str):
        # Ids of sections depend on the row, which is another in another archive.
        ours, today = (re.sub(r"[0-9a-f]{8}", "", each) for each in (shown, answer))
        assert ours == today
        return
    if isinstance(shown, list):
        assert [list(item) for item in shown] == [list(item) for item in answer]
        return
    assert list(shown) == list(answer)
    for members in ("items", "results", "rules"):
        if members in shown:
            assert list(shown[members][0]) == list(answer[members][0])


UNDER_V1 = [route for route in OPERATIONS if route.path.startswith("/v1/")]


@pytest.mark.parametrize("route", UNDER_V1, ids=lambda route: route.name)
@pytest.mark.parametrize("query", ["limitt=3", "utm_source=x", "%ff=1"])
def test_unknown_parameters_are_problems_everywhere(
    everything: Flask, route: Any, query: str
) -> None:
    """No route under /v1 passes over a parameter that it does not know, and all say so alike."""
    path = route.path.replace("{id}", "no-slash").replace("{rule}", "x")
    response = everything.test_client().open(f"{path}?{query}", method=route.method)
    assert response.content_type == "application/problem+json"
    found = response.get_json()
    assert list(found)[:5] == ["type", "title", "status", "detail", "instance"]
    assert (response.status_code, found["status"]) == (400, 400)
    assert found["type"] == "urn:related-posts:problem:invalid-parameter"
    assert response.headers["X-Request-ID"]


@pytest.mark.parametrize("drop_in", DROP_INS, ids=lambda each: f"{each.method} {each.path}")
def test_drop_ins_are_described_as_they_are(drop_in: DropIn) -> None:
    """Their own table and the description name the same routes and parameters."""
    (route,) = (
        r for r in drop_ins.DROP_INS if (r.method, r.path) == (drop_in.method, drop_in.path)
    )
    assert {parameter.name for parameter in route.parameters} == set(drop_in.parameters)
    operation = document()["paths"][route.path][route.method.lower()]
    assert operation["tags"] == ["drop-in"]
    for status in ("500", "503"):
        schema = operation["responses"][status]["content"]["application/json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/Refused"}


@pytest.mark.parametrize(
    ("environ", "host"),
    [
        ({"HTTP_HOST": "127.0.0.1:8123"}, "http://127.0.0.1:8123"),
        ({"HTTP_HOST": "[::1]:80", "SCRIPT_NAME": "/related"}, "http://[::1]:80/related"),
        ({"HTTP_HOST": "blog.example", "wsgi.url_scheme": "https"}, "https://blog.example"),
        ({"HTTP_HOST": "evil'; rm -rf ~ #"}, "https://related.example"),
        ({"HTTP_HOST": "<b>.example"}, "https://related.example"),
    ],
)
def test_commands_name_where_the_page_is_read(
    client: FlaskClient, environ: dict[str, str], host: str
) -> None:
    """A command that is copied asks the same service; what is no host gets into none."""
    response = client.get("/docs", environ_overrides=environ)
    commands = re.findall(r"<pre tabindex=\"0\"><code>(curl [^<]+)</code>", response.text)
    assert len(commands) == len(OPERATIONS)
    assert all(f"'{host}/" in unescape(command) for command in commands)
    known = {"If-None-Match": response.headers["ETag"]}
    assert client.get("/docs", headers=known, environ_overrides=environ).status_code == 304
    assert client.get("/docs", headers=known).status_code == 200


NOT_DROP_INS = [route for route in OPERATIONS if not route.refused]


@pytest.mark.parametrize("route", NOT_DROP_INS, ids=lambda route: route.name)
def test_another_method_is_a_problem_everywhere(everything: Flask, route: Any) -> None:
    """A method that no operation of an address has is 405, as a problem, with those it has."""
    path = route.path.replace("{id}", "no-slash").replace("{rule}", "x")
    response = everything.test_client().open(path, method="PATCH")
    assert response.status_code == 405
    assert response.content_type == "application/problem+json"
    assert response.get_json()["type"] == "urn:related-posts:problem:method-not-allowed"
    assert route.method in response.headers["Allow"].split(", ")
