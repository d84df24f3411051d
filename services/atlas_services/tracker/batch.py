"""What a batch of a journal says: its records, grouped by what they change."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from atlas_core.errors import InvalidInput
from atlas_core.ids import check_project_name
from atlas_core.records import NO_STEP, OTHER, POINT, Operation, Point, read_frames

#: What is kept of an artifact record.
_ARTIFACT_FIELDS = ("filename", "path", "size", "sha256")
#: What is known of an artifact that is no mere file: what it shows, and which of a series it is.
_ARTIFACT_FACTS: dict[str, type] = {"kind": str, "name": str, "step": int}
#: The end of the year 9999: the last second that a date can show.
_LATEST = 253402300799.0


@dataclass
class Batch:
    """The new records of a batch, grouped by what they change."""

    points: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    others: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    params: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, Any] = field(default_factory=dict)
    artifacts: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    start: dict[str, Any] | None = None
    project: str | None = None
    error: dict[str, Any] | None = None
    end: dict[str, Any] | None = None


def read_batch(data: bytes, start: int) -> Batch:
    """Return the records of a batch from byte `start` on. `InvalidInput` if that is not where a frame begins."""
    batch = Batch()
    points = batch.points
    for _, record in read_frames(data, start):
        if isinstance(record, Point):
            points[record.name].append(record.packed)
        else:
            _take(batch, record)
    return batch


def _take(batch: Batch, operation: Operation) -> None:
    op, body = operation
    try:
        if op == "param":
            batch.params[str(body["name"])] = body["value"]
        elif op == "metric":
            _take_metric(batch, body)
        elif op == "tag":
            batch.tags[str(body["key"])] = body["value"]
        elif op == "artifact":
            batch.artifacts[str(body["key"])] = _artifact(body)
        elif op == "facts":
            batch.facts.update(body)
        elif op == "project":
            batch.project = check_project_name(body["name"])
        elif op in {"start", "error", "end"}:
            setattr(batch, op, body)
    except KeyError as error:
        raise InvalidInput(f"A `{op}` record of the journal lacks {error}.") from error


def _take_metric(batch: Batch, body: dict[str, Any]) -> None:
    """Pack a value that no double holds as a reference to its place among those of this batch."""
    name, step, value = str(body["name"]), body.get("step"), body["value"]
    if step is not None and (isinstance(step, bool) or not isinstance(step, int) or not -(2**63) < step < 2**63):
        raise InvalidInput(f"step: {step!r} is no step of the metric `{name}`; give a whole number.", field="step")
    place = len(batch.others[name])
    batch.others[name].append(value)
    batch.points[name].append(POINT.pack(NO_STEP if step is None else step, number_of(body, "time", 0.0), OTHER, place))


def _artifact(body: dict[str, Any]) -> dict[str, Any]:
    for name in ("filename", "path"):
        if not isinstance(body[name], str) or not body[name]:
            raise InvalidInput(f"{name}: {body[name]!r} does not name the file of an artifact.", field=name)
    if any(part in {"", ".", ".."} for part in body["path"].split("/")):
        raise InvalidInput(f"path: {body['path']!r} is no path below a job's directory.", field="path")
    facts = {name: body[name] for name, kind in _ARTIFACT_FACTS.items() if isinstance(body.get(name), kind)}
    return {**{name: body.get(name) for name in _ARTIFACT_FIELDS}, **facts}


def number_of(body: dict[str, Any], name: str, default: float) -> float:
    """Return a time that a record tells. Raises `InvalidInput` for what is none."""
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= _LATEST:
        raise InvalidInput(f"{name}: {value!r} is no time in seconds since the epoch.", field=name)
    return float(value)
