"""The points of a metric as lines of JSON, written as they are sent: a long series is never held as text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import orjson

from atlas_core.values import to_public
from atlas_services.tracker import SeriesRow

LINES_TYPE = "application/x-ndjson"
#: Points that are sent together.
_TOGETHER = 2000


def series_lines(rows: Iterable[SeriesRow]) -> Iterator[bytes]:
    """Yield an object with `step`, `time` and `value` for each point, many lines at a time."""
    lines = map(_line, rows)
    while chunk := b"".join(islice(lines, _TOGETHER)):
        yield chunk


def json_line(value: Any) -> bytes:
    """Return a public value as a line of JSON."""
    try:
        return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # an integer of more than 64 bits, or a text that is not Unicode
        return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def _line(row: SeriesRow) -> bytes:
    return json_line({"step": row.step, "time": row.time, "value": to_public(row.value)})
