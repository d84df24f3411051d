"""`foundations nodes`: the machines on which jobs run, with their GPUs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from atlas_cli.completed import complete_config
from atlas_cli.options import debug_option, json_option
from atlas_cli.output import Terminal
from atlas_cli.phrases import gpu_name, short_ids
from atlas_cli.scheduler import DEFAULT, Scheduler
from atlas_cli.table import Column, Table
from atlas_cli.watch import Facts, Page, show, watch_option

_NODES = (
    Column("node", most=24),
    Column("jobs run as", whole=True),
    Column("jobs", whole=True),
    Column("GPUs", whole=True, nothing=""),
    Column("CPUs", whole=True, nothing=""),
    Column("RAM", whole=True, nothing=""),
    Column("dispatch", whole=True, nothing=""),
)
_GPUS = (
    Column("node", most=24, nothing=""),
    Column("GPU", whole=True),
    Column("model", nothing=""),
    Column("memory", whole=True, right=True, nothing=""),
    Column("used", whole=True, right=True, nothing=""),
    Column("load", whole=True, right=True, nothing=""),
    Column("job", whole=True),
)
_ENGINES = {"process": "processes", "docker": "containers"}


@click.command()
@click.argument("scheduler-config", default=DEFAULT, shell_complete=complete_config)
@watch_option
@json_option
@debug_option
@click.pass_obj
def nodes(terminal: Terminal, scheduler_config: str, watch: bool) -> None:
    """Show the machines on which jobs run: what they have, and what is free.

    \b
    foundations nodes --watch
    foundations nodes scheduler --json
    """
    client = Scheduler(scheduler_config).client
    show(terminal, watch, client.nodes, _page)


def _page(facts: Facts) -> Page:
    found = facts["nodes"]
    if not found:
        return ["No machine runs jobs. `atlas-server status` shows the services."]
    gpus = [(node["name"], gpu) for node in found for gpu in node["gpus"]]
    short = short_ids(gpu["job"] for _, gpu in gpus if gpu["job"])
    machines = Table(_NODES, [_cells(node) for node in found])
    several = len(found) > 1
    rows = [(name * several, *_gpu_cells(gpu), short.get(gpu["job"], "free")) for name, gpu in gpus]
    return [machines, "", Table(_GPUS, rows)] if gpus else [machines]


def _cells(node: Mapping[str, Any]) -> tuple[str, ...]:
    taken = sum(1 for gpu in node["gpus"] if gpu["job"])
    return (
        node["name"],
        _ENGINES.get(node["engine"], node["engine"]),
        f"{node['slots_used']} of {node['slots']}",
        _share(node["gpus"] and taken, len(node["gpus"]) or None),
        _share(node["cpus_used"], node["cpus"]),
        _share(node["ram_used"], node["ram"], " GB"),
        "" if node["leader"] else "stands by",
    )


def _gpu_cells(gpu: Mapping[str, Any]) -> tuple[str, ...]:
    load = gpu["utilization"]
    return (
        gpu_name(gpu["id"]),
        gpu["model"],
        _gigabytes(gpu["memory"]),
        _gigabytes(gpu["memory_used"]),
        "" if load is None else f"{load:.0f} %",
    )


def _share(used: float, most: float | None, unit: str = "") -> str:
    """Return how much of something jobs hold; nothing of what is not counted."""
    return "" if most is None else f"{used:.3g} of {most:.4g}{unit}"


def _gigabytes(amount: float | None) -> str:
    return "" if amount is None else f"{amount:.3g} GB"
