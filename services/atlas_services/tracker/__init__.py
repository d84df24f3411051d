"""The tracker: what Atlas remembers, in Redis. The one door: no other package imports redis."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from atlas_services.tracker.api_tokens import ApiToken, ApiTokens
from atlas_services.tracker.audit import Audit, AuditEntry
from atlas_services.tracker.connection import NOT_ALLOWED, UNAVAILABLE, Client, Pipeline, connect
from atlas_services.tracker.drawing import Drawing, Window
from atlas_services.tracker.events import Event, Events
from atlas_services.tracker.index import Column, Index, Table
from atlas_services.tracker.job_record import JobRecord
from atlas_services.tracker.job_views import JobView, StoredView
from atlas_services.tracker.jobs import Jobs
from atlas_services.tracker.journals import Journals
from atlas_services.tracker.lease import Fenced, Lease
from atlas_services.tracker.leftovers import LeftKeys
from atlas_services.tracker.listed_jobs import ListedJob, ListedJobs
from atlas_services.tracker.people import People, Person
from atlas_services.tracker.projection import JobPart, Projection
from atlas_services.tracker.projects import Note, Project, Projects
from atlas_services.tracker.queue import Queue
from atlas_services.tracker.reindex import reindex
from atlas_services.tracker.schedules import ScheduleRecord, Schedules
from atlas_services.tracker.sealed import Seals, StoredJob
from atlas_services.tracker.series import Series, SeriesPoints, SeriesRow, is_plain
from atlas_services.tracker.sessions import Sessions
from atlas_services.tracker.sources import NoSealedFiles, SealedFiles
from atlas_services.tracker.tags import Tags
from atlas_services.tracker.views import View, Views
from atlas_services.tracker.workers import Workers

__all__ = [
    "NOT_ALLOWED",
    "UNAVAILABLE",
    "ApiToken",
    "ApiTokens",
    "Audit",
    "AuditEntry",
    "Column",
    "Drawing",
    "Event",
    "Events",
    "Fenced",
    "Index",
    "JobPart",
    "JobRecord",
    "JobView",
    "Jobs",
    "Journals",
    "Lease",
    "LeftKeys",
    "ListedJob",
    "NoSealedFiles",
    "Note",
    "People",
    "Person",
    "Pipeline",
    "Project",
    "Projection",
    "Projects",
    "Queue",
    "ScheduleRecord",
    "Schedules",
    "SealedFiles",
    "Seals",
    "Series",
    "SeriesPoints",
    "SeriesRow",
    "Sessions",
    "StoredJob",
    "StoredView",
    "Table",
    "Tags",
    "Tracker",
    "View",
    "Views",
    "Window",
    "Workers",
    "is_plain",
    "open_tracker",
]


_indexing = threading.Lock()


@dataclass(frozen=True)
class Tracker:
    """All parts of the tracker over one connection pool."""

    client: Client
    jobs: Jobs
    projects: Projects
    views: Views
    queue: Queue
    series: Series
    journals: Journals
    events: Events
    lease: Lease
    schedules: Schedules
    workers: Workers
    index: Index
    tags: Tags
    drawing: Drawing
    sessions: Sessions
    api_tokens: ApiTokens
    people: People
    audit: Audit
    seals: Seals
    listed_jobs: ListedJobs
    left_keys: LeftKeys

    def ping(self) -> None:
        """Raise one of `UNAVAILABLE` unless Redis answers."""
        self.client.ping()

    def ensure_index(self) -> None:
        """Bring jobs into the index that were there before it. One thread does it, the others wait for it."""
        with _indexing:
            if not self.index.is_whole():
                reindex(self.client)

    def close(self) -> None:
        """Close every connection; who waits for an answer gets one of `UNAVAILABLE`."""
        self.client.connection_pool.disconnect()


def open_tracker(url: str, files: SealedFiles | None = None) -> Tracker:
    """Return the tracker in the Redis at `url`; `files` are those of sealed jobs. Connects when it is first used."""
    client = connect(url)
    series = Series(client, files)
    jobs, lease, seals = Jobs(client), Lease(client), Seals(client, files or NoSealedFiles())
    return Tracker(
        client=client,
        jobs=jobs,
        projects=Projects(client),
        views=Views(client),
        queue=Queue(client),
        series=series,
        listed_jobs=ListedJobs(client, series),
        journals=Journals(client, jobs, seals),
        events=Events(client),
        lease=lease,
        schedules=Schedules(client, lease),
        workers=Workers(client),
        index=Index(client),
        tags=Tags(client),
        sessions=Sessions(client),
        api_tokens=ApiTokens(client),
        people=People(client),
        audit=Audit(client),
        drawing=Drawing(client, files),
        seals=seals,
        left_keys=LeftKeys(client),
    )
