"""Records beside the script what it ran on and from which source."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Callable

from atlas_core.records import operation_frame
from foundations.repository import ask_git, git_answer

_log = logging.getLogger("foundations.recorder")

#: Seconds for which the end of a short script waits at most; it takes a tenth of one unless the machine is very busy.
_PATIENCE = 4.0


class Recorder:
    """A thread that finds out facts about the run and appends each to the journal. It delays and disturbs nothing."""

    def __init__(self, append: Callable[[bytes], None], cwd: Path, source: Path | None) -> None:
        """Record; with `source`, where a bundle of the source goes, also the source and its repository."""
        self._append = append
        self._cwd = cwd
        self._source = None if os.environ.get("FOUNDATIONS_SNAPSHOT", "1") == "0" else source
        self._git = self._ask_git()
        self._thread = threading.Thread(target=self._record, name="foundations-recorder", daemon=True)
        with contextlib.suppress(RuntimeError):  # an interpreter that is shutting down starts none
            self._thread.start()

    def close(self, _seconds: float) -> None:
        """Wait a moment for what is not yet recorded."""
        if self._thread.is_alive():
            self._thread.join(_PATIENCE)

    def _record(self) -> None:
        try:
            for name, value in self._facts():
                if value is not None:
                    self._append(operation_frame("facts", **{name: value}))
        except Exception:  # whatever this machine is like, the training goes on
            _log.debug("Not all facts could be recorded.", exc_info=True)

    def _ask_git(self) -> Path | None:
        """Have git asked, while the script waits: a child that lives for a moment would be seen by it later on."""
        if self._source is not None:
            answer = self._source.with_suffix(".git")
            with contextlib.suppress(OSError):
                answer.parent.mkdir(parents=True, exist_ok=True)
                if ask_git(self._cwd, answer):
                    return answer
        return None

    def _facts(self) -> Iterator[tuple[str, Any]]:
        # These import a good deal, which the script's own thread need not wait for.
        surroundings = import_module("foundations.surroundings")
        yield "interpreter", surroundings.interpreter()
        yield "machine", surroundings.machine()
        if self._source is not None:
            yield "source", import_module("foundations.source_snapshot").take(self._cwd, self._source)
        if self._git is not None:
            yield "git", git_answer(self._git)
