"""The journal's records: what a job logs, framed so that a torn tail is seen and a batch is sent as it lies on disk.

A frame is ``length (u32) | crc32 (u32) | payload``, little-endian; both numbers speak of the payload alone. A payload
begins with one byte for its kind:

    P   a numeric metric point:  step i64 | time f64 | kind u8 | value f64 | name in UTF-8
    P   several points of one moment, where the kind is `SEVERAL`; see `atlas_core.point_group`
    J   any other operation:     a JSON object with an "op" (see `atlas_core.records.Operation`)

The position of a frame in its journal is its sequence number: the server remembers how far it has applied each
journal, so a batch that arrives twice is applied once. The 25 bytes after the kind of a point are also how the tracker
stores it.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Union

from atlas_core.errors import InvalidInput
from atlas_core.names import LONGEST_NAME, shortened, too_long
from atlas_core.point_group import SEVERAL, grouped, ungrouped
from atlas_core.values import Value, dumps, from_wire

#: length and crc32 of the payload that follows.
FRAME = struct.Struct("<II")
#: step, time (seconds since the epoch), kind of value, value.
POINT = struct.Struct("<qdBd")
#: Payload longer than this is damage, not data.
MAX_PAYLOAD = 16 * 1024 * 1024
#: The step of a point that has none.
NO_STEP = -(2**63)

#: Metrics whose names begin so tell of the machine; they are kept apart from those that people log.
SYSTEM_PREFIX = "system."

FLOAT, INTEGER, BOOLEAN = 0, 1, 2
#: The value is the index of a JSON value kept beside the points: a string, or an integer that no double holds.
OTHER = 3

_POINT_KIND = ord("P")
#: A point's payload up to its name.
_POINT_PAYLOAD = struct.Struct("<cqdBd")
#: The longest payload of a point: where its name is as long as it may be.
_LONGEST_POINT = _POINT_PAYLOAD.size + LONGEST_NAME
_OPERATION_KIND = ord("J")
#: Operations that log something under a name, and where that stands.
_NAMED = {"param": "name", "metric": "name", "tag": "key"}
_EXACT = 2**53
#: Where in a point's payload its kind stands: behind the kind of record, step and time.
_KIND_OFFSET = 1 + 8 + 8


class Point(NamedTuple):
    """A point of a metric series as it lies in a journal: `packed` is in the form of `POINT`."""

    name: str
    packed: bytes


class Operation(NamedTuple):
    """Anything else that a job says. `op` is one of

    start     project, user, time, host?, pid?, argv?          a job of execution mode begins
    param     name, value
    metric    name, value, time, step?                         a value that is no double: text, a huge integer
    tag       key, value
    project   name                                             the job moves to another project
    artifact  key, filename, path, size, sha256, kind?, name?, step?   the file lies in the archive already
    error     type, message, traceback, frame                  the exception that ended the user's code
    end       status, exit_code, cause?, time                  a job of execution mode ends
    """

    op: str
    body: dict[str, Any]


Record = Union[Point, Operation]


def frame(payload: bytes) -> bytes:
    """Return `payload` with its header."""
    return FRAME.pack(len(payload), zlib.crc32(payload)) + payload


def point_frame(name: str, value: float, time: float, step: int | None = None) -> bytes | None:
    """Return the frame of a numeric point, or None when no double holds `value`: log it as an operation then.

    Raises `InvalidInput` for a name that is too long.
    """
    if isinstance(value, bool):
        kind = BOOLEAN
    elif isinstance(value, int):
        if not -_EXACT <= value <= _EXACT:
            return None
        kind = INTEGER
    else:
        kind = FLOAT
    payload = _POINT_PAYLOAD.pack(b"P", NO_STEP if step is None else step, time, kind, value) + name.encode()
    if len(payload) > _LONGEST_POINT:
        raise too_long("metric", name)
    return FRAME.pack(len(payload), zlib.crc32(payload)) + payload


def point_frames(values: Mapping[str, Any], time: float, step: int | None = None) -> bytes | None:
    """Return the frames of several points, or one of them all; None unless names and values are all plain.

    Raises `InvalidInput` for a name that is too long.
    """
    number = NO_STEP if step is None else step
    together = grouped(values, number, time)
    if together is not None:
        return FRAME.pack(len(together), zlib.crc32(together)) + together
    pack, header, checksum = _POINT_PAYLOAD.pack, FRAME.pack, zlib.crc32
    frames = []
    for name, value in values.items():
        kind = type(value)
        is_plain = kind is float or (kind is int and -_EXACT <= value <= _EXACT)
        if not is_plain or type(name) is not str or not name:
            return None
        payload = pack(b"P", number, time, FLOAT if kind is float else INTEGER, value) + name.encode()
        if len(payload) > _LONGEST_POINT:
            raise too_long("metric", name)
        frames.append(header(len(payload), checksum(payload)))
        frames.append(payload)
    return b"".join(frames)


def operation_frame(op: str, **body: Value) -> bytes:
    """Return the frame of an operation. Half surrogate pairs, which no UTF-8 holds, become question marks.

    Raises `InvalidInput` when it is longer than a frame can be.
    """
    text = dumps({"op": op, **body})
    if "\\ud" in text:
        whole = json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
        text = whole.encode("utf-8", "replace").decode()
    payload = b"J" + text.encode()
    if len(payload) > MAX_PAYLOAD:
        raise _too_long(op, len(payload))
    return frame(payload)


def intact_length(data: bytes | memoryview) -> int:
    """Return how many bytes at the beginning of `data` are whole, undamaged frames."""
    position = 0
    while position + FRAME.size <= len(data):
        length, checksum = FRAME.unpack_from(data, position)
        end = position + FRAME.size + length
        if not 0 < length <= MAX_PAYLOAD or end > len(data):
            break
        if zlib.crc32(data[position + FRAME.size : end]) != checksum:
            break
        position = end
    return position


def read_frames(data: bytes, start: int = 0) -> Iterator[tuple[int, Record]]:
    """Yield the position after each frame, with its record. Raises `InvalidInput` at damage.

    Names that are too long, which older versions wrote, are shortened.
    """
    position, size = start, len(data)
    header, unpack, crc32 = FRAME.size, FRAME.unpack_from, zlib.crc32
    point_end = 1 + POINT.size
    while position < size:
        if position + header > size:
            raise InvalidInput(f"The journal ends inside a frame's header, at byte {position} of {size}.")
        length, checksum = unpack(data, position)
        end = position + header + length
        payload = data[position + header : end]
        if end > size or not length or crc32(payload) != checksum:
            raise InvalidInput(f"The journal is damaged or cut at byte {position} of {size}.")
        if payload[0] == _POINT_KIND:
            if length <= point_end:
                raise InvalidInput(f"The point at byte {position} of the journal has no name.")
            if payload[_KIND_OFFSET] == SEVERAL:
                for name, packed in _group(payload, position):
                    yield end, Point(name, packed)
                position = end
                continue
            if payload[_KIND_OFFSET] > BOOLEAN:
                raise InvalidInput(f"The point at byte {position} of the journal is of unknown kind.")
            name = _text(payload[point_end:], position)
            yield end, Point(name if length <= _LONGEST_POINT else shortened(name), payload[1:point_end])
        elif payload[0] == _OPERATION_KIND:
            yield end, _operation(payload[1:], position)
        else:
            raise InvalidInput(f"The journal holds a record of unknown kind {payload[:1]!r} at byte {position}.")
        position = end


def unpack_value(kind: int, value: float) -> float | int | bool:
    """Return a point's value in the type in which it was logged. Not for kind `OTHER`."""
    if kind == INTEGER:
        return int(value)
    return bool(value) if kind == BOOLEAN else value


def _too_long(op: str, size: int) -> InvalidInput:
    limit = MAX_PAYLOAD // 1024**2
    return InvalidInput(f"A `{op}` of {size} bytes cannot be logged; the limit is {limit} MB.", field=op)


def _group(payload: bytes, position: int) -> list[tuple[str, bytes]]:
    points = ungrouped(payload)
    if points is None:
        raise InvalidInput(f"The points at byte {position} of the journal are no group of points.")
    return points


def _text(data: bytes, position: int) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise InvalidInput(f"The name in the record at byte {position} of the journal is not UTF-8.") from error


def _operation(data: bytes, position: int) -> Operation:
    try:
        body = from_wire(json.loads(data))
        if rb"\ud" in data.lower():
            json.dumps(body, ensure_ascii=False).encode()  # half a surrogate pair could not be stored
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"The record at byte {position} of the journal is no JSON.") from error
    if not isinstance(body, dict) or not isinstance(body.get("op"), str):
        raise InvalidInput(f"The record at byte {position} of the journal names no operation.")
    op = body.pop("op")
    member = _NAMED.get(op)
    if member is not None and isinstance(body.get(member), str):
        body[member] = shortened(body[member])
    return Operation(op, body)
