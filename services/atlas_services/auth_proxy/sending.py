"""How long an answer may wait for whoever asked to take it: a stranger, who keeps a thread so, not for long."""

from __future__ import annotations

import socket

from flask import request

from atlas_services.connections import limit_waiting

#: Seconds in which a stranger takes something of an answer that does not fit on the way.
_STRANGERS_PATIENCE = 15


def limit_sending() -> None:
    """Break the connection of the present request off if its answer is not taken; nobody knows yet whose it is."""
    _set(_STRANGERS_PATIENCE)


def lift_limit() -> None:
    """Let whoever asks take the answer as slowly as they like: they are known. A reader of a log may pause for long."""
    _set(0)


def _set(seconds: int) -> None:
    connection: socket.socket | None = request.environ.get("gunicorn.socket")
    if connection is not None:
        limit_waiting(connection, socket.SO_SNDTIMEO, seconds)
