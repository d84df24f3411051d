"""A job's log on a terminal, and behind it the line that the job has begun and the log lacks yet, as a progress bar.

That line is drawn in one row and taken away before the log goes on, which brings it again when it is whole.
"""

from __future__ import annotations

import re
import shutil
from importlib import import_module

from atlas_cli.output import Terminal
from atlas_core.client import SchedulerClient
from atlas_core.states import JobStatus
from foundations import log_stream

#: What terminals obey, and what would move the cursor: the row must be found again.
_CODES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|.)|[\x00-\x1f\x7f-\x9f]")
#: Empty the row from here on.
_EMPTY = b"\x1b[K"


def follow_log(terminal: Terminal, scheduler: SchedulerClient, job_id: str) -> JobStatus:
    """Show a job's log until the job has ended, and return how; see `log_stream.stream`.

    What is no terminal gets the bytes of the log and nothing else.
    """
    if not terminal.can_redraw:
        return log_stream.stream(scheduler, job_id, terminal.write)
    screen = LogScreen(terminal)
    return log_stream.stream(scheduler, job_id, screen.write, screen.show_unfinished)


class LogScreen:
    """Where a log is shown that goes on: on a terminal that can redraw a row."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._is_at_beginning = True
        self._is_drawn = False

    def write(self, chunk: bytes) -> None:
        """Write what comes next in the log."""
        self.show_unfinished(b"")
        self._terminal.write(chunk)
        self._is_at_beginning = chunk.endswith((b"\n", b"\r"))

    def show_unfinished(self, line: bytes) -> None:
        """Draw a line behind the log, in the place of the one before; b"" draws none.

        What only continues a row that the log has begun is not drawn: taking it away would take that with it.
        """
        if line and (self._is_at_beginning or line.startswith(b"\r")):
            self._terminal.write(b"\r" + _row(line).encode() + _EMPTY)
            self._is_drawn = self._is_at_beginning = True
        elif self._is_drawn:
            self._terminal.write(b"\r" + _EMPTY)
            self._is_drawn = False


def _row(line: bytes) -> str:
    """Return a line as its last carriage return left it, as far as it fits into one row."""
    text = _CODES.sub("", line.decode("utf-8", "replace").rstrip("\r").rpartition("\r")[2])
    width = shutil.get_terminal_size().columns - 1
    cells = import_module("rich.cells")  # rich takes longer to import than most commands take to run
    return str(cells.set_cell_size(text, width)) if cells.cell_len(text) > width else text
