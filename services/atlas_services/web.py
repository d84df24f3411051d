"""What the Flask applications of all services have in common: health, errors, request ids, metrics, and serving."""

from __future__ import annotations

import gc
import logging
import math
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from types import FrameType
from typing import Any

from flask import Flask, Response, g, request
from gunicorn import glogging
from gunicorn.app.base import BaseApplication
from gunicorn.errors import AppImportError

from atlas_core.errors import AtlasError, InvalidInput, ServerUnreachable
from atlas_core.settings import Settings
from atlas_services.connections import Connections
from atlas_services.early_refusals import LONGEST_HEADER, LONGEST_LINE, MOST_HEADERS
from atlas_services.gate import add_gate
from atlas_services.http_metrics import Counters
from atlas_services.json_requests import bounded_body as bounded_body
from atlas_services.json_requests import json_body as json_body
from atlas_services.logs import REQUEST_ID
from atlas_services.name_converter import NameConverter
from atlas_services.openapi.undeclared import refuse_undeclared
from atlas_services.origin import Callers
from atlas_services.packing import pack
from atlas_services.problems import add_errors
from atlas_services.problems import problem as problem
from atlas_services.process_life import die_with_parent

_log = logging.getLogger("atlas.web")

#: A check of what a service needs; it raises when something is missing.
Check = Callable[[], None]

#: Threads of a service: each open log or event stream holds one.
THREADS = 512
#: Connections of a service at a time, those included that wait for a request.
CONNECTIONS = 1000
#: Streams that may be open at a time, so that threads are left for requests that end.
MOST_STREAMS = THREADS // 2
#: A request that took so many seconds is noted in the log.
_SLOW = 1.0
#: Objects that may be made before unused rings of them are looked for: a large answer is made of fewer.
_OBJECTS = 50_000
#: Seconds that running requests get when the service is told to stop.
GRACEFUL = 3


