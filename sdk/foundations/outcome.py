"""How the script ends, and why: what is noted while it runs, and the last record of its journal.

A script that was started by hand says itself how it ended. Of a scheduled job only the exception is told; the
scheduler sees the rest. Nothing here changes how the script ends, or hides its exception.
"""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Callable

from atlas_core.ids import now
from atlas_core.records import operation_frame
from atlas_core.states import Cause, JobStatus
from foundations.exit_watch import exit_code, watch_exit
from foundations.interruption import Reminder, remind
from foundations.termination import exit_code_of

_log = logging.getLogger("foundations.run")

#: What is kept of an exception: the beginning of its message, the end of its traceback (characters).
_MESSAGE, _TRACEBACK = 10_000, 100_000
#: The exit code after Ctrl-C by convention: 128 + the number of the signal.
_INTERRUPTED = 130

_reminder: Reminder | None = None


class Outcome:
    """Watches the end of this process. `append` adds a frame to the journal."""

    def __init__(self, append: Callable[[bytes], None]) -> None:
        self._append = append
        self._owner = os.getpid()
        self._failure: BaseException | None = None
        self._is_interrupted = False
        self._watch = watch_exit()
        self._previous_hook = sys.excepthook
        sys.excepthook = self._excepthook

    def end_frame(self) -> bytes:
        """Return the `end` record: an exception was told before, or is told now if its hook was replaced."""
        failure = self._failure or self._watch.escaped()
        if failure is not None and failure is not self._failure:
            self._tell(failure)
        self._is_interrupted = isinstance(failure, KeyboardInterrupt)
        return end_frame(**_ending(failure))

    def end_as_before(self) -> None:
        """Have the process end as it would without us. Called last of all."""
        global _reminder
        if self._is_interrupted:
            remind()
            _reminder = Reminder()

    def _excepthook(self, kind: type[BaseException], value: BaseException, trace: TracebackType | None) -> None:
        if os.getpid() == self._owner and not hasattr(sys, "ps1"):  # at a prompt an exception ends nothing
            self._failure = value
            self._tell(value)
        self._previous_hook(kind, value, trace)

    def _tell(self, failure: BaseException) -> None:
        if isinstance(failure, (SystemExit, KeyboardInterrupt)):
            return
        try:
            self._append(operation_frame("error", **describe(failure)))
        except Exception:  # whatever the user's exception does when it is printed, the user must see it
            _log.debug("The exception that ended the script could not be recorded.", exc_info=True)


def terminated_frame(number: int) -> bytes:
    """Return the `end` record of a run that is ended by the signal of this number."""
    return end_frame(status=JobStatus.FAILED, exit_code=exit_code_of(number), cause=Cause.STOPPED_BY_USER)


def end_frame(status: JobStatus, exit_code: int, cause: Cause | None = None) -> bytes:
    """Return an `end` record."""
    facts: dict[str, Any] = {"status": status.value, "exit_code": exit_code, "time": now()}
    return operation_frame("end", **facts, **({} if cause is None else {"cause": cause.value}))


def describe(failure: BaseException) -> dict[str, Any]:
    """Return what is recorded of an exception: type, message, traceback and the last frame."""
    kind = type(failure)
    module = "" if kind.__module__ in {"builtins", "__main__"} else f"{kind.__module__}."
    frames = traceback.extract_tb(failure.__traceback__)
    last = f"{frames[-1].filename}, line {frames[-1].lineno}, in {frames[-1].name}" if frames else None
    text = "".join(traceback.format_exception(kind, failure, failure.__traceback__))
    return {
        "type": module + kind.__qualname__,
        "message": _message(failure)[:_MESSAGE],
        "traceback": text[-_TRACEBACK:],
        "frame": last,
    }


def _message(failure: BaseException) -> str:
    try:
        return str(failure)
    except Exception as error:  # of the user's exception, when it is printed: type and traceback tell enough
        return f"<its message cannot be shown: {type(error).__name__}>"


def _ending(failure: BaseException | None) -> Mapping[str, Any]:
    if isinstance(failure, KeyboardInterrupt):
        return {"status": JobStatus.FAILED, "exit_code": _INTERRUPTED, "cause": Cause.STOPPED_BY_USER}
    if isinstance(failure, SystemExit):
        code = exit_code(failure)
        if code:
            return {"status": JobStatus.FAILED, "exit_code": code, "cause": Cause.EXIT_CODE}
    elif failure is not None:
        return {"status": JobStatus.FAILED, "exit_code": 1, "cause": Cause.USER_CODE}
    return {"status": JobStatus.COMPLETED, "exit_code": 0}
