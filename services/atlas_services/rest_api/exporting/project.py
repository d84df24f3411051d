"""A project as one zip: what people said of it, its jobs as lines of JSON, every point of their metrics as Parquet."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from itertools import chain
from typing import Any, BinaryIO

from atlas_core.ids import now
from atlas_core.values import to_public
from atlas_services.rest_api.description import describe
from atlas_services.rest_api.exporting.metrics import write_many
from atlas_services.tracker import JobView, Tracker

#: Jobs that are held at a time.
_BATCH = 100


def write_project(tracker: Tracker, project: str, base: str, out: BinaryIO) -> None:
    """Write the zip as it is made; `base` is the address at which clients reach the archive."""
    ids = tracker.jobs.ids_of_project(project)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("project.json", json.dumps(_facts(tracker, project), indent=2, ensure_ascii=False) + "\n")
        with archive.open("jobs.jsonl", "w", force_zip64=True) as lines:
            for views in _views(tracker, ids):
                facts = tracker.jobs.facts_of(view.record.job_id for view in views)
                lines.writelines(_line(view, told, base) for view, told in zip(views, facts, strict=True))
        packed = zipfile.ZipInfo("metrics.parquet")  # stored as it is: Parquet is compressed already
        with archive.open(packed, "w", force_zip64=True) as metrics:
            write_many(tracker, chain.from_iterable(_views(tracker, ids)), metrics)  # type: ignore[arg-type]


def _facts(tracker: Tracker, project: str) -> dict[str, Any]:
    created = next((each.creation_time for each in tracker.projects.all() if each.name == project), None)
    return {
        "name": project,
        "creation_time": created,
        "exported": now(),
        "description": tracker.projects.description(project),
        "notes": [asdict(note) for note in tracker.projects.notes(project)],
    }


def _views(tracker: Tracker, ids: list[str]) -> Iterator[list[JobView]]:
    for start in range(0, len(ids), _BATCH):
        yield tracker.jobs.views(ids[start : start + _BATCH])


def _line(view: JobView, told: dict[str, Any], base: str) -> bytes:
    facts = {**(view.record.facts or {}), **told}
    shown = {**describe(view, now(), base), "facts": to_public(facts)}
    return json.dumps(shown, ensure_ascii=False).encode() + b"\n"
