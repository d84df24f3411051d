"""`foundations login`, `logout` and `whoami`: who this machine's user is to a server."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import click

from atlas_cli.options import debug_option, json_option
from atlas_cli.outcome import CommandFailed
from atlas_cli.output import Terminal
from atlas_cli.scheduler import DEFAULT
from atlas_core.client import Connection
from atlas_core.config import check_url, load_submission_config
from atlas_core.credentials import Credentials, CredentialsFile
from atlas_core.errors import AtlasError, NotFound, Unauthorized
from atlas_core.login_client import LoginClient, user_connection
from atlas_core.settings import home_directory

#: Seconds between two questions whether somebody has agreed, if the server names no others; and added when it asks to.
_INTERVAL = 5.0
#: What the server answers for as long as nobody has agreed.
_WAITING = frozenset({"authorization_pending", "slow_down"})


@click.command()
@click.argument("host", required=False)
@click.option("-u", "--username", help="Log in with a name and a password; asked for if it is not given.")
@click.option("-p", "--password", help="The password. Others on this machine can read it in a command: leave it out.")
@json_option
@debug_option
@click.pass_obj
def login(terminal: Terminal, host: str | None, username: str | None, password: str | None) -> None:
    """Log in at HOST, the address of a server: by default that of the scheduler config `scheduler`.

    A code is shown, to be typed into a page on this or another device. With -u the terminal asks for the password.

    \b
    foundations login
    foundations login https://atlas.example.com -u ann
    """
    url = _url(host)
    client = LoginClient(Connection(url, patience=0.0))
    try:
        grant = _by_password(client, username, password) if username or password else _by_device(terminal, client)
        CredentialsFile(home_directory()).write(url, Credentials.of_grant(grant, time.time()))
    except NotFound:
        raise CommandFailed(f"The server at {url} has no login; every user is `CE User`.", "not_found") from None
    except AtlasError as error:
        raise CommandFailed(f"\nLogin Failed!\nError response: {error.message}", error.code) from error
    terminal.show("\nLogin Succeeded!", {"url": url, "user": _user(url)})


@click.command()
@click.argument("host", required=False)
@json_option
@debug_option
@click.pass_obj
def logout(terminal: Terminal, host: str | None) -> None:
    """Log out at HOST, and forget the tokens that `foundations login` kept.

    \b
    foundations logout
    """
    url, file = _url(host), CredentialsFile(home_directory())
    known = file.read(url)
    file.remove(url)
    if known is None:
        terminal.show(f"You were not logged in at {url}.", {"url": url, "logged_out": False})
        return
    try:
        LoginClient(Connection(url, patience=0.0)).log_out(known.refresh_token)
    except AtlasError as error:
        raise CommandFailed(
            f"The tokens are removed here; the server was not told ({error.message}), where they end by themselves.",
            error.code,
        ) from error
    terminal.show(f"You are logged out at {url}.", {"url": url, "logged_out": True})


@click.command()
@click.argument("host", required=False)
@json_option
@debug_option
@click.pass_obj
def whoami(terminal: Terminal, host: str | None) -> None:
    """Show who you are to HOST, and what you may do there.

    \b
    foundations whoami
    """
    url = _url(host)
    found = LoginClient(user_connection(url, patience=0.0)).session()
    terminal.show(_in_words(found, url), {"url": url, **found})


def _in_words(found: Mapping[str, Any], url: str) -> str:
    if not found.get("login"):
        return f"The server at {url} has no login; every user is `CE User`."
    projects = found.get("projects")
    where = "every project" if projects is None else ", ".join(projects) or "no project"
    return f"{found['user']} ({found['role']}) at {url}; you see {where}."


def _url(host: str | None) -> str:
    if host is None:
        return load_submission_config(DEFAULT).scheduler_url
    return check_url(host, "HOST", "foundations")


def _by_password(client: LoginClient, username: str | None, password: str | None) -> Mapping[str, Any]:
    name = username or click.prompt("Username")
    return client.by_password(name, password or click.prompt("Password", hide_input=True))


def _by_device(terminal: Terminal, client: LoginClient) -> Mapping[str, Any]:
    """Show a code, and return the tokens once somebody has agreed. Raises `AtlasError`."""
    begun = client.begin_device()
    page = begun.get("verification_uri_complete") or begun["verification_uri"]
    terminal.say(f"Open {page} and check that it shows the code {begun['user_code']}.")
    interval = float(begun.get("interval") or _INTERVAL)
    deadline = time.monotonic() + float(begun.get("expires_in") or 600)
    while time.monotonic() < deadline:
        time.sleep(interval)
        try:
            return client.finish_device(str(begun["device_code"]))
        except Unauthorized as error:
            if error.details.get("reason") not in _WAITING:
                raise
            interval += _INTERVAL if error.details["reason"] == "slow_down" else 0.0
    raise Unauthorized("Nobody has confirmed the code in time; run `foundations login` again.")


def _user(url: str) -> str:
    return str(LoginClient(user_connection(url, patience=0.0)).session()["user"])
