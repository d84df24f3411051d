"""`python -m atlas_services.rest_api.exporting PARENT job|project NAME`: write an export to standard output, then end.

It ends with its parent. Only the exit status 0 says that the export is whole.
"""

from __future__ import annotations

import sys
from typing import BinaryIO

from atlas_core.settings import Settings
from atlas_services.rest_api.exporting.metrics import write_job
from atlas_services.rest_api.exporting.project import write_project
from atlas_services.sealing.series_file import SeriesFiles
from atlas_services.short_program import run
from atlas_services.storage.opening import open_storage
from atlas_services.tracker import open_tracker


def main(settings: Settings, kind: str, name: str, out: BinaryIO) -> int:
    """Write the export of a job's metrics or of a project; returns the exit status."""
    tracker = open_tracker(settings.redis_url, SeriesFiles(open_storage(settings)))
    try:
        if kind == "job":
            write_job(tracker, name, out)
        else:
            write_project(tracker, name, settings.proxy_url, out)
        out.flush()
    except BrokenPipeError:
        return 1  # who asked went away
    finally:
        tracker.close()
    return 0


if __name__ == "__main__":
    parent, kind, name = sys.argv[1:]
    run("rest_api", parent, lambda settings: main(settings, kind, name, sys.stdout.buffer))
