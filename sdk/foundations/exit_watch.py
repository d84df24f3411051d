"""Finding out with which exception the main module ended, `SystemExit` included, which no excepthook ever sees.

From Python 3.12 on, the interpreter reports each exception that leaves a frame, so the answer is exact. Before, it
still reads the `code` of the `SystemExit` that ends it, and that reading is noted: it is the last one there is. Only of
`sys.exit` it makes no object to be read; so what that is called with is noted, too. Where nobody can be told of either,
an exit counts that is written out at the line at which the main module ended.
"""

from __future__ import annotations

import contextlib
import dis
import gc
import linecache
import sys
import threading
from importlib import import_module
from types import CodeType, FrameType
from typing import Any, NoReturn, Protocol


class ExitWatch(Protocol):
    """Answers, at exit, what ended the main module."""

    def escaped(self) -> BaseException | None:
        """Return the exception that left the main module, or None after a normal end."""


def watch_exit() -> ExitWatch:
    """Begin to watch, by the best means that this interpreter has."""
    main = _main_frame()
    if sys.version_info >= (3, 12) and main is not None:
        for tool in (4, 3):  # numbers that no debugger, profiler or coverage tool claims
            if sys.monitoring.get_tool(tool) is None:
                return _MonitoredExit(main.f_code, tool)
    return _NotedExit(main)


def exit_code(value: SystemExit) -> int:
    """Return the exit code of the process that this exception ends."""
    code = value.code
    if code is None:
        return 0
    return int(code) & 0xFF if isinstance(code, int) else 1  # the system keeps eight bits


def _main_frame() -> FrameType | None:
    """Return the frame in which the main module runs, if it is on this thread's stack."""
    main = vars(sys.modules["__main__"]) if "__main__" in sys.modules else None
    frame: FrameType | None = sys._getframe()
    found = None
    while frame is not None:
        if frame.f_code.co_name == "<module>" and frame.f_globals is main:
            found = frame
        frame = frame.f_back
    return found


if sys.version_info >= (3, 12):

    class _MonitoredExit:
        def __init__(self, main: CodeType, tool: int) -> None:
            self._main = (main.co_name, main.co_filename)  # at a prompt each statement is a main module of its own
            self._escaped: BaseException | None = None
            events = sys.monitoring.events
            sys.monitoring.use_tool_id(tool, "foundations")
            sys.monitoring.register_callback(tool, events.PY_UNWIND, self._unwound)
            sys.monitoring.set_events(tool, events.PY_UNWIND)

        def escaped(self) -> BaseException | None:
            return self._escaped

        def _unwound(self, code: CodeType, _offset: int, exception: BaseException) -> None:
            if (code.co_name, code.co_filename) == self._main:
                self._escaped = exception


class _NotedExit:
    def __init__(self, main: FrameType | None) -> None:
        self._main = main
        self._main_thread = threading.main_thread().ident
        self._noted: SystemExit | None = None
        self._sys_exit = sys.exit
        sys.exit = self._exit
        with contextlib.suppress(Exception):  # an interpreter that is built otherwise; then what is written out counts
            self._watch_code()

    def escaped(self) -> BaseException | None:
        if self._main is not None and _returned(self._main):
            return None
        if self._main is None:
            return self._noted
        return getattr(sys, "last_value", None) or self._noted or _written_exit(self._main)

    def _exit(self, status: Any = None, /) -> NoReturn:
        if threading.get_ident() == self._main_thread:
            self._noted = SystemExit(status)
        self._sys_exit(status)

    def _watch_code(self) -> None:
        """Be told whenever somebody reads the `code` of a `SystemExit`; it stays what it is."""
        (attributes,) = gc.get_referents(SystemExit.__dict__)
        real = attributes["code"]

        def read(instance: SystemExit) -> Any:
            if threading.get_ident() == self._main_thread:
                self._noted = instance
            return real.__get__(instance)

        attributes["code"] = property(read, real.__set__, real.__delete__, real.__doc__)
        probe = SystemExit()
        if probe.code is None and self._noted is not probe:  # somebody has read one before, which is remembered
            ctypes = import_module("ctypes")
            ctypes.pythonapi.PyType_Modified(ctypes.py_object(SystemExit))
        self._noted = None


def _written_exit(frame: FrameType) -> SystemExit | None:
    """Return the exit that is written out where this frame ended, if its code is."""
    ast = import_module("ast")  # of use to hardly any script
    try:
        tree = ast.parse("".join(linecache.getlines(frame.f_code.co_filename)))
    except (SyntaxError, ValueError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and node.lineno <= frame.f_lineno <= (node.end_lineno or node.lineno):
            raised = node.exc
            if isinstance(raised, ast.Call) and isinstance(raised.func, ast.Name) and raised.func.id == "SystemExit":
                with contextlib.suppress(ValueError):
                    return SystemExit(*map(ast.literal_eval, raised.args))
    return None


def _returned(frame: FrameType) -> bool:
    instruction = frame.f_code.co_code[frame.f_lasti]
    return dis.opname[instruction] == "RETURN_VALUE"
