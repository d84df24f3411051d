"""Doing at the start what the first request would do: whoever comes first is not to wait longer than the next.

A table that is asked for needs the index; one that is older than this version is made anew, which takes seconds for ten
thousand jobs; requests that need it wait for it then.
"""

from __future__ import annotations

import logging
import threading

from atlas_core.errors import AtlasError
from atlas_core.ids import now
from atlas_services.rest_api.selection import Query, select
from atlas_services.tracker import UNAVAILABLE, Projection, Tracker

_log = logging.getLogger("atlas.rest_api")

#: Projects of which a page is read: the newest are those that people look at.
_PROJECTS = 3
_JOBS = 100
#: Seconds between two attempts while Redis does not answer.
_PAUSE = 0.5


class Warming:
    """Makes the index if need be, then reads the first page of some projects, in the background."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._is_done = threading.Event()

    def start(self) -> None:
        """Begin."""
        threading.Thread(target=self._run, name="warming", daemon=True).start()

    def _run(self) -> None:
        while not self._is_done.is_set():
            try:
                self._warm()
                self._is_done.set()
            except UNAVAILABLE:
                self._is_done.wait(_PAUSE)
            except AtlasError as error:  # a job that is gone meanwhile; the requests will tell what is wrong
                _log.warning("the first pages are not read in advance: %s", error.message)
                self._is_done.set()

    def _warm(self) -> None:
        self._tracker.ensure_index()
        for project in self._tracker.projects.all()[-_PROJECTS:]:
            select(self._tracker, Query(project.name, limit=_JOBS), Projection(), now())
