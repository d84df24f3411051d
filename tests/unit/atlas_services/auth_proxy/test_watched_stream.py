"""Streams end for whom may not have them any more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask, Response, g, request

from atlas_core.errors import ServerUnreachable, Unauthorized
from atlas_services.auth_proxy.watched_stream import EVERY, WatchedBody, watched


class Body:
    """Three pieces."""

    def __init__(self) -> None:
        self.pieces = iter([b"1", b"2", b"3"])
        self.is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self.pieces)

    def close(self) -> None:
        self.is_closed = True


@pytest.mark.parametrize("error", [Unauthorized("Token is not valid."), ServerUnreachable("Nobody can tell.")])
def test_a_stream_breaks_off_at_the_first_piece_after_the_right_to_it_is_gone(error: Exception) -> None:
    def refuse() -> None:
        raise error

    times = iter([0.0, EVERY / 2, EVERY])
    body = WatchedBody(Body(), refuse, lambda: next(times))
    assert next(body) == b"1"
    with pytest.raises(ConnectionResetError):
        next(body)


def test_it_is_asked_once_in_a_while() -> None:
    asked: list[None] = []
    times = iter([0.0, EVERY, EVERY + 0.1, 2 * EVERY, 3 * EVERY])
    inner = Body()
    body = WatchedBody(inner, lambda: asked.append(None), lambda: next(times))
    assert list(body) == [b"1", b"2", b"3"]
    assert len(asked) == 2
    body.close()
    assert inner.is_closed


def test_it_is_the_same_request_that_is_judged_again_and_only_a_stream_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atlas_services.auth_proxy.watched_stream.EVERY", 0.0)
    app, seen = Flask("test"), list[str]()

    def judge() -> None:
        g.caller = "noted anew"
        seen.append(request.headers["Authorization"])

    @app.get("/<kind>")
    def answer(kind: str) -> Response:
        found = Response(Body(), headers={"X-Accel-Buffering": "no"} if kind == "stream" else {})
        return watched(found, judge)

    def pieces(path: str) -> list[bytes]:
        with app.test_client().get(path, headers={"Authorization": "Bearer t"}, buffered=False) as answer:
            return list(answer.iter_encoded())

    assert (pieces("/stream"), seen) == ([b"1", b"2", b"3"], ["Bearer t"] * 3)
    assert (pieces("/file"), len(seen)) == ([b"1", b"2", b"3"], 3)
