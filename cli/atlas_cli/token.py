"""`foundations token`: tokens for programs, such as a CI system, that act in their maker's name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from atlas_cli.lazy_group import LazyCommand, LazyGroup
from atlas_cli.options import debug_option, json_option
from atlas_cli.output import Terminal
from atlas_cli.scheduler import DEFAULT
from atlas_core.config import load_submission_config
from atlas_core.login_client import LoginClient, user_connection

_COMMANDS = {
    "create": LazyCommand("atlas_cli.token:create", "Make a token, and show it this once."),
    "list": LazyCommand("atlas_cli.token:list_tokens", "Show your tokens."),
    "revoke": LazyCommand("atlas_cli.token:revoke", "Make a token worthless."),
}

_HEADERS = ("id", "name", "user", "role", "projects", "expires", "last used")

token = LazyGroup("token", _COMMANDS, help="Make and revoke tokens for programs.", own_help=True)


@click.command()
@click.argument("name")
@click.option("--role", type=click.Choice(["viewer", "member", "admin"]), help="The most it may do. [default: member]")
@click.option("--days", type=float, default=90, show_default=True, help="Days for which it holds; 366 at most.")
@click.option("--project", "projects", multiple=True, help="A project that it may see; several with several options.")
@click.option("--config", default=DEFAULT, show_default=True, help="The scheduler config that names the server.")
@json_option
@debug_option
@click.pass_obj
def create(
    terminal: Terminal, name: str, role: str | None, days: float, projects: tuple[str, ...], config: str
) -> None:
    """Make a token that says what it is for, NAME, and show it this once. Programs find it in $FOUNDATIONS_TOKEN.

    \b
    foundations token create ci --days 30
    foundations token create dashboard --role viewer --project vision
    """
    wish = {"name": name, "days": days, "role": role, "projects": list(projects) or None}
    made = _client(config).create_token({key: value for key, value in wish.items() if value is not None})
    terminal.show(f"{made['token']}\n\nIt holds until {_day(made['expires'])}, and is shown only now.", made)


@click.command("list")
@click.option("--all", "everybody", is_flag=True, help="Everybody's tokens, for administrators.")
@click.option("--config", default=DEFAULT, show_default=True, help="The scheduler config that names the server.")
@json_option
@debug_option
@click.pass_obj
def list_tokens(terminal: Terminal, everybody: bool, config: str) -> None:
    """Show your tokens: what they are for, what they may do, until when.

    \b
    foundations token list
    """
    tokens = _client(config).tokens(everybody)
    terminal.show(None if tokens else "You have no tokens.", {"tokens": tokens})
    if tokens and not terminal.json:
        terminal.table(_HEADERS, [_row(each) for each in tokens])


@click.command()
@click.argument("token_id", metavar="ID")
@click.option("--config", default=DEFAULT, show_default=True, help="The scheduler config that names the server.")
@json_option
@debug_option
@click.pass_obj
def revoke(terminal: Terminal, token_id: str, config: str) -> None:
    """Make the token ID worthless, at once.

    \b
    foundations token revoke 3f9c2a41b07d
    """
    _client(config).revoke_token(token_id)
    terminal.show(f"Token {token_id} is revoked.", {"id": token_id, "revoked": True})


def _client(config: str) -> LoginClient:
    return LoginClient(user_connection(load_submission_config(config).scheduler_url, patience=0.0))


def _row(token: dict[str, Any]) -> tuple[str, ...]:
    projects = token["projects"]
    seen = "all" if projects is None else ", ".join(projects)
    used = "never" if token["last_used"] is None else _day(token["last_used"])
    return token["id"], token["name"], token["user"], token["role"], seen, _day(token["expires"]), used


def _day(time: float) -> str:
    return datetime.fromtimestamp(time).strftime("%Y-%m-%d")
