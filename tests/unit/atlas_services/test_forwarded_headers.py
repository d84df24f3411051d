from __future__ import annotations

from atlas_services.forwarded_headers import request_headers, response_headers


def test_what_belongs_to_one_connection_does_not_pass() -> None:
    hop = [("Connection", "close, X-One"), ("X-One", "1"), ("TE", "trailers"), ("Upgrade", "websocket")]
    hop += [("Transfer-Encoding", "chunked"), ("Keep-Alive", "timeout=5"), ("Trailer", "X")]
    assert response_headers([*hop, ("X-Two", "2")]) == [("X-Two", "2")]
    passed = request_headers([*hop, ("X-Two", "2")], "1.2.3.4", "http", "r")
    assert set(passed) == {"Accept-Encoding", "X-Two", "X-Forwarded-For", "X-Forwarded-Proto", "X-Request-Id"}


def test_a_client_cannot_forge_what_the_proxy_says() -> None:
    forged = [("Host", "evil"), ("X-Forwarded-Proto", "https"), ("x-request-id", "theirs"), ("Expect", "100-continue")]
    assert request_headers(forged, "1.2.3.4", "http", "ours") == {
        "Accept-Encoding": "identity",
        "X-Forwarded-For": "1.2.3.4",
        "X-Forwarded-Proto": "http",
        "X-Request-Id": "ours",
    }


def test_every_forwarder_is_named_in_order() -> None:
    passed = request_headers([("X-Forwarded-For", "9.9.9.9")], "1.2.3.4", "http", "r")
    assert passed["X-Forwarded-For"] == "9.9.9.9, 1.2.3.4"


def test_cookies_of_an_answer_stay_apart() -> None:
    cookies = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
    assert response_headers([*cookies, ("Server", "x"), ("Date", "y")]) == cookies
