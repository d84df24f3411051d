"""Every route that passes the proxy, and the service that answers it. What is not here does not exist outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, RequestRedirect, Rule

from atlas_services.name_converter import NameConverter


class Service(Enum):
    """A service behind the proxy."""

    SCHEDULER = "scheduler"
    REST_API = "rest_api"
    ARCHIVE = "archive_server"
    TENSORBOARD = "tensorboard_api"


_V2 = "/api/v2beta"
_JOBS = f"{_V2}/projects/<project>/job_listing"

#: Pattern and methods of each route. GET includes HEAD.
ROUTES: dict[Service, tuple[tuple[str, str], ...]] = {
    Service.SCHEDULER: (
        ("/job_bundle", "POST"),
        ("/job_bundle/<id>", "GET"),
        ("/queued_jobs", "GET POST"),
        ("/queued_jobs/<int:position>", "GET DELETE PATCH"),
        ("/running_jobs", "GET"),
        ("/running_jobs/<id>", "DELETE"),
        ("/running_jobs/<id>/logs", "GET"),
        ("/running_jobs/<id>/container_id", "GET"),
        ("/completed_jobs", "GET"),
        ("/completed_jobs/<id>", "DELETE"),
        ("/completed_jobs/<id>/logs", "GET"),
        ("/failed_jobs", "GET"),
        ("/failed_jobs/<id>/logs", "GET"),
        ("/jobs/<id>", "GET"),
        ("/workers", "GET POST"),
        ("/workers/<int:id>", "DELETE"),
        ("/scheduled_jobs", "GET POST"),
        ("/scheduled_jobs/<id>", "GET PUT PATCH DELETE"),
        ("/api/v3/bundles/<id>", "GET PUT"),
        ("/api/v3/jobs/<id>/log", "GET"),
        ("/api/v3/jobs/<id>/state", "GET"),
        ("/api/v3/jobs/<id>/stop", "POST"),
        ("/api/v3/jobs/<id>/why", "GET"),
        ("/api/v3/queue", "GET DELETE"),
        ("/api/v3/queue/<id>", "PATCH"),
        ("/api/v3/running", "GET"),
        ("/api/v3/nodes", "GET"),
        ("/api/v3/openapi/scheduler.json", "GET"),
        ("/api/v3/openapi/scheduler.html", "GET"),
    ),
    Service.REST_API: (
        (f"{_V2}/projects", "GET"),
        (f"{_V2}/projects/<project>/description", "GET PUT"),
        (f"{_V2}/projects/<project>/note_listing", "GET POST"),
        (f"{_V2}/projects/<project>/overview_metrics", "GET"),
        (_JOBS, "GET"),
        (f"{_JOBS}/<id>", "DELETE"),
        (f"{_JOBS}/<id>/logs", "GET"),
        (f"{_JOBS}/<id>/tags", "POST"),
        (f"{_JOBS}/<id>/tags/<path:key>", "DELETE"),
        (f"{_JOBS}/<path:order>", "GET"),
        (f"{_V2}/upload_to_tensorboard", "POST"),
        (f"{_V2}/auth/verify", "GET"),
        (f"{_V2}/auth/cli_login", "GET"),
        (f"{_V2}/auth/logout", "GET"),
        ("/openapi.json", "GET"),
        ("/docs", "GET"),
        ("/api/v3/openapi/rest_api.json", "GET"),
        ("/api/v3/openapi/rest_api.html", "GET"),
        ("/api/v3/projects", "GET"),
        ("/api/v3/projects/<project>", "DELETE"),
        ("/api/v3/projects/<project>/jobs", "GET"),
        ("/api/v3/projects/<project>/facets", "GET"),
        ("/api/v3/projects/<project>/description", "GET PUT"),
        ("/api/v3/projects/<project>/notes", "GET POST"),
        ("/api/v3/projects/<project>/views", "GET"),
        ("/api/v3/projects/<project>/views/<name:name>", "PUT DELETE"),
        ("/api/v3/projects/<project>/export", "GET"),
        ("/api/v3/jobs/read", "POST"),
        ("/api/v3/jobs/tags", "POST"),
        ("/api/v3/jobs/delete", "POST"),
        ("/api/v3/series", "GET POST"),
        ("/api/v3/events", "GET"),
        ("/api/v3/jobs", "GET"),
        ("/api/v3/jobs/<id>", "GET"),
        ("/api/v3/jobs/<id>/artifacts", "GET"),
        ("/api/v3/jobs/<id>/lineage", "GET"),
        ("/api/v3/jobs/<id>/metrics.parquet", "GET"),
        ("/api/v3/jobs/<id>/series", "GET"),
        ("/api/v3/jobs/<id>/series/<name:name>", "GET"),
        ("/api/v3/jobs/<id>/journal/<writer>", "POST"),
        ("/api/v3/jobs/<id>/import-tensorboard", "POST"),
        ("/api/v3/tensorboard", "POST"),
    ),
    Service.ARCHIVE: (
        ("/api/v3/openapi/archive_server.json", "GET"),
        ("/api/v3/openapi/archive_server.html", "GET"),
        ("/archive/<id>/", "GET"),
        ("/archive/<id>/<path:path>", "GET PUT"),
        ("/archive/<id>/logs/output.log", "PATCH"),
        ("/archive/<id>/synced_directories/<directory>", "PATCH"),
    ),
    Service.TENSORBOARD: (
        ("/tensorboard/<selection>/", "GET POST"),
        ("/tensorboard/<selection>/<path:path>", "GET POST"),
    ),
}


#: Characters of a path that an answer repeats to whoever asks.
_SHOWN = 200


@dataclass(frozen=True)
class Found:
    """The route of a request: who answers, its pattern, and what the path says in the places of the pattern."""

    service: Service
    pattern: str
    values: Mapping[str, Any]


class RouteTable:
    """The routes, ready to be asked."""

    def __init__(self) -> None:
        rules = [
            Rule(pattern, methods=methods.split(), endpoint=(service, pattern))
            for service, routes in ROUTES.items()
            for pattern, methods in routes
        ]
        self._map = Map(rules, merge_slashes=False, converters={"name": NameConverter}).bind("")

    def find(self, path: str, method: str) -> Found:
        """Return the route of a path. Raises werkzeug's `NotFound`, or `MethodNotAllowed` naming its methods."""
        try:
            if path.startswith("//"):  # else werkzeug would read it as if one of the slashes were not there
                raise NotFound
            (service, pattern), values = self._map.match(path, method)
        except (RequestRedirect, NotFound):
            raise NotFound(f"`{path[:_SHOWN]}` is no address of this server.") from None
        except MethodNotAllowed as error:
            allowed = ", ".join(sorted(error.valid_methods or ()))
            refusal = f"`{path[:_SHOWN]}` does not take {method}, but {allowed}."
            raise MethodNotAllowed(error.valid_methods, refusal) from None
        return Found(service, pattern, values)
