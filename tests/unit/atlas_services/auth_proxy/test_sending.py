"""Strangers must take what they asked for; those who are known may take their time."""

from __future__ import annotations

import socket
import struct

from flask import Flask

from atlas_services.auth_proxy.sending import lift_limit, limit_sending


def limit_of(connection: socket.socket) -> float:
    """Return the seconds for which sending waits."""
    seconds, micros = struct.unpack("ll", connection.getsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, 16))
    return float(seconds + micros / 1e6)


def test_an_answer_waits_for_a_stranger_for_some_seconds_and_for_who_is_known_as_long_as_it_takes() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, Flask("proxy").test_request_context(environ_overrides={"gunicorn.socket": ours}):
        limit_sending()
        assert 0 < limit_of(ours) <= 30
        lift_limit()
        assert limit_of(ours) == 0
