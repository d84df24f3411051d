"""`foundations sync`: send what runs without a server have recorded."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from atlas_cli.options import debug_option, json_option
from atlas_cli.outcome import FAILED
from atlas_cli.output import Terminal
from atlas_core.errors import InvalidInput
from foundations.sync import sync as send_journals


@click.command()
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Instead of $FOUNDATIONS_HOME.")
@click.option("--timeout", type=click.FloatRange(min=0), metavar="S", help="Give up after this many seconds.")
@json_option
@debug_option
@click.pass_obj
def sync(terminal: Terminal, home: Path | None, timeout: float | None) -> int:
    """Send what runs have recorded while no server answered. Harmless to repeat.

    \b
    foundations sync
    foundations sync --timeout 600
    """
    if home is not None and not home.is_dir():
        raise InvalidInput(f"--home: there is no directory `{home}`; give the one that runs have recorded to.")
    report = send_journals(home=home, timeout=timeout)
    sent = f"Sent {report.bytes} bytes of {report.jobs} job(s)."
    terminal.show("\n".join([sent, *report.failures]), asdict(report))
    return FAILED if report.failures else 0
