"""The TensorBoard service's Flask application."""

from __future__ import annotations

import threading
from typing import Any

from flask import Flask, Response, request

from atlas_core.errors import AtlasError, InvalidInput
from atlas_core.ids import check_job_id, now
from atlas_core.settings import Settings
from atlas_services.forwarding import forward, request_target
from atlas_services.openapi import TEXT_TYPE, Answer, Body, Operation, describes
from atlas_services.openapi.routes import document_routes
from atlas_services.openapi.schema import FLAG, TEXT, list_of, members, open_members, text
from atlas_services.tensorboard_api.event_files import event_files, no_event_files
from atlas_services.tensorboard_api.logdirs import Chosen, LogDirectories
from atlas_services.tensorboard_api.scalar_reader import scalar_lines
from atlas_services.tensorboard_api.sorry_page import sorry
from atlas_services.tensorboard_api.viewer import check_installed
from atlas_services.tensorboard_api.viewers import Viewers
from atlas_services.web import json_body, new_app, stream

_MINUTE, _DAY = 60.0, 86400.0
#: TensorBoard knows no users: it is told of none, and gives the browser nothing to keep.
_PRIVATE = ("authorization", "cookie", "set-cookie")

_TITLE = "Atlas TensorBoard service"
_ABOUT = "Runs a TensorBoard for each choice of jobs, and reads the scalars of their event files."

_GREETING = Operation("A greeting", {200: Answer(media=TEXT_TYPE)}, is_old=True)
_CHOOSE = Operation(
    "Have jobs shown",
    {200: Answer(schema=members({"selection": TEXT}))},
    (400, 409, 503),
    body=Body(members({"jobs": list_of(members({"job_id": TEXT}, {"label": TEXT, "keeps": FLAG}))})),
)
_LINK = Operation(
    "Have jobs shown, as the original's clients say it",
    {200: Answer("A sentence. Location is where.", media=TEXT_TYPE), 400: Answer("What is wrong.", media="*/*")},
    (409, 503),
    body=Body(members({"tensorboard_locations": list_of(open_members({"job_id": TEXT}))})),
    is_old=True,
)
_SCALARS = Operation(
    "The scalars of a job's event files, a line of JSON for each few thousand points",
    {200: Answer("Lines; the last says how many files there are.", media="application/x-ndjson")},
    (400, 409, 503),
)
_SHOW = Operation(
    "The TensorBoard of a selection; it is started if it does not run",
    {
        200: Answer("What TensorBoard answers.", media="*/*"),
        **{status: Answer("Why not: a page for browsers, else a problem.", media="*/*") for status in (404, 409, 503)},
    },
    path={"selection": text("^[0-9a-z]+$")},
    takes_anything=True,
)


class TensorBoardApi:
    """The service: its application, and the TensorBoards that it runs."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._logdirs = LogDirectories(settings.tensorboard_logdirs, settings.archive_root)
        self._viewers = Viewers(settings.tensorboard_processes, settings.tensorboard_minutes * _MINUTE)

    def start(self) -> Flask:
        """Return the application, and begin to look for what nobody uses any more."""
        threading.Thread(target=self._viewers.watch, args=(self._remove_unused,), daemon=True).start()
        return self.app()

    def app(self) -> Flask:
        """Return the application. No TensorBoard runs before the first request."""
        app = new_app("tensorboard_api", self._settings, lambda: None)
        self._add_choosing(app)
        self._add_reading(app)
        self._add_showing(app)
        app.register_blueprint(document_routes("tensorboard_api", _TITLE, _ABOUT))
        return app

    def close(self) -> None:
        """Stop every TensorBoard."""
        self._viewers.close()

    def _add_choosing(self, app: Flask) -> None:
        @app.get("/")
        @describes(_GREETING)
        def passed() -> Response:
            return _plain("Test Passed")

        @app.post("/selections")
        @describes(_CHOOSE)
        def choose() -> dict[str, str]:
            return {"selection": self._choose([_chosen(job) for job in _list(json_body(), "jobs")])}

        @app.post("/create_sym_links")
        @describes(_LINK)
        def create_sym_links() -> Response:
            try:
                locations = json_body().get("tensorboard_locations")
            except InvalidInput:
                locations = None
            if not isinstance(locations, list):
                return _plain("Bad Request. Expecting a json object with key 'tensorboard_locations'", 400)
            jobs = [_chosen(location) for location in locations]
            selection = self._choose(jobs)
            ids = " ".join(job.job_id for job in jobs)
            answer = _plain(f"Success! the specified jobs: [{ids}] have been sent to tensorboard")
            answer.headers["Location"] = f"{_prefix(selection)}/"
            return answer

    def _add_reading(self, app: Flask) -> None:
        archive = self._settings.archive_root

        @app.get("/jobs/<job_id>/scalars")
        @describes(_SCALARS)
        def scalars(job_id: str) -> Response:
            check_installed()
            if event_files(archive, check_job_id(job_id)) is None:
                raise no_event_files(job_id)
            return stream(scalar_lines(archive, job_id), "application/x-ndjson", {})

    def _add_showing(self, app: Flask) -> None:
        @app.route("/tensorboard/<selection>/", methods=["GET", "POST"], defaults={"path": ""})
        @app.route("/tensorboard/<selection>/<path:path>", methods=["GET", "POST"])
        @describes(_SHOW)
        def show(selection: str, path: str) -> Response:
            try:
                return self._show(selection)
            except AtlasError as error:
                if path or "text/html" not in request.headers.get("Accept", ""):
                    raise
                return sorry(error)

    def _show(self, selection: str) -> Response:
        logs = self._logdirs.find(selection)
        self._logdirs.touch(selection)
        upstream = self._viewers.upstream(selection, logs, _prefix(selection))
        response = forward(upstream, request_target(), without=_PRIVATE)
        response.headers.add("Content-Security-Policy", _policy(selection))
        return response

    def _choose(self, jobs: list[Chosen]) -> str:
        check_installed()
        selection = self._logdirs.choose(jobs)
        self._viewers.show(selection, self._logdirs.find(selection), _prefix(selection))
        return selection

    def _remove_unused(self) -> None:
        for selection in self._viewers.running():
            self._logdirs.touch(selection)
        if self._settings.tensorboard_days:
            self._logdirs.remove_unused(now() - self._settings.tensorboard_days * _DAY)


def _prefix(selection: str) -> str:
    return f"/tensorboard/{selection}"


def _policy(selection: str) -> str:
    """Return what the page may call, beside what TensorBoard itself forbids it: this TensorBoard, and no route of ours.

    The address by which the browser calls us is not known here; TensorBoard's own policy says that it must be that.
    """
    return f"connect-src *:*{_prefix(selection)}/; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"


def _list(body: Any, name: str) -> list[Any]:
    if not isinstance(body.get(name), list):
        raise InvalidInput(f"{name}: {body.get(name)!r} is no list.", field=name)
    return list(body[name])


def _chosen(job: Any) -> Chosen:
    """Return a job of a request; its id is checked where it is used."""
    if not isinstance(job, dict) or not isinstance(job.get("job_id"), str):
        raise InvalidInput(f"job_id: {job!r} names no job.", field="job_id")
    return Chosen(job["job_id"], str(job.get("label") or ""), job.get("keeps") is True)


def _plain(text: str, status: int = 200) -> Response:
    return Response(text, status, content_type="text/plain; charset=utf-8")
