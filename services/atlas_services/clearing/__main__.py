"""`python -m atlas_services.clearing`: clear away what nobody needs any more, and say in JSON what went."""

from __future__ import annotations

import argparse
import json
import logging
import sys

from atlas_core.errors import AtlasError
from atlas_core.ids import now
from atlas_core.settings import Settings
from atlas_services.clearing.collection import Collection, Wish
from atlas_services.storage.opening import open_storage
from atlas_services.tracker import UNAVAILABLE, open_tracker


def main() -> int:
    """Run the command; returns the exit status. Why it failed is one sentence on standard error."""
    logging.basicConfig(format="%(message)s", level="WARNING")
    wish = _wish()
    try:
        settings = Settings.from_environment()
        tracker = open_tracker(settings.redis_url)
        report = Collection(settings, tracker, open_storage(settings)).run(wish, now())
    except AtlasError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    except UNAVAILABLE as error:
        sys.stderr.write(f"Redis does not answer: {error}\n")
        return 1
    sys.stdout.write(json.dumps(report.to_dict()) + "\n")
    return 0


def _wish() -> Wish:
    parser = argparse.ArgumentParser("python -m atlas_services.clearing", description=__doc__)
    parser.add_argument("--dry-run", action="store_true", help="only say what would go")
    parser.add_argument("--job-days", type=float, help="remove jobs that ended so many days ago")
    parser.add_argument("--project", help="remove jobs of this project alone, and nothing else")
    parser.add_argument("--unknown", action="store_true", help="remove files of jobs that the tracker never knew, too")
    given = parser.parse_args()
    return Wish(given.dry_run, given.job_days, given.project, given.unknown)


if __name__ == "__main__":
    sys.exit(main())