def new_app(service: str, settings: Settings, ready: Check, *, is_door: bool = False) -> Flask:
    """Return a Flask application with `/healthz`, `/readyz`, `/metrics`, error rendering and request ids.

    It takes no request that a page of another site makes in its reader's name, and, unless it is the door itself,
    where people log in none that did not come through it.
    """
    app = Flask(service, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the order of tags is part of the answer
    app.json.compact = True  # type: ignore[attr-defined]
    app.url_map.merge_slashes = False
    app.url_map.converters["name"] = NameConverter
    counters = Counters(service)
    _add_health(app, ready, counters)
    add_errors(app)
    app.after_request(pack)  # named first, it comes last
    app.before_request(_begin)
    app.teardown_request(_forget)
    app.before_request(Callers(settings).check)
    if not is_door:
        add_gate(app, settings, knows_jobs=service != "tensorboard_api")
    app.before_request(refuse_undeclared)
    app.after_request(lambda response: _end(response, counters))
    return app


def bearer_token() -> str | None:
    """Return the request's bearer token. Old clients send the words `None` or `undefined` when they have none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    return token if scheme.lower() == "bearer" and token not in {"", "None", "undefined"} else None


def query_int(name: str, default: int) -> int:
    """Return a whole number, 0 or more, from the query string. Raises `InvalidInput`."""
    text = request.args.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise InvalidInput(f"{name}: {text!r} is no whole number, 0 or more.", field=name)
    return int(text)


_streams = threading.Semaphore(MOST_STREAMS)


def stream(chunks: Iterator[str] | Iterator[bytes], content_type: str, headers: Mapping[str, str]) -> Response:
    """Return an answer that is sent as it comes, and holds a thread until it ends; 503 when too many do so."""
    if not _streams.acquire(blocking=False):
        answer = problem(ServerUnreachable("Too many streams are open; try again shortly."))
        answer.headers["Retry-After"] = "5"
        return answer
    answer = Response(chunks, content_type=content_type, headers=headers)
    release_once = iter([_streams.release])
    answer.call_on_close(lambda: next(release_once, lambda: None)())
    return answer


def serve(
    make_app: Callable[[], Flask],
    bind: str,
    *,
    workers: int = 1,
    on_term: Callable[[], None] | None = None,
    on_exit: Check | None = None,
    grace: float = GRACEFUL,
) -> None:
    """Serve with gunicorn until SIGTERM or SIGINT. `bind` is `host:port` or `fd://N`, or several with commas.

    The application is made in each worker after the fork, so that no thread or connection is shared between processes.
    `on_term` runs in a worker as soon as it is told to stop, in the signal's handler; `on_exit` once it answers no more
    requests. A worker is killed `grace` seconds after it was told to stop.
    """
    options = {
        "bind": bind.split(","),
        "workers": workers,
        "threads": THREADS,
        "worker_connections": CONNECTIONS,
        "limit_request_line": LONGEST_LINE,
        "limit_request_fields": MOST_HEADERS,
        "limit_request_field_size": LONGEST_HEADER,
        # Named by class, not by word: gunicorn would import them after the fork, once for each process.
        "worker_class": Connections,
        "logger_class": glogging.Logger,
        "timeout": 120,
        "graceful_timeout": max(GRACEFUL, math.ceil(grace)),
        "keepalive": 30,
        "loglevel": "warning",
        "control_socket_disable": True,
        "post_fork": lambda server, worker: die_with_parent(server.pid),
        "post_worker_init": lambda worker: _begin_work(on_term),
        "worker_exit": lambda server, worker: on_exit() if on_exit else None,
    }
    gc.collect()
    gc.freeze()  # what is there now its worker shares; the collector would copy it page by page
    _Server(make_app, options).run()


def _begin_work(on_term: Callable[[], None] | None) -> None:
    gc.collect()
    gc.freeze()  # what is there now stays: to look at it again and again takes longer than many answers
    gc.set_threshold(_OBJECTS)
    if on_term:
        _call_first(signal.SIGTERM, on_term)


def _call_first(number: signal.Signals, action: Callable[[], None]) -> None:
    """Have `action` called before whatever handles the signal now."""
    handler = signal.getsignal(number)

    def handle(received: int, frame: FrameType | None) -> None:
        action()
        if callable(handler):
            handler(received, frame)

    signal.signal(number, handle)
    signal.siginterrupt(number, False)


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with options from us alone: neither command line nor configuration file."""

    def __init__(self, make_app: Callable[[], Flask], options: Mapping[str, Any]) -> None:
        self._make_app = make_app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        try:
            return self._make_app()
        except AtlasError as error:  # gunicorn prints the sentence of this one, and the traceback of any other
            raise AppImportError(error.message) from None


def _add_health(app: Flask, ready: Check, counters: Counters) -> None:
    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz")
    def readyz() -> tuple[dict[str, str], int]:
        try:
            ready()
        except Exception as error:  # whatever is missing is the answer
            return {"status": "unavailable", "detail": str(error)}, 503
        return {"status": "ok"}, 200

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(counters.render(), content_type="text/plain; version=0.0.4")


def _begin() -> None:
    g.request_id = request.headers.get("X-Request-Id", "")[:64] or uuid.uuid4().hex
    g.began = time.perf_counter()
    REQUEST_ID.set(g.request_id)


def _forget(_: BaseException | None) -> None:
    REQUEST_ID.set(None)


def _end(response: Response, counters: Counters) -> Response:
    began = g.get("began")
    if began is not None:
        seconds = time.perf_counter() - began
        counters.add(request.method, response.status_code, seconds)
        level = logging.INFO if seconds > _SLOW or response.status_code >= 500 else logging.DEBUG
        words = (request.method, request.path, response.status_code, seconds * 1000)
        _log.log(level, "%s %s %s %.1f ms", *words)
    response.headers["X-Request-Id"] = g.get("request_id", "")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    return response
