"""The archive server's Flask application."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, Response, request

from atlas_core.errors import Conflict, JobNotFound, PayloadTooLarge
from atlas_core.ids import check_job_id, now
from atlas_core.settings import Settings
from atlas_services.archive_server import reading
from atlas_services.archive_server.content_range import ContentRange
from atlas_services.archive_server.files import Archive
from atlas_services.archive_server.objects import Objects
from atlas_services.archive_server.output import MAX_PIECE, PATH, Output
from atlas_services.archive_server.shelves import Shelves
from atlas_services.archive_server.signs_of_life import SignsOfLife
from atlas_services.archive_server.synced import SyncedDirectory, check_object, read_change
from atlas_services.archive_server.uploads import Upload, Uploads
from atlas_services.json_requests import bounded_body
from atlas_services.openapi import Answer, Body, Header, Operation, Param, describes
from atlas_services.openapi.routes import document_routes
from atlas_services.openapi.schema import COUNT, FLAG, NUMBER, TEXT, list_of, map_of, members, text
from atlas_services.storage.opening import open_object_store
from atlas_services.tracker import Jobs, Tracker, open_tracker
from atlas_services.web import bearer_token, json_body, new_app, query_int

#: Bytes of a request that changes a synced directory: a line for each of its files.
_MAX_CHANGE = 64 * 1024 * 1024

_TITLE = "Atlas archive"
_ABOUT = "The files of jobs: what they saved, what they left, and what they wrote out."

_BYTES = "application/octet-stream"
_SHA256 = Header("X-Content-SHA256", "The SHA-256 of the whole file, in hexadecimal.", required=True)
_STORE = Operation(
    "Store a file of a job, or what was missing of it",
    {
        200: Answer("How much is there of a file that is sent in parts.", members({"received": COUNT})),
        201: Answer("It is on the disk.", members({"size": COUNT})),
    },
    (400, 401, 403, 404, 408, 409, 413, 507),
    headers=(_SHA256, Header("Content-Range", "bytes */<size> to ask what is there; bytes <first>-<last>/<size>.")),
    body=Body(media=_BYTES, required=False),
    takes_token=True,
)
_FILE = members({"sha256": text("^[0-9a-f]{64}$"), "size": COUNT}, {"modified": NUMBER, "executable": FLAG})
_CHANGE = Operation(
    "Change a synced directory: nothing is changed before all of its objects are there",
    {200: Answer("The hashes of objects to store first.", members({"missing": list_of(TEXT)}))},
    (400, 401, 403, 404, 413, 507),
    body=Body(members({}, {"files": map_of(_FILE), "removed": map_of(TEXT)})),
    takes_token=True,
)
_APPEND = Operation(
    "Append to the output of a job that was not submitted",
    {200: Answer("How long it is.", members({"applied": COUNT}))},
    (400, 401, 403, 404, 409, 413, 507),
    query=(Param("offset", "Where in the output the bytes begin.", COUNT),),
    body=Body(media=_BYTES, required=False),
    takes_token=True,
)
_REMOVE = Operation("Remove all files of a job that has ended, or is gone", {204: Answer(media=None)}, (400, 409))


def make_app(settings: Settings) -> Flask:
    """Return the application. Nothing is connected before the first request."""
    tracker = open_tracker(settings.redis_url)
    remote = open_object_store(settings)
    archive = Archive(settings.archive_root, remote)
    objects = Objects(settings.archive_root)
    objects.remove_unused()
    uploads = Uploads(settings.archive_root, settings.max_artifact_bytes, objects)
    uploads.remove_stale(now())
    app = new_app("archive_server", settings, tracker.ping)
    app.register_blueprint(reading.routes(Shelves(archive, remote)))
    _add_storing(app, archive, uploads, tracker)
    _add_syncing(app, archive, tracker.jobs)
    _add_output(app, archive, settings.max_artifact_bytes, tracker)
    _add_removing(app, archive, objects, tracker.jobs)
    app.register_blueprint(document_routes("archive_server", _TITLE, _ABOUT))
    return app


def _add_storing(app: Flask, archive: Archive, uploads: Uploads, tracker: Tracker) -> None:
    jobs = tracker.jobs

    @app.put("/archive/<job_id>/<path:path>")
    @describes(_STORE)
    def store(job_id: str, path: str) -> tuple[dict[str, int], int]:
        jobs.check_token(check_job_id(job_id), bearer_token())
        target = archive.writable(job_id, path)
        check_object(path, request.headers.get("X-Content-SHA256", ""))
        uploads.check_size(request.content_length or 0)
        signs = SignsOfLife(tracker.journals, job_id)
        signs.note()
        answer = _receive(job_id, target, signs)
        _remove_if_deleted(job_id)
        return answer

    def _receive(job_id: str, target: Path, signs: SignsOfLife) -> tuple[dict[str, int], int]:
        """Receive the whole file, or what was missing of it, or answer how much is missing."""
        sha256, header = request.headers.get("X-Content-SHA256", ""), request.headers.get("Content-Range")
        if header is None:
            return {"size": uploads.store(request.stream, sha256, target, signs.note)}, 201
        part = ContentRange.of(header)
        upload = Upload(job_id, part.size, sha256, target)
        if part.offset is not None:
            return {"size": uploads.resume(upload, request.stream, part.offset, signs.note)}, 201
        return {"received": uploads.received(upload)}, 200

    def _remove_if_deleted(job_id: str) -> None:
        """A job that was deleted while its file was on the way leaves no file."""
        try:
            jobs.get(job_id)
        except JobNotFound:
            archive.remove(job_id)
            raise


def _add_syncing(app: Flask, archive: Archive, jobs: Jobs) -> None:
    @app.patch("/archive/<job_id>/synced_directories/<directory>")
    @describes(_CHANGE)
    def change(job_id: str, directory: str) -> dict[str, list[str]]:
        jobs.check_token(check_job_id(job_id), bearer_token())
        _limit_body(_MAX_CHANGE)
        archive.bring_back(job_id)
        return {"missing": SyncedDirectory(archive.base(job_id), directory).change(*read_change(json_body()))}


def _add_output(app: Flask, archive: Archive, max_bytes: int, tracker: Tracker) -> None:
    @app.patch(f"/archive/<job_id>/{PATH}")
    @describes(_APPEND)
    def append(job_id: str) -> dict[str, int]:
        tracker.jobs.check_token(check_job_id(job_id), bearer_token())
        if tracker.jobs.get(job_id).mode != "execution":
            raise Conflict(f"Job `{job_id}` was submitted; its output is kept by the scheduler.", job_id=job_id)
        _limit_body(MAX_PIECE)
        data = bounded_body(MAX_PIECE)
        archive.bring_back(job_id)
        return {"applied": Output(archive.base(job_id), max_bytes).append(query_int("offset", 0), data)}


def _limit_body(max_bytes: int) -> None:
    request.max_content_length = max_bytes
    if (request.content_length or 0) > max_bytes:
        raise PayloadTooLarge(f"The request is larger than {max_bytes} bytes; send less at once.", limit=max_bytes)


def _add_removing(app: Flask, archive: Archive, objects: Objects, jobs: Jobs) -> None:
    @app.delete("/archive/<job_id>/")
    @describes(_REMOVE)
    def remove(job_id: str) -> Response:
        try:
            status = jobs.get(check_job_id(job_id)).status
        except JobNotFound:
            pass
        else:
            if not status.is_finished:
                raise Conflict(f"Job `{job_id}` is {status.value}; its files stay until it has ended.", job_id=job_id)
        archive.remove(job_id)
        objects.forget_removed()
        return Response(status=204)
