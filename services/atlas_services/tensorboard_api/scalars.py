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

from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
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
    for event in EventFileLoader(str(file)).Load():
        for value in event.summary.value:
            kind = value.metadata.plugin_data.plugin_name
            if kinds.setdefault(value.tag, kind) == PLUGIN_NAME and value.tag:
                name = f"{run}/{value.tag}" if run else value.tag
                yield name, int(event.step), float(event.wall_time), float(make_ndarray(value.tensor).item())


def _write(line: object) -> None:
    sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
