"""The auth proxy's Flask application: it lets through what its table knows, from whom its door lets in."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from urllib.parse import unquote

from flask import Flask, Response, request

from atlas_core.settings import Settings
from atlas_services.auth_proxy.door import Door, OpenDoor
from atlas_services.auth_proxy.gui_files import gui_files
from atlas_services.auth_proxy.health import health_routes
from atlas_services.auth_proxy.routes import RouteTable, Service
from atlas_services.auth_proxy.watched_stream import watched
from atlas_services.forwarding import forward, request_target
from atlas_services.upstream import Upstream
from atlas_services.web import THREADS, new_app

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def make_app(settings: Settings) -> Flask:
    """Return the application. Nothing is connected before the first request."""
    urls = {
        Service.SCHEDULER: settings.scheduler_url,
        Service.REST_API: settings.rest_api_url,
        Service.ARCHIVE: settings.archive_url,
        Service.TENSORBOARD: settings.tensorboard_api_url,
    }
    upstreams = {service: Upstream(service.value, url, THREADS) for service, url in urls.items()}
    table = RouteTable()
    door = door_of(settings)(settings)
    app = new_app("auth_proxy", settings, door.check_ready, is_door=True)
    door.furnish(app)
    app.register_blueprint(gui_files(settings.ports.gui))
    app.register_blueprint(health_routes(urls))

    @app.get("/")
    def welcome() -> Response:
        return _plain("Welcome to the Foundations authentication proxy")

    @app.post("/heartbeat")
    def heartbeat() -> Response:
        return _plain("Alive")

    @app.route("/<path:path>", methods=_METHODS, provide_automatic_options=False)
    def pass_on(path: str) -> Response:
        target = request_target()
        found = table.find(unquote(target.partition("?")[0]), request.method)
        passage = door.let_in(found, target)
        answer = forward(upstreams[found.service], target, passage.without, passage.added)
        return watched(answer, passage.check)

    return app


def door_of(settings: Settings) -> Callable[[Settings], Door]:
    """Return what makes the door: asked for before a process forks, both share the memory of its code."""
    if settings.oidc is None:
        return lambda _: OpenDoor()
    # Cryptography takes time to import and memory, which an installation without a login saves.
    door: Callable[[Settings], Door] = import_module("atlas_services.auth_proxy.guarded_door").GuardedDoor
    return door


def _plain(text: str) -> Response:
    return Response(text, content_type="text/plain; charset=utf-8")
