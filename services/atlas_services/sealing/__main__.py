"""`python -m atlas_services.sealing [PARENT]`: seal the jobs that are due, have their files move on, then end.

A process of its own, for what it needs to write Parquet takes more memory than an idle service. With a parent it ends
with that.
"""

from __future__ import annotations

import sys

from atlas_core.ids import now
from atlas_core.settings import Settings
from atlas_services.sealing.mover import Mover
from atlas_services.sealing.sealer import Sealer
from atlas_services.short_program import run
from atlas_services.storage.opening import open_storage
from atlas_services.storage.tiers import Tiers
from atlas_services.tracker import open_tracker


def main(settings: Settings) -> int:
    """Seal what is due; returns the exit status."""
    tracker, storage = open_tracker(settings.redis_url), open_storage(settings)
    sealer = Sealer(tracker, storage, settings.archive_root / ".sealing")
    before = now() - settings.seal_minutes * 60
    try:
        while sealer.seal_due(before):
            pass
        if isinstance(storage, Tiers):
            Mover(tracker, storage, settings.archive_root).move_due(before)
    finally:
        tracker.close()
    return 0


if __name__ == "__main__":
    run("sealing", sys.argv[1] if len(sys.argv) > 1 else None, main)
