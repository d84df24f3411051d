"""`python -m atlas_services.tensorboard_api.scalars PARENT ARCHIVE JOB`: the scalars in a job's event files.

Each line is JSON, `{"file", "points": [[name, step, time, value], ...]}`, the files and their points always in the same
order; the last is `{"files"}`, their number. A file that still grows ends at its last whole event. Services never
import TensorBoard: this runs as a process of its own.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.scalar.metadata import PLUGIN_NAME
from tensorboard.util.tensor_util import make_ndarray

from atlas_services.process_life import die_with_parent
from atlas_services.tensorboard_api.event_files import event_files

#: Points of a line.
_LINE = 5000

_Point = tuple[str, int, float, float]


def main(parent: int, archive: Path, job_id: str) -> int:
    """Write the lines; returns the exit status."""
    die_with_parent(parent)
    found = event_files(archive, job_id)
    files = found.files if found else ()
    for file in files:
        assert found is not None
        name = file.relative_to(found.root).as_posix()
        points = _points(file, name.rpartition("/")[0])
        while line := list(islice(points, _LINE)):
            _write({"file": name, "points": line})
    _write({"files": len(files)})
    return 0


def _points(file: Path, run: str) -> Iterator[_Point]:
    """Yield the scalars of a file; those below the log directory bear the name of their run, as in TensorBoard."""
    kinds: dict[str, str] = {}  # only the first event of a tag says what it is
    for data in RawEventFileLoader(str(file)).Load():
        event = Event.FromString(data)
        for value in event.summary.value:
            scalar = _scalar(value, kinds)
            if scalar is not None and value.tag:
                yield f"{run}/{value.tag}" if run else value.tag, event.step, event.wall_time, scalar


def _scalar(value: Summary.Value, kinds: dict[str, str]) -> float | None:
    """Return what a scalar is, in its older form or its newer one; None for anything else.

    TensorBoard's own loader turns the older form into the newer at a third of the speed.
    """
    if value.HasField("simple_value"):
        return float(value.simple_value)
    if kinds.setdefault(value.tag, value.metadata.plugin_data.plugin_name) != PLUGIN_NAME:
        return None
    return float(make_ndarray(value.tensor).item())


def _write(line: object) -> None:
    sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
