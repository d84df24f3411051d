"""Starting a process that is no child of ours: a script may wait for all of its children."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence

_SHELL = "/bin/sh"


def start_detached(words: Sequence[str], environment: Mapping[str, str], descriptors: Sequence[int] = ()) -> None:
    """Run `words` in a process of its own whose parent has ended. Raises `OSError` when it cannot be started.

    `descriptors` become its descriptors from 1 on; without them it has nowhere to print to. The shell between is gone
    when this returns, so a script's thread that waits for children at this moment is all that could see it.
    """
    actions: list[tuple[object, ...]] = [
        (os.POSIX_SPAWN_DUP2, descriptor, place) for place, descriptor in enumerate(descriptors, start=1)
    ]
    if not descriptors:
        actions = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]
    command = [_SHELL, "-c", '"$@" </dev/null &', _SHELL, *words]
    process = os.posix_spawn(_SHELL, command, environment, file_actions=actions, setsigmask=[])
    with contextlib.suppress(ChildProcessError):  # such a thread has seen it
        os.waitpid(process, 0)
