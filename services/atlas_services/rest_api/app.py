"""The REST API's Flask application: one blueprint a noun."""

from __future__ import annotations

from flask import Flask

from atlas_core.settings import Settings
from atlas_services.inner_connection import InnerConnection
from atlas_services.openapi.routes import document_routes
from atlas_services.rest_api import (
    auth,
    bulk,
    descriptions,
    event_scalars,
    events,
    exports,
    facets,
    job_listing,
    job_search,
    jobs,
    journal,
    lineage,
    many_jobs,
    notes,
    overview,
    project_jobs,
    projects,
    series,
    tags,
    tensorboard,
    views,
)
from atlas_services.rest_api.broadcast import Broadcast
from atlas_services.rest_api.warming import Warming
from atlas_services.sealing.series_file import SeriesFiles
from atlas_services.storage.opening import open_storage
from atlas_services.tracker import open_tracker
from atlas_services.web import new_app

#: What the paths of the original's routes begin with, and those of the new ones.
V2 = "/api/v2beta"
V3 = "/api/v3"

_TITLE = "Atlas REST API"
_ABOUT = (
    "What jobs logged, to read; and the door through which they log it. The routes of /api/v2beta are the older ones."
)

#: Seconds for which a request waits for another service that is being restarted; somebody waits for the answer.
_PATIENCE = 3.0
#: Where the application keeps what its streams listen to.
_BROADCAST = "atlas_broadcast"


def end_streams(app: Flask) -> None:
    """End the streams of events: who reads them comes back to where it was. It may be called in a signal's handler."""
    app.extensions[_BROADCAST].end()


def make_app(settings: Settings, *, warm: bool = False) -> Flask:
    """Return the application. Nothing is connected before the first request, unless it is to be `warm` for that."""
    storage = open_storage(settings)
    tracker = open_tracker(settings.redis_url, SeriesFiles(storage))
    if warm:
        Warming(tracker).start()
    scheduler, archive = (
        InnerConnection(url, settings, _PATIENCE) for url in (settings.scheduler_url, settings.archive_url)
    )
    viewer, viewer_base = InnerConnection(settings.tensorboard_api_url, settings, _PATIENCE), settings.tensorboard_url
    app = new_app("rest_api", settings, tracker.ping)
    broadcast = app.extensions[_BROADCAST] = Broadcast(tracker.events)
    for blueprint in (
        projects.v2_routes(tracker),
        job_listing.routes(tracker, scheduler, archive, settings.proxy_url),
        tags.routes(tracker),
        notes.v2_routes(tracker),
        overview.routes(tracker),
        tensorboard.v2_routes(tracker, viewer, viewer_base),
        auth.routes(),
    ):
        app.register_blueprint(blueprint, url_prefix=V2)
    for blueprint in (
        projects.v3_routes(tracker),
        project_jobs.routes(tracker),
        notes.v3_routes(tracker),
        views.routes(tracker),
        facets.routes(tracker),
        descriptions.routes(tracker),
        bulk.routes(tracker, archive),
        job_search.routes(tracker),
        jobs.routes(tracker, settings.proxy_url),
        many_jobs.routes(tracker, settings.proxy_url),
        lineage.routes(tracker),
        journal.routes(tracker),
        series.routes(tracker),
        events.routes(tracker, broadcast),
        exports.routes(tracker, settings, storage),
        tensorboard.v3_routes(tracker, viewer, viewer_base),
        event_scalars.routes(tracker, viewer),
    ):
        app.register_blueprint(blueprint, url_prefix=V3)
    app.register_blueprint(document_routes("rest_api", _TITLE, _ABOUT))
    return app
