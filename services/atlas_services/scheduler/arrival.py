"""A file that comes over the network: written beside while somebody reads along, on the disk once all is there."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import IO

from atlas_core.errors import BundleTooLarge

#: So many pieces may wait for the disk; beyond that, so does the network.
_WAITING = 16
#: So many bytes are written before the disk is told to take them, so that there is little left to wait for at the end.
_STRIDE = 32 * 1024 * 1024


class Arrival:
    """What `stream` holds, at most `max_bytes` of it, as a new file."""

    def __init__(self, stream: IO[bytes], target: Path, max_bytes: int) -> None:
        self._stream = stream
        self._max_bytes = self._left = max_bytes
        self._file = target.open("wb", buffering=0)
        self._unsynced = 0
        self._writer = ThreadPoolExecutor(1, "bundle-write")
        self._syncer = ThreadPoolExecutor(1, "bundle-sync")
        self._writes: deque[Future[None]] = deque()
        self._sync: Future[None] | None = None

    def __enter__(self) -> Arrival:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Have the content on the disk, before it gets its name: it must not lack in a power cut. Raises `OSError`."""
        self._writer.shutdown(cancel_futures=kind is not None)
        self._syncer.shutdown()
        with self._file:
            if kind is None:
                for done in (*self._writes, *([self._sync] if self._sync else [])):
                    done.result()
                os.fsync(self._file.fileno())

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most `size`, which will be written. Raises `BundleTooLarge`.

        Raises `OSError` when bytes before these could not be written.
        """
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise BundleTooLarge(f"The bundle is larger than {self._max_bytes} bytes.", limit=self._max_bytes)
        self._writes.append(self._writer.submit(self._write, data))
        if len(self._writes) > _WAITING:
            self._writes.popleft().result()
        return data

    def _write(self, data: bytes) -> None:
        _write_all(self._file.write, data)
        self._unsynced += len(data)
        if self._unsynced >= _STRIDE and (self._sync is None or self._sync.done()):
            self._sync = self._syncer.submit(os.fdatasync, self._file.fileno())
            self._unsynced = 0


def _write_all(write: Callable[[memoryview], int | None], data: bytes) -> None:
    """Write all of it: a disk that fills up takes a part first, and says so at the next."""
    view = memoryview(data)
    while view:
        view = view[write(view) or 0 :]
