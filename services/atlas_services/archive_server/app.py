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
from atlas_services.storage.opening import open_object_store
from atlas_services.tracker import Jobs, Tracker, open_tracker
from atlas_services.web import bearer_token, json_body, new_app, query_int

#: Bytes of a request that changes a synced directory: a line for each of its files.
_MAX_CHANGE = 64 * 1024 * 1024


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
    return app


def _add_storing(app: Flask, archive: Archive, uploads: Uploads, tracker: Tracker) -> None:
    jobs = tracker.jobs

    @app.put("/archive/<job_id>/<path:path>")
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
    def change(job_id: str, directory: str) -> dict[str, list[str]]:
        jobs.check_token(check_job_id(job_id), bearer_token())
        _limit_body(_MAX_CHANGE)
        archive.bring_back(job_id)
        return {"missing": SyncedDirectory(archive.base(job_id), directory).change(*read_change(json_body()))}


def _add_output(app: Flask, archive: Archive, max_bytes: int, tracker: Tracker) -> None:
    @app.patch(f"/archive/<job_id>/{PATH}")
    def append(job_id: str) -> dict[str, int]:
        tracker.jobs.check_token(check_job_id(job_id), bearer_token())
        if tracker.jobs.get(job_id).mode != "execution":
            raise Conflict(f"Job `{job_id}` was submitted; its output is kept by the scheduler.", job_id=job_id)
        _limit_body(MAX_PIECE)
        data = request.get_data(cache=False)
        archive.bring_back(job_id)
        return {"applied": Output(archive.base(job_id), max_bytes).append(query_int("offset", 0), data)}


def _limit_body(max_bytes: int) -> None:
    request.max_content_length = max_bytes
    if (request.content_length or 0) > max_bytes:
        raise PayloadTooLarge(f"The request is larger than {max_bytes} bytes; send less at once.", limit=max_bytes)


def _add_removing(app: Flask, archive: Archive, objects: Objects, jobs: Jobs) -> None:
    @app.delete("/archive/<job_id>/")
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
