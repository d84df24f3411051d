"""Looking now and then for jobs to seal: a thread that has a process of its own do it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading

from atlas_core.ids import now
from atlas_core.settings import Settings
from atlas_services.sealing.mover import Mover
from atlas_services.storage.opening import open_storage
from atlas_services.storage.tiers import Tiers
from atlas_services.tracker import UNAVAILABLE, open_tracker

_log = logging.getLogger("atlas.archive_server")

#: Seconds between two looks, unless jobs are to be sealed sooner after their end.
_PAUSE = 30.0
_SHORTEST_PAUSE = 0.2


class SealRounds:
    """Seals jobs that ended so many minutes ago as the settings say, in the background and one process at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._delay = settings.seal_minutes * 60
        self._closing = threading.Event()

    def start(self) -> None:
        """Start to look, unless the settings turn it off."""
        if self._delay:
            threading.Thread(target=self._run, name="seal-rounds", daemon=True).start()

    def close(self) -> None:
        """Look no more."""
        self._closing.set()

    def _run(self) -> None:
        tracker, storage = open_tracker(self._settings.redis_url), open_storage(self._settings)
        mover = Mover(tracker, storage, self._settings.archive_root) if isinstance(storage, Tiers) else None
        while not self._closing.wait(max(_SHORTEST_PAUSE, min(_PAUSE, self._delay))):
            try:
                before = now() - self._delay
                if tracker.seals.due(before) or (mover is not None and mover.due(before)):
                    self._seal()
            except UNAVAILABLE as error:
                _log.warning("no job is sealed now, Redis does not answer: %s", error)
            except OSError as error:
                _log.warning("no job is sealed now, the program does not start: %s", error)
        tracker.close()

    def _seal(self) -> None:
        """Have the jobs that are due sealed; returns when that is done."""
        settings = self._settings
        command = [sys.executable, "-m", "atlas_services.sealing", str(os.getpid())]
        variables = {
            "FOUNDATIONS_HOME": str(settings.home),
            "ATLAS_REDIS_URL": settings.redis_url,
            "ATLAS_REDIS_PASSWORD_FILE": "",  # the address has the password
            "ATLAS_ARCHIVE_STORE": settings.archive_store,
            "ATLAS_SEAL_MINUTES": str(settings.seal_minutes),
        }
        subprocess.run(command, env={**os.environ, **variables}, stdin=subprocess.DEVNULL, check=False)
