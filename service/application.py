"""The application factory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import orjson
from flask import Flask, Request, Response, current_app, request, request_finished, request_started
from flask.globals import request_ctx
from flask.sessions import NullSession, SessionInterface
from werkzeug.routing import MapAdapter

from related_posts import __version__
from service.api.address import AnythingConverter
from service.api.answers import JSON, Answer
from service.api.bulk import BulkViews
from service.api.desk import Desk
from service.api.posts import PostViews
from service.api.texts import TextViews
from service.api.views import Views
from service.compat.routes import register as register_drop_ins
from service.description.operations import OPERATIONS
from service.description.views import Description
from service.errors import Problems
from service.headers import HeaderFields
from service.html.templating import Templates
from service.html.views import HtmlViews
from service.ops.counters import UNMATCHED, Counters
from service.ops.front import REQUEST_ID, RULE, Front, pattern_of
from service.ops.health import Health
from service.ops.reporter import Reporter
from service.ops.scrape import Insiders, Scrape
from service.ops.status import StatusRoute
from service.settings import ServiceSettings
from service.snapshot import EXTENSION, Snapshot
from service.widget.configurator import register as register_configurator
from service.widget.counting.route import register as register_counting
from service.widget.routes import register as register_widget
from service.writes.routes import register as register_writes

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


#: What people and pages load, beside what programs ask.
PAGES = ("/docs", "/widget/", "/widget.js", "/v1/related.css")


class _NoSessions(SessionInterface):
    """No cookies are read or set, so no request pays for looking."""

    _none = NullSession()

    def open_session(self, app: Flask, request: Any) -> NullSession:
        """The one session there is, which refuses to be written to."""
        return self._none


class Service(Flask):
    """The Flask application of the service."""

    session_interface = _NoSessions()

    def __init__(self, settings: ServiceSettings) -> None:
        # Only the preview has style sheets to hand out.
        super().__init__("service", static_folder="static" if settings.preview else None)
        self.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it
        self._fields = HeaderFields(settings)
        self.snapshot = Snapshot(settings.data, settings.reload_seconds)
        self.extensions[EXTENSION] = self.snapshot
        self.problems = Problems(self, self._fields)
        # What is longer is refused before it is read.
        self.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
        self.url_map.merge_slashes = False
        self.url_map.converters["anything"] = AnythingConverter
        self.counters = Counters()
        desk = Desk(self.snapshot, self._fields, self.counters)
        Views(self, desk, PostViews(self, desk))
        TextViews(self, desk)
        BulkViews(self, desk)
        templates = Templates(settings.data)
        HtmlViews(self, desk, self._fields, templates, settings)
        register_drop_ins(self, desk, self._fields)
        register_writes(self, settings, self._fields)
        register_widget(self, settings)
        register_configurator(self, settings, desk)
        register_counting(self, settings)
        self.reporter = Reporter(self.counters, self.snapshot, settings.data)
        Description(self, self._fields)
        Health(self, self.snapshot, settings.ready_max_age_seconds, templates)
        insiders = Insiders(settings)
        StatusRoute(self, self.snapshot, settings.data, insiders, self._fields)
        if settings.metrics:
            Scrape(self, insiders, self.reporter)
        self.front = Front(
            super().wsgi_app,
            settings,
            self.snapshot,
            self._fields,
            self.counters,
            self._is_watched,
        )

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request, through the layer in front; see PEP 3333."""
        return self.front(environ, start_response)

    def log_exception(self, exc_info: Any) -> None:
        """Log a mistake of ours with the request's id and route, not with what was asked."""
        rule = request.url_rule
        extra = {
            "request_id": request.environ.get(REQUEST_ID),
            "route": pattern_of(rule.rule) if rule else UNMATCHED,
        }
        self.logger.error("an unforeseen exception", exc_info=exc_info, extra=extra)

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Routes are matched by path alone: the client's Host field is not even parsed."""
        if request is None:
            return super().create_url_adapter(request)
        environ = request.environ
        return MapAdapter(
            self.url_map,
            server_name="localhost",
            script_name=environ.get("SCRIPT_NAME") or "/",
            subdomain="",
            url_scheme=environ["wsgi.url_scheme"],
            path_info=request.path,
            default_method=environ["REQUEST_METHOD"],
        )

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """No view is asynchronous, so none is looked at for it at every request."""
        return func

    def full_dispatch_request(self) -> Response:
        """Answer a request; what nobody asked to see on its way is not shown around.

        Flask offers every request and response to hooks and signals. Where there
        are none, a finished answer goes straight out, which saves a tenth of its cost.
        """
        asked = request_ctx.request
        if asked.environ["PATH_INFO"] == "*" and asked.method == "OPTIONS":
            # Of the service as a whole (RFC 9110, section 9.3.7), not of a path.
            asked.environ[RULE] = "*"
            return self._options({m for r in self.url_map.iter_rules() for m in r.methods or ()})
        if asked.url_rule is not None:
            asked.environ[RULE] = pattern_of(asked.url_rule.rule)
        if self._is_watched():
            return super().full_dispatch_request()
        try:
            found = self.dispatch_request()
        except Exception as mistake:
            found = self.handle_user_exception(mistake)
        return found if isinstance(found, Answer) else self.finalize_request(found)

    def _is_watched(self) -> bool:
        """Whether a hook or a signal wants to see requests or responses."""
        return bool(
            self.before_request_funcs
            or self.after_request_funcs
            or self.url_value_preprocessors
            or request_started.receivers
            or request_finished.receivers
        )

    def make_default_options_response(self) -> Response:
        """Answer OPTIONS: what the route takes, and to a browser's preflight, yes or no."""
        adapter = request_ctx.url_adapter
        return self._options(adapter.allowed_methods() if adapter else ("GET", "HEAD"))

    def _options(self, methods: Iterable[str]) -> Response:
        fields = self._fields.preflight(request.environ, ", ".join(sorted(methods)))
        response = Response(status=204, headers=fields)
        del response.headers["Content-Type"]
        return response


def create_app(settings: ServiceSettings | None = None) -> Flask:
    """Make the WSGI application.

    Nothing is opened here, so that it works before the first version exists and
    can be loaded once in a parent process; each process opens the index itself.

    Args:
        settings: Values to use; by default those of the file and the environment.

    Raises:
        ConfigError: A setting is unknown or does not fit.
    """
    settings = settings or ServiceSettings.load()
    app = Service(settings)
    if settings.preview:
        # Imported here: only the preview needs templates and the archive.
        from service.preview import register

        archive = settings.database or settings.data
        register(app, app.problems, app.snapshot, archive, settings.preview)
    else:
        app.add_url_rule("/", "index", _index)
    return app


def _index() -> Response:
    """What this service is and where it answers, for whoever finds it."""
    rules = list(current_app.url_map.iter_rules())
    paths, there = {rule.rule for rule in rules}, {rule.endpoint for rule in rules}
    members = {
        "service": "related-posts",
        "release": __version__,
        "endpoints": {
            route.name: f"{route.method} {route.path}"
            for route in OPERATIONS
            if route.name in there or route.refused
        },
        "pages": [path for path in PAGES if path in paths],
        "documentation": "/docs",
    }
    return Response(orjson.dumps(members, option=orjson.OPT_INDENT_2) + b"\n", content_type=JSON)
