"""Ctrl-C that nobody catches: the process dies by SIGINT, as it would without us, and so stops a loop of the shell too.

CPython notes such an end when the exception leaves the code that runs as a whole. It forgets it as soon as any thread
runs a text as code, which importing a library with a named tuple does. An exception that leaves such a text reminds it.
"""

from __future__ import annotations

import contextlib
from typing import Any, Callable


def remind(run: Callable[[str, dict[str, Any]], None] = exec) -> None:
    """Have the interpreter end this process by SIGINT when it exits, unless more text is run as code until then."""
    with contextlib.suppress(KeyboardInterrupt):
        run("raise KeyboardInterrupt", {})


class Reminder:
    """Reminds when it goes, which for one that a module keeps is when no thread runs any more."""

    def __del__(self, run: Callable[[str, dict[str, Any]], None] = exec) -> None:
        try:  # noqa: SIM105 - nothing but what this function holds can be relied upon any more
            run("raise KeyboardInterrupt", {})
        except KeyboardInterrupt:
            pass
