"""The clients, over real HTTP: whatever answers, they return what they promise or raise an `AtlasError`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from atlas_core.client import Connection, RestClient, SchedulerClient
from atlas_core.errors import (
    AtlasError,
    Conflict,
    Forbidden,
    InvalidInput,
    InvalidSpec,
    NotFound,
    ServerError,
    Unauthorized,
)
from atlas_core.jobs import JobSpec, Submission
from atlas_core.login_client import LoginClient

_CALLS: dict[str, Callable[[Connection], object]] = {
    "job": lambda connection: SchedulerClient(connection).job("j"),
    "status": lambda connection: SchedulerClient(connection).status("j"),
    "state": lambda connection: SchedulerClient(connection).state("j"),
    "submit": lambda connection: SchedulerClient(connection).submit(Submission("j", "p", "u", JobSpec())),
    "send_journal": lambda connection: RestClient(connection).send_journal("j", "w", 0, b"", "t"),
    "projects": lambda connection: RestClient(connection).projects(),
    "job_listing": lambda connection: RestClient(connection).job_listing("p"),
    "tracked_job": lambda connection: RestClient(connection).job("j"),
    "clear_queue": lambda connection: SchedulerClient(connection).clear_queue(),
    "series": lambda connection: RestClient(connection).series("j", "loss"),
}


@contextmanager
def _server(status: int, body: bytes) -> Iterator[Connection]:
    """Serve the same answer to everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Location", "https://atlas.example.com/")
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_DELETE = do_HEAD = do_GET  # noqa: N815  the names are those of http.server

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        connection = Connection(f"http://127.0.0.1:{server.server_port}", patience=0.0)
        try:
            yield connection
        finally:
            connection.close()
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, InvalidInput), (401, Unauthorized), (403, Forbidden), (404, NotFound), (409, Conflict), (500, ServerError)],
)
def test_a_plain_sentence_is_the_error_of_its_status(status: int, kind: type[AtlasError]) -> None:
    with _server(status, b"No such worker") as connection, pytest.raises(AtlasError, match="No such worker") as raised:
        RestClient(connection).projects()
    assert type(raised.value) is kind


@pytest.mark.parametrize("status", [301, 302, 304, 307])
@pytest.mark.parametrize(
    "call",
    [
        lambda connection: SchedulerClient(connection).cancel("j"),
        lambda connection: SchedulerClient(connection).delete("j"),
        lambda connection: SchedulerClient(connection).has_bundle("0" * 64),
        lambda connection: LoginClient(connection).revoke_token("t"),
        lambda connection: RestClient(connection).projects(),
    ],
)
def test_a_redirection_is_no_success(call: Callable[[Connection], object], status: int) -> None:
    with _server(status, b"") as connection, pytest.raises(ServerError, match=r"https://atlas\.example\.com/"):
        call(connection)


@pytest.mark.parametrize("body", [b"<html>Welcome</html>", b"5", b"null"])
@pytest.mark.parametrize("call", _CALLS.values(), ids=_CALLS)
def test_what_is_no_answer_of_ours_is_a_server_error(call: Callable[[Connection], object], body: bytes) -> None:
    with _server(200, body) as connection, pytest.raises(ServerError, match="is no Atlas server"):
        call(connection)


@pytest.mark.parametrize("body", [b"{}", b'{"status": "fine"}', b'{"status": [], "applied": []}'])
@pytest.mark.parametrize("name", ["status", "send_journal"])
def test_an_answer_that_lacks_what_ours_have_is_a_server_error(name: str, body: bytes) -> None:
    with _server(200, body) as connection, pytest.raises(ServerError, match="is no Atlas server"):
        _CALLS[name](connection)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"code": "teapot", "message": "short and stout", "self": 1}', ServerError),
        (b'{"code": "invalid_spec", "message": "No.", "detail": "short and stout"}', InvalidSpec),
        (b'{"code": 5, "detail": {"short": "and stout"}}', ServerError),
    ],
)
def test_an_error_in_the_form_of_others_is_still_one_of_ours(body: bytes, kind: type[Exception]) -> None:
    with _server(500, body) as connection, pytest.raises(kind):
        SchedulerClient(connection).state("j")
