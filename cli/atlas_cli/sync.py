"""`foundations sync`: send what runs without a server have recorded."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from atlas_cli.options import debug_option, json_option
from atlas_cli.outcome import FAILED
from atlas_cli.output import Terminal
from atlas_cli.phrases import SCARCE, SETTLE, count, size
from atlas_core.errors import InvalidInput
from atlas_core.settings import home_directory
from foundations.refused import forget, offer_again
from foundations.sync import sync as send_journals


@click.command()
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Instead of $FOUNDATIONS_HOME.")
@click.option("--timeout", type=click.FloatRange(min=0), metavar="S", help="Give up after this many seconds.")
@click.option("--retry-refused", is_flag=True, help="Offer files again that a server has refused.")
@click.option("--forget-refused", is_flag=True, help="Remove files that a server has refused.")
@json_option
@debug_option
@click.pass_obj
def sync(
    terminal: Terminal, home: Path | None, timeout: float | None, retry_refused: bool, forget_refused: bool
) -> int:
    """Send what runs have recorded while no server answered. Harmless to repeat.

    \b
    foundations sync
    foundations sync --timeout 600
    foundations sync --retry-refused
    """
    if home is not None and not home.is_dir():
        raise InvalidInput(f"--home: there is no directory `{home}`; give the one that runs have recorded to.")
    if retry_refused and forget_refused:
        raise click.UsageError("Choose one of --retry-refused and --forget-refused.")
    root = home or home_directory()
    forgotten = forget(root) if forget_refused else 0
    if retry_refused:
        offer_again(root)
    report = send_journals(home=root, timeout=timeout)
    said = [f"Sent {report.bytes} bytes of {report.jobs} job(s).", *report.failures]
    if forgotten:
        said.append(f"Removed {count(forgotten, 'refused file')}.")
    if report.refused:
        stay = "stays" if report.refused == 1 else "stay"
        said.append(f"{count(report.refused, 'file')} {stay} refused. {SETTLE}")
    if report.left:
        said.append(f"{size(report.left)} still wait.{SCARCE if report.is_full else ''}")
    terminal.show("\n".join(said), {**asdict(report), "forgotten": forgotten})
    return FAILED if report.failures else 0
