"""The listening sockets of the stack.

The supervisor opens them all before anything starts, and the services inherit them. So a taken port is found at once,
and while a service is being restarted its callers wait in the socket's queue instead of being refused.
"""

from __future__ import annotations

import errno
import socket

from atlas_core.errors import InvalidConfig

_BACKLOG = 512


def listen(host: str, port: int, service: str) -> socket.socket:
    """Return a listening socket that children inherit. Raises `InvalidConfig` when the port cannot be had."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise _refusal(host, port, service, error) from error
    listener.listen(_BACKLOG)
    listener.set_inheritable(True)
    return listener


def check_free(host: str, port: int, service: str) -> None:
    """Raise `InvalidConfig` unless another program of ours could listen on the port."""
    listen(host, port, service).close()


def _refusal(host: str, port: int, service: str, error: OSError) -> InvalidConfig:
    if error.errno == errno.EADDRINUSE:
        reason = "is taken by another program; stop that one, or choose other ports with --port-base N"
    else:
        reason = f"cannot be used ({error.strerror}); choose other ports with --port-base N"
    return InvalidConfig(f"Port {port} ({service}) on {host} {reason}.", field="port_base", port=port, service=service)
