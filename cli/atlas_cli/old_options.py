"""Options of the original's `atlas-server start` that mean nothing here, or go by another name.

Each is understood, and answered with what to do instead. None is passed over in silence if somebody could rely on it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from atlas_cli.outcome import CommandFailed

F = TypeVar("F", bound=Callable[..., Any])

#: By how much the port of a service lies above the port base.
_OFFSETS = {"dashboard_port": ("GUI", 0), "archive_port": ("archive", 3), "tensorboard_port": ("TensorBoard", 6)}
_SENTENCES = {
    "scheduler_host": "links are made for the address in ATLAS_PROXY_URL; set that variable, and ATLAS_HOST to listen "
    "on other addresses than this machine's own.",
    "auth_server_port": "the login has no server of its own; set ATLAS_OIDC_ISSUER to the address of your identity "
    "provider.",
    "authentication": "set ATLAS_OIDC_ISSUER to the address of your identity provider, then everybody logs in; see "
    "docs/guides/login.md.",
}


def old_options(function: F) -> F:
    """Add the options."""
    for add in (
        click.option(
            "-t",
            "--disable-tensorboard",
            is_flag=True,
            expose_value=False,
            help="Accepted; TensorBoard runs only while somebody looks at it.",
        ),
        click.option("-p", "--authentication", is_flag=True, **_answered("Set ATLAS_OIDC_ISSUER instead.")),
        click.option("-u", "--auth-server-port", type=int, **_answered("Set ATLAS_OIDC_ISSUER instead.")),
        click.option("-s", "--scheduler-host", **_answered("Set ATLAS_PROXY_URL instead.")),
        click.option("-T", "--tensorboard-port", type=int, **_answered("Use --port-base instead.")),
        click.option("-d", "--dashboard-port", type=int, **_answered("Use --port-base instead.")),
        click.option("-a", "--archive-port", type=int, **_answered("Use --port-base instead.")),
    ):
        function = add(function)
    return function


def _answered(help_text: str) -> dict[str, Any]:
    return {"expose_value": False, "callback": _answer, "help": help_text}


def _answer(_context: click.Context, parameter: click.Parameter, value: int | str | bool | None) -> None:
    if value is None or value is False:
        return
    name = parameter.name or ""
    option = "/".join(parameter.opts)
    if name not in _OFFSETS:
        raise CommandFailed(f"Error: {option}: {_SENTENCES[name]}", "invalid_input")
    service, offset = _OFFSETS[name]
    raise CommandFailed(
        f"Error: {option}: the ports are chosen together; `--port-base {int(value) - offset}` puts the {service} on "
        f"port {value}.",
        "invalid_input",
    )
