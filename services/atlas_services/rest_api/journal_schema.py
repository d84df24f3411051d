"""The schemas of what a journal can say besides points: the JSON of its operations, for who writes a client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from atlas_core.names import LONGEST_NAME
from atlas_core.records import MAX_PAYLOAD
from atlas_services.openapi.job_words import CAUSE
from atlas_services.openapi.schema import (
    COUNT,
    INTEGER,
    TEXT,
    TIME,
    Named,
    Schema,
    either,
    list_of,
    members,
    nullable,
    one_of,
    open_members,
    text,
)

_LOGGED: Schema = Named(
    "LoggedValue",
    {
        "type": ["string", "number", "boolean", "null", "array", "object"],
        "description": 'Any JSON; NaN and infinity are {"$float": "nan"}, {"$float": "inf"} and {"$float": "-inf"}.',
    },
)
_NAME = text(maxLength=LONGEST_NAME)


def _operation(op: str, required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    return members({"op": one_of((op,)), **required}, optional)


#: Each operation by its word.
OPERATIONS: Mapping[str, Schema] = {
    "start": open_members(
        {"op": one_of(("start",)), "project": TEXT},
        {"user": TEXT, "time": TIME, "host": TEXT, "pid": INTEGER, "argv": list_of(TEXT)},
    ),
    "param": _operation("param", {"name": _NAME, "value": _LOGGED}),
    "metric": _operation("metric", {"name": _NAME, "value": _LOGGED}, {"time": TIME, "step": nullable(INTEGER)}),
    "tag": _operation("tag", {"key": _NAME, "value": _LOGGED}),
    "project": _operation("project", {"name": TEXT}),
    "artifact": _operation(
        "artifact",
        {"key": TEXT, "filename": TEXT, "path": TEXT},
        {"size": COUNT, "sha256": text("^[0-9a-f]{64}$"), "kind": TEXT, "name": TEXT, "step": INTEGER},
    ),
    "facts": open_members({"op": one_of(("facts",))}),
    "error": _operation("error", {}, {"type": TEXT, "message": TEXT, "traceback": TEXT, "frame": nullable(TEXT)}),
    "end": _operation(
        "end", {}, {"status": one_of(("completed", "failed")), "exit_code": INTEGER, "cause": CAUSE, "time": TIME}
    ),
}

_OPERATION = Named(
    "JournalOperation",
    {**either(*OPERATIONS.values()), "description": "What follows the `J` of a frame, encoded as UTF-8."},
)
#: The body of a batch: bytes, of which JSON Schema cannot say more than what the parts are.
FRAMES: Mapping[str, Any] = {
    "type": "string",
    "format": "binary",
    "description": (
        "Frames, one behind the other; all numbers little-endian. A frame is the length of its payload (u32), the "
        f"CRC-32 of that (u32), and the payload, 1 to {MAX_PAYLOAD} bytes. A payload is one of: `J` and a "
        "JournalOperation; `P`, step (i64; the lowest number for none), time (f64, seconds since 1970), kind (u8: 0 "
        "float, 1 integer, 2 bool), value (f64) and the name of the metric; `P`, step, time, 255, the number of values "
        "(u16), each (f64), and of each the length of its name (u16) and the name."
    ),
    "x-operation": _OPERATION,
}
