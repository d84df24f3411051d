"""`foundations doctor`: what works, what does not, and what to do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import click

from atlas_cli.completed import complete_config
from atlas_cli.config_check import check_configs
from atlas_cli.docker_check import check_docker
from atlas_cli.finding import OK, PROBLEM, WARNING, Finding
from atlas_cli.machine_check import check_disk, check_gpus, check_journals, check_python
from atlas_cli.options import debug_option, json_option
from atlas_cli.outcome import UNHEALTHY
from atlas_cli.output import Terminal
from atlas_cli.phrases import count
from atlas_cli.scheduler import DEFAULT
from atlas_cli.server_check import check_server
from atlas_core.settings import home_directory

_SIGNS = {OK: ("ok", "green"), WARNING: ("warning", "yellow"), PROBLEM: ("problem", "red")}


@click.command()
@click.argument("scheduler-config", default=DEFAULT, shell_complete=complete_config)
@json_option
@debug_option
@click.pass_obj
def doctor(terminal: Terminal, scheduler_config: str) -> int:
    """Look at everything that jobs and scripts need, and say what to do where something is wrong.

    Nothing is changed. The exit code is 3 when there is a problem, else 0.

    \b
    foundations doctor
    foundations doctor staging --json
    """
    home = home_directory()
    findings = [
        check_python(),
        *check_configs(scheduler_config),
        *check_server(scheduler_config),
        check_journals(home),
        *check_disk(home),
        *check_docker(),
        check_gpus(),
    ]
    is_well = all(finding.state != PROBLEM for finding in findings)
    terminal.show(None, {"healthy": is_well, "findings": [finding.to_dict() for finding in findings]})
    if not terminal.json:
        _print(terminal, findings)
    return 0 if is_well else UNHEALTHY


def _print(terminal: Terminal, findings: Sequence[Finding]) -> None:
    width = max(len(word) for word, _ in _SIGNS.values())
    for finding in findings:
        word, colour = _SIGNS[finding.state]
        terminal.say(f"{terminal.coloured(word.ljust(width), colour)}  {finding.subject}: {finding.message}")
        if finding.remedy:
            terminal.say(f"{' ' * width}  -> {finding.remedy}")
    counted = Counter(finding.state for finding in findings)
    found = [count(counted[state], state) for state in (PROBLEM, WARNING) if counted[state]]
    terminal.say(f"\n{' and '.join(found)} found." if found else "\nAll is well.")
