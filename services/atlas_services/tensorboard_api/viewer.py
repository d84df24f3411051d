"""One TensorBoard: a process that shows one selection on a port of the loopback interface."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from importlib import util
from pathlib import Path

from atlas_core.errors import Conflict, ServerUnreachable
from atlas_services.upstream import Upstream
from atlas_services.web import THREADS

#: Seconds for TensorBoard to say where it listens: it takes three, and more on a busy machine.
_START_PATIENCE = 60.0
#: Seconds to end by itself before it is killed.
_STOP_PATIENCE = 3.0
_LOOK = 0.05
#: Seconds between two looks of TensorBoard for what running jobs added.
_RELOAD = 5
_ADDRESS = re.compile(rb"http://127\.0\.0\.1:(\d+)/")


def check_installed() -> None:
    """Raise `Conflict`, saying how to install it, unless there is a TensorBoard to run."""
    if util.find_spec("tensorboard") is None:
        raise Conflict(
            f"TensorBoard is not installed beside the server; install it there with "
            f"`{sys.executable} -m pip install tensorboard`."
        )


class Viewer:
    """A TensorBoard of the log directory `logs`, whose pages lie below `prefix`."""

    def __init__(self, logs: Path, prefix: str) -> None:
        check_installed()
        #: When somebody last asked for it, by the clock of who looks; and how many wait until it answers.
        self.used = time.monotonic()
        self.awaited = 0
        self._log = logs.parent / "tensorboard.log"
        self._upstream: Upstream | None = None
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                _command(logs, prefix), stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )

    @property
    def lives(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    def upstream(self) -> Upstream:
        """Return the way to it, as soon as it answers. Raises `ServerUnreachable` if it ends instead."""
        deadline = time.monotonic() + _START_PATIENCE
        while self._upstream is None:
            listening = _ADDRESS.search(self._log.read_bytes())
            if listening:
                self._upstream = Upstream("TensorBoard", f"http://127.0.0.1:{int(listening[1])}", THREADS)
            elif not self.lives or time.monotonic() > deadline:
                raise ServerUnreachable(f"TensorBoard does not start: {self._last_words()}")
            else:
                time.sleep(_LOOK)
        return self._upstream

    def stop(self) -> None:
        """End the process."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing."


def _command(logs: Path, prefix: str) -> list[str]:
    options = {
        "logdir": logs,
        "path_prefix": prefix,
        "host": "127.0.0.1",
        "port": 0,  # any that is free
        "reload_interval": _RELOAD,
        "reload_multifile": "true",
        # The fast loader keeps files open, and would read on in what the archive has replaced by a longer one.
        "load_fast": "false",
    }
    words = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "atlas_services.tensorboard_api.program", str(os.getpid()), *words]
