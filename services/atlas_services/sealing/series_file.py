"""The file of a sealed job's series, in the form in which Redis had them, so that a chart reads what it shows alone.

    8 bytes    MAGIC
    4 bytes    length of the header, little-endian
    header     JSON: {"series": {name: {"count", "points", "blocks": {level: place}, "others": [place, length]}}}
    data       points, blocks and values; places are counted from here

A file is never changed: a job that is sealed again gets another one.
"""

from __future__ import annotations

import json
import struct
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any

from atlas_core.errors import NotFound
from atlas_core.records import POINT
from atlas_services.storage import Storage
from atlas_services.tracker import StoredJob
from atlas_services.tracker.envelopes import ENTRY, LEVELS, size_of

MAGIC = b"ATLASMS1"
_LENGTH = struct.Struct("<I")
#: What is read of a file at first: nearly every header fits.
_HEAD = 64 * 1024
#: Headers that are kept.
_KEPT = 512
_COPY = 1024 * 1024

_Header = tuple[int, Mapping[str, Any]]


def write_series(job: StoredJob, file: IO[bytes]) -> None:
    """Write all series of a job."""
    with tempfile.TemporaryFile(dir=Path(file.name).parent) as data:
        series = {name: _write_one(job, name, data) for name in job.counts}
        header = json.dumps({"series": series}, separators=(",", ":")).encode()
        file.write(MAGIC + _LENGTH.pack(len(header)) + header)
        data.seek(0)
        while chunk := data.read(_COPY):
            file.write(chunk)


class SeriesFiles:
    """The files of all sealed jobs in a storage; `tracker.SealedFiles` says what each method promises."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._headers: OrderedDict[str, _Header] = OrderedDict()
        self._lock = threading.Lock()

    def points(self, job_id: str, file: str, name: str, start: int, stop: int) -> bytes:
        """Return packed points of a series."""
        path = f"{job_id}/{file}"
        data, facts = self._series(path, name)
        if facts is None:
            return b""
        begin = data + int(facts["points"])
        return self._whole(path, begin + start * POINT.size, begin + min(stop, facts["count"]) * POINT.size)

    def blocks(self, job_id: str, file: str, name: str, level: int, start: int, stop: int) -> bytes:
        """Return packed blocks of a level of its envelope; none where the job had none."""
        path = f"{job_id}/{file}"
        data, facts = self._series(path, name)
        place = None if facts is None else facts["blocks"].get(str(level))
        if facts is None or place is None:
            return b""
        stop = min(stop, int(facts["count"]) // size_of(level))
        return self._whole(path, data + place + start * ENTRY, data + place + stop * ENTRY)

    def others(self, job_id: str, file: str, name: str) -> list[bytes]:
        """Return the JSON values that no double holds."""
        path = f"{job_id}/{file}"
        data, facts = self._series(path, name)
        place, length = (0, 0) if facts is None else facts["others"]
        return self._whole(path, data + place, data + place + length).split(b"\n")[:-1] if length else []

    def _series(self, path: str, name: str) -> tuple[int, dict[str, Any] | None]:
        """Return where the data of a file begins, and what its header says of a series."""
        data, header = self._header(path)
        return data, header["series"].get(name)

    def _header(self, path: str) -> _Header:
        with self._lock:
            found = self._headers.get(path)
            if found is not None:
                self._headers.move_to_end(path)
                return found
        found = self._read_header(path)
        with self._lock:
            self._headers[path] = found
            while len(self._headers) > _KEPT:
                self._headers.popitem(last=False)
        return found

    def _read_header(self, path: str) -> _Header:
        head = self._read(path, 0, _HEAD)
        begin = len(MAGIC) + _LENGTH.size
        if len(head) < begin or not head.startswith(MAGIC):
            raise _lost(path, "is damaged")
        length = _LENGTH.unpack_from(head, len(MAGIC))[0]
        if begin + length > len(head):
            head += self._read(path, len(head), begin + length)
        try:
            return begin + length, json.loads(head[begin : begin + length])
        except ValueError:
            raise _lost(path, "is damaged") from None

    def _whole(self, path: str, start: int, stop: int) -> bytes:
        """Read all of a part. Raises `NotFound` where the file ends before it."""
        data = self._read(path, start, stop)
        if len(data) < stop - start:
            raise _lost(path, "is damaged")
        return data

    def _read(self, path: str, start: int, stop: int) -> bytes:
        try:
            return self._storage.read(path, start, stop) if start < stop else b""
        except FileNotFoundError:
            raise _lost(path, "is not in the archive") from None


def _write_one(job: StoredJob, name: str, data: IO[bytes]) -> dict[str, Any]:
    """Write a series and return what the header says of it."""
    points, _ = _write_all(data, job.points(name))
    blocks = {}
    for level in LEVELS:
        place, length = _write_all(data, [job.blocks(name, level)])
        if length:
            blocks[level] = place
    others = _write_all(data, [value + b"\n" for value in job.others(name)])  # JSON has no line breaks
    return {"count": job.counts[name], "points": points, "blocks": blocks, "others": others}


def _write_all(data: IO[bytes], pieces: Iterable[bytes]) -> tuple[int, int]:
    """Write the pieces; returns where they begin, and their length."""
    begin = data.tell()
    for piece in pieces:
        data.write(piece)
    return begin, data.tell() - begin


def _lost(path: str, what: str) -> NotFound:
    return NotFound(f"The file `{path}` with the job's metrics {what}.", path=path)
