"""The auth proxy's Flask application. Without a login, as here, it lets everything through that its table knows."""

from __future__ import annotations

from typing import IO, cast
from urllib.parse import unquote

from flask import Flask, Response, g, request
from werkzeug.wsgi import LimitedStream

from atlas_core.errors import InvalidInput
from atlas_core.settings import Settings
from atlas_services.auth_proxy.gui_files import gui_files
from atlas_services.auth_proxy.headers import request_headers, response_headers
from atlas_services.auth_proxy.health import health_routes
from atlas_services.auth_proxy.routes import RouteTable, Service
from atlas_services.auth_proxy.upstream import AnswerBody, Upstream
from atlas_services.web import THREADS, new_app

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def make_app(settings: Settings) -> Flask:
    """Return the application. Nothing is connected before the first request."""
    urls = {
        Service.SCHEDULER: settings.scheduler_url,
        Service.REST_API: settings.rest_api_url,
        Service.ARCHIVE: settings.archive_url,
    }
    upstreams = {service: Upstream(service.value, url, THREADS) for service, url in urls.items()}
    table = RouteTable()
    app = new_app("auth_proxy", settings, lambda: None)
    app.register_blueprint(gui_files(settings.ports.gui))
    app.register_blueprint(health_routes(urls))

    @app.get("/")
    def welcome() -> Response:
        return _plain("Welcome to the Foundations authentication proxy")

    @app.post("/heartbeat")
    def heartbeat() -> Response:
        return _plain("Alive")

    @app.route("/<path:path>", methods=_METHODS, provide_automatic_options=False)
    def forward(path: str) -> Response:
        target = _target()
        service = table.service_of(unquote(target.partition("?")[0]), request.method)
        return _forward(upstreams[service], target)

    return app


def _forward(upstream: Upstream, target: str) -> Response:
    headers = request_headers(request.headers.items(), request.remote_addr or "unknown", request.scheme, g.request_id)
    answer = upstream.request(request.method, target, headers, _body())
    response = Response(AnswerBody(answer), answer.status, direct_passthrough=True)
    response.headers.clear()
    response.headers.extend(response_headers(answer.headers.items()))
    return response


def _target() -> str:
    """Return path and query as the client wrote them: decoding and encoding again could make another path of them."""
    target = str(request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.full_path)
    if not target.startswith("/"):
        raise InvalidInput(f"`{target}` is no path; ask for the path alone.", field="path")
    return target.partition("#")[0]


def _body() -> IO[bytes] | None:
    """Return the request's body, to be read once; None when it has none.

    With a length it raises `ClientDisconnected` when the client leaves before its end: a service that was promised more
    must not take what came for the whole.
    """
    if request.headers.get("Transfer-Encoding"):
        return request.stream
    length = request.content_length
    return cast("IO[bytes]", LimitedStream(request.environ["wsgi.input"], length)) if length else None


def _plain(text: str) -> Response:
    return Response(text, content_type="text/plain; charset=utf-8")
