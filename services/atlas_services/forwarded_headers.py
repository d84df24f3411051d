"""Which headers pass on when a request is sent on to a service, and its answer back."""

from __future__ import annotations

from collections.abc import Iterable

#: They speak of one connection, not of the message.
_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
#: Written anew on the way in: the address called, what the proxy itself says, and what it has answered already.
#: Which page asks was judged here, by the address that the page called: the services are called by another.
_REQUEST = frozenset(
    {
        "host",
        "x-forwarded-for",
        "x-forwarded-proto",
        "x-request-id",
        "x-atlas-identity",
        "x-atlas-user-token",
        "expect",
        "origin",
        "sec-fetch-site",
    }
)
#: Written anew by the proxy's own server on the way out.
_RESPONSE = frozenset({"server", "date"})

Headers = Iterable[tuple[str, str]]


def request_headers(headers: Headers, client: str, scheme: str, request_id: str) -> dict[str, str]:
    """Return what is sent on to a service."""
    received = list(headers)
    before = [value for name, value in received if name.lower() == "x-forwarded-for"]
    passed = {name: value for name, value in _end_to_end(received) if name.lower() not in _REQUEST}
    return {
        "Accept-Encoding": "identity",  # else the connection to the service would ask for what the client did not
        **passed,
        "X-Forwarded-For": ", ".join([*before, client]),
        "X-Forwarded-Proto": scheme,
        "X-Request-Id": request_id,
    }


def response_headers(headers: Headers) -> list[tuple[str, str]]:
    """Return what is sent back to the client."""
    return [(name, value) for name, value in _end_to_end(list(headers)) if name.lower() not in _RESPONSE]


def _end_to_end(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Leave out what belongs to the connection, the headers that `Connection` names included."""
    named = [
        word.strip().lower() for name, value in headers if name.lower() == "connection" for word in value.split(",")
    ]
    dropped = _HOP_BY_HOP.union(named)
    return [(name, value) for name, value in headers if name.lower() not in dropped]
