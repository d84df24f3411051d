"""The server that a configuration names: whether it answers, its services, its version, and what runs jobs."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from importlib import metadata
from typing import Any

from atlas_cli.finding import PROBLEM, WARNING, Finding
from atlas_cli.phrases import count
from atlas_core.client import RestClient, SchedulerClient
from atlas_core.config import load_submission_config
from atlas_core.errors import AtlasError, NotFound, ServerUnreachable
from atlas_core.login_client import user_connection

#: Seconds for an answer from near by; more is felt in every command.
_SLOW = 1.0


def check_server(scheduler_config: str) -> Iterator[Finding]:
    """Yield what is found out about the server. Without a configuration that can be read there is nothing to ask."""
    try:
        url = load_submission_config(scheduler_config).scheduler_url
    except AtlasError:  # the check of the configurations says so
        return
    connection = user_connection(url, patience=0)
    begin = time.monotonic()
    try:
        health = RestClient(connection).health()
    except AtlasError as error:
        yield _unreachable(url, error)
        return
    yield _answers(url, time.monotonic() - begin)
    yield _version(str(health.get("version")))
    for name, facts in (health.get("services") or {}).items():
        yield _service(name, facts)
    yield from _machines(SchedulerClient(connection))


def _unreachable(url: str, error: AtlasError) -> Finding:
    if isinstance(error, ServerUnreachable):
        remedy = "Start it with `atlas-server start`, or correct `scheduler_url` if it runs elsewhere."
        return Finding("server", f"nothing answers at {url}", PROBLEM, remedy)
    if isinstance(error, NotFound):
        remedy = "Name the address of the whole server in `scheduler_url`: the proxy's, by default port 5558."
        return Finding("server", f"{url} is no address of a whole server, or of an older one", WARNING, remedy)
    return Finding("server", f"{url} refuses: {error.message}", PROBLEM, "Ask whoever runs the server.")


def _answers(url: str, seconds: float) -> Finding:
    message = f"{url} answers in {seconds * 1000:.0f} ms"
    if seconds < _SLOW:
        return Finding("server", message)
    return Finding("server", message, WARNING, "Look at the network and at the load of the server.")


def _version(theirs: str) -> Finding:
    ours = metadata.version("foundations-sdk")
    message = f"client {ours}, server {theirs}"
    if _release(ours) == _release(theirs):
        return Finding("versions", message)
    remedy = f"Install the client of the server's version: pip install foundations-sdk=={theirs} atlas-cli=={theirs}"
    return Finding("versions", f"{message}, which do not fit", WARNING, remedy)


def _release(version: str) -> list[str]:
    """Return the part of a version within which client and server fit: `0.1` of `0.1.3`."""
    return version.split(".")[:2]


def _service(name: str, facts: Mapping[str, Any]) -> Finding:
    if facts["healthy"]:
        return Finding(f"service {name}", f"healthy, answers in {facts['seconds'] * 1000:.0f} ms")
    remedy = "See its log below `server/logs` in the server's home, or with `docker compose logs`."
    return Finding(f"service {name}", str(facts["problem"]), PROBLEM, remedy)


def _machines(scheduler: SchedulerClient) -> Iterator[Finding]:
    try:
        nodes = scheduler.nodes()["nodes"]
    except (AtlasError, KeyError):  # its service was found not to be healthy
        return
    if not any(node["leader"] for node in nodes):
        remedy = "If that stays so for a minute, see the scheduler's log."
        yield Finding("dispatch", "no scheduler starts jobs at the moment", WARNING, remedy)
    yield from map(_machine, nodes)


def _machine(node: Mapping[str, Any]) -> Finding:
    subject = f"node {node['name']}"
    if not node["slots"]:
        return Finding(subject, "runs no jobs", WARNING, "Start the server with NUM_WORKERS above 0.")
    gpus = count(len(node["gpus"]), "GPU") if node["gpus"] else "no GPUs"
    shape = {"process": "as processes", "docker": "in containers"}.get(node["engine"], node["engine"])
    return Finding(subject, f"runs {count(node['slots'], 'job')} at a time {shape}, gives out {gpus}")
