"""A file that comes over the network: received, looked at and written side by side, and on the disk once all is there.

Each is done by a thread of its own. A few rooms of memory go round between them: new memory would cost as much as the
work itself.
"""

from __future__ import annotations

import io
import mmap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar, cast

from atlas_core.errors import BundleTooLarge
from atlas_services.scheduler.direct_file import DirectFile

#: So many rooms, of so many bytes each; when all are taken, the network waits. Disks are fast with large pieces only.
_ROOMS, _ROOM = 6, 4 * 1024 * 1024

T = TypeVar("T")
#: Returns what comes next, at most as many bytes as asked for; they are gone at the next call. Nothing at the end.
Read = Callable[[int], memoryview]
Source = io.RawIOBase | io.BufferedIOBase


def receive(stream: Source, target: Path, max_bytes: int, look: Callable[[Read], T]) -> T:
    """Write all of `stream` to the new file `target`; return what `look` makes of it, which reads along.

    The content is on the disk then, before it gets its name: it must not lack in a power cut. Raises `BundleTooLarge`
    beyond `max_bytes`, what `look` and the stream raise, and `OSError` when it cannot be written.
    """
    way = _Way()
    with DirectFile(target) as file:
        with ThreadPoolExecutor(2, "bundle") as threads:  # which end in any case, once nothing comes any more
            writing = threads.submit(way.write, file)
            looking = threads.submit(way.look, look)
            way.receive(stream, max_bytes)
        writing.result()  # without it, nobody saw all
        found = looking.result()
        file.sync()
    return found


class _Cut(Exception):
    """The rest does not come."""


class _Way:
    """From the network past who looks to the disk. None stands for: there is no more, or nobody takes more."""

    def __init__(self) -> None:
        self._free: SimpleQueue[mmap.mmap | None] = SimpleQueue()
        self._received: SimpleQueue[memoryview | None] = SimpleQueue()
        self._seen: SimpleQueue[memoryview | None] = SimpleQueue()
        self._is_whole = False
        for _ in range(_ROOMS):
            self._free.put(mmap.mmap(-1, _ROOM))  # begins at a page; takes memory once it is used

    def receive(self, stream: Source, max_bytes: int) -> None:
        """Take in the stream, unless one of the others fails."""
        left = max_bytes
        try:
            while (room := self._free.get()) is not None:
                data = _filled(stream, memoryview(room))
                left -= len(data)
                if left < 0:
                    raise BundleTooLarge(f"The bundle is larger than {max_bytes} bytes.", limit=max_bytes)
                self._received.put(data)
                if len(data) < _ROOM:
                    self._is_whole = True
                    return
        finally:
            self._received.put(None)

    def look(self, look: Callable[[Read], T]) -> T:
        """Return what `look` makes of what comes. Raises what it raises."""
        passing = _Passing(self._next, self._seen.put)
        try:
            found = look(passing.read)
            while passing.read(_ROOM):
                pass
            return found
        finally:
            self._seen.put(None)
            self._free.put(None)

    def _next(self) -> memoryview | None:
        data = self._received.get()
        if data is None and not self._is_whole:
            raise _Cut()
        return data

    def write(self, file: DirectFile) -> None:
        """Write what was looked at. Raises `OSError`."""
        try:
            while (data := self._seen.get()) is not None:
                file.write(data)
                self._free.put(cast("mmap.mmap", data.obj))
        finally:
            self._free.put(None)


class _Passing:
    """Hands on to `put` what was read, once the next is asked for."""

    def __init__(self, following: Callable[[], memoryview | None], put: Callable[[memoryview], None]) -> None:
        self._following = following
        self._put = put
        self._piece = self._rest = memoryview(b"")
        self._is_over = False

    def read(self, size: int) -> memoryview:
        if not self._rest and not self._is_over:
            if self._piece:
                self._put(self._piece)
            following = self._following()
            self._is_over = following is None
            self._piece = self._rest = following or memoryview(b"")
        data, self._rest = self._rest[:size], self._rest[size:]
        return data


def _filled(stream: Source, room: memoryview) -> memoryview:
    """Return the room, or its beginning where the stream ends."""
    size = 0
    while size < len(room) and (more := stream.readinto(room[size:])):
        size += more
    return room[:size]
