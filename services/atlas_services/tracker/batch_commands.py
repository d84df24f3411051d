"""What writes a batch of a journal: the commands of one script, in the order that `tracker.journals` promises."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, TypeAlias

from atlas_core.errors import InvalidInput
from atlas_core.ids import check_bundle_id, now
from atlas_core.records import OTHER, POINT
from atlas_core.values import dumps
from atlas_services.tracker import keys, ordered
from atlas_services.tracker.batch import Batch
from atlas_services.tracker.chunks import CHUNK, Command, StoredPoints, appended
from atlas_services.tracker.connection import Pipeline
from atlas_services.tracker.envelopes import ENTRY, new_blocks
from atlas_services.tracker.index import metric_cells, value_cells
from atlas_services.tracker.series import summarize

#: A job's project, and its row in the index of that.
Place: TypeAlias = tuple[str, "bytes | None"]
#: Words of one command: Lua passes on no more than about eight thousand.
_WORDS = 4000


def batch_commands(pipe: Pipeline, job_id: str, batch: Batch, place: Place) -> Iterator[Command]:
    """Read what the batch changes, and yield what writes the change, in the order that `tracker.journals` promises."""
    stored = pipe.hgetall(keys.metrics(job_id)) if batch.points else {}
    old = {name: ordered.decode(stored[name.encode()]) for name in batch.points if name.encode() in stored}
    series = [StoredPoints(job_id, name, old[name]["count"] if name in old else 0) for name in batch.points]
    summaries: dict[str, dict[str, Any]] = {}
    for points, (text, before) in zip(series, _last_chunks(pipe, series), strict=True):
        name = points.name
        others = batch.others.get(name, ())
        known = int(old[name]["others"]) if name in old else 0
        packed = _join(batch.points[name], known)
        summaries[name] = summarize(old.get(name), packed, others)
        yield from appended(points, text, before, packed)
        yield from _envelope(pipe, points, before, packed)
        if others:
            yield from _append(keys.values(job_id, name), known, [dumps(value) for value in others])
    hashes = {
        keys.params(job_id): batch.params,
        keys.tags(job_id): batch.tags,
        keys.artifacts(job_id): batch.artifacts,
    }
    for key, changes in hashes.items():
        if changes:
            yield from _set(key, ordered.merge(pipe.hgetall(key), changes))
    yield from _set(keys.facts(job_id), {name: dumps(value) for name, value in batch.facts.items()})
    yield from _bundle(pipe, job_id, batch)
    yield from _index(place, batch, summaries)
    yield from _set(keys.metrics(job_id), ordered.merge(stored, summaries))
    for points in series:
        if summaries[points.name]["count"] // CHUNK > points.count // CHUNK:
            yield "UNLINK", points.text


def _last_chunks(pipe: Pipeline, series: Sequence[StoredPoints]) -> Iterator[tuple[bytes | None, bytes]]:
    """Yield of each series the text of the last chunk, if there is one, and the points that the chunk has."""
    texts = pipe.mget([points.text for points in series]) if series else []
    for points, text in zip(series, texts, strict=True):
        size = points.count % CHUNK * POINT.size
        before = (text or b"")[:size]
        if len(before) < size:  # they are where an older version put them; read aside of what is watched
            before = points.read(pipe, points.count // CHUNK * CHUNK, points.count)
        yield text, before


def _bundle(pipe: Pipeline, job_id: str, batch: Batch) -> Iterator[Command]:
    """Yield what lists the job among those of its code, once it tells which that is. What is known of it stays."""
    source = batch.facts.get("source")
    with contextlib.suppress(InvalidInput):  # nobody looks for the code of a job that tells of none
        bundle_id = check_bundle_id(source.get("bundle_id") if isinstance(source, dict) else None)
        if not pipe.hexists(keys.job(job_id), "bundle_id"):
            yield "ZADD", keys.bundle_jobs(bundle_id), now(), job_id
            yield "HSET", keys.job(job_id), "bundle_id", bundle_id


def _envelope(pipe: Pipeline, stored: StoredPoints, before: bytes, packed: bytes) -> Iterator[Command]:
    """Yield what writes the blocks of the envelope that become whole. `before` are the points of the last chunk."""
    job_id, name, count = stored.job_id, stored.name, stored.count

    def points(start: int, stop: int) -> bytes:
        first = count - len(before) // POINT.size
        return before[(start - first) * POINT.size : (stop - first) * POINT.size]

    def blocks(level: int, start: int, stop: int) -> bytes:
        return bytes(pipe.getrange(keys.envelope(job_id, level, name), start * ENTRY, stop * ENTRY - 1))

    for level, place, data in new_blocks(count, packed, points, blocks):
        yield "SETRANGE", keys.envelope(job_id, level, name), place, data


def _index(place: Place, batch: Batch, summaries: Mapping[str, Mapping[str, Any]]) -> Iterator[Command]:
    project, row = place
    if row is not None:  # else the job is older than the index, which takes it in from what is stored by then
        cells = (value_cells("p", batch.params), value_cells("t", batch.tags), metric_cells(summaries))
        for cell in chain(*cells):
            yield "INDEX", project, row, *cell


def _append(key: str, known: int, values: list[str]) -> Iterator[Command]:
    """Append to a list behind the `known` values, whatever stands there."""
    yield ("LTRIM", key, 0, known - 1) if known else ("DEL", key)
    for start in range(0, len(values), _WORDS):
        yield "RPUSH", key, *values[start : start + _WORDS]


def _set(key: str, fields: Mapping[str, bytes | str]) -> Iterator[Command]:
    words = [word for field in fields.items() for word in field]
    for start in range(0, len(words), _WORDS):
        yield "HSET", key, *words[start : start + _WORDS]


def _join(chunks: list[bytes], known: int) -> bytes:
    """Return the packed points, references to other values counted from the `known` ones on."""
    packed = b"".join(chunks)
    if not known:
        return packed
    rows = (
        (step, time, kind, value + known if kind == OTHER else value)
        for step, time, kind, value in POINT.iter_unpack(packed)
    )
    return b"".join(POINT.pack(*row) for row in rows)
