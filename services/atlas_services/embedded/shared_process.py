"""The archive server and the TensorBoard service in one process, told apart by the port that is called.

A process of its own would cost a laptop 14 MB for a service that most never use.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

from atlas_core.settings import Settings
from atlas_services.archive_server.app import make_app as make_archive
from atlas_services.archive_server.seal_rounds import SealRounds
from atlas_services.tensorboard_api.app import TensorBoardApi
from atlas_services.web import serve

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class ByPort:
    """A WSGI application that hands the requests at one port to another application."""

    def __init__(self, app: WSGIApplication, port: int, other: WSGIApplication) -> None:
        self._app = app
        self._port = str(port)
        self._other = other

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        app = self._other if environ["SERVER_PORT"] == self._port else self._app
        return app(environ, start_response)


def serve_archive_and_tensorboard(settings: Settings, bind: str) -> None:
    """Serve both until SIGTERM. `bind` names a socket for the port of each. No TensorBoard outlives them."""
    made: list[TensorBoardApi] = []

    def make() -> Flask:
        made.append(TensorBoardApi(settings))
        tensorboard = made[0].start()
        SealRounds(settings).start()
        app = make_archive(settings)
        app.wsgi_app = ByPort(app.wsgi_app, settings.ports.tensorboard_api, tensorboard.wsgi_app)  # type: ignore[method-assign]
        return app

    def close() -> None:
        for service in made:  # none when the application could not be made
            service.close()

    serve(make, bind, on_exit=close)
