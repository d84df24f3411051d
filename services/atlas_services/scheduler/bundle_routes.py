"""The routes of bundles, and of what jobs left in their working directories."""

from __future__ import annotations

import gzip
import os
import tarfile
import threading
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import cast

from flask import Blueprint, Response, request, send_file
from werkzeug.datastructures import FileStorage
from werkzeug.formparser import FormDataParser
from werkzeug.utils import secure_filename

from atlas_core.bundle_reader import is_gzip, is_zstd, unpacked_archive
from atlas_core.errors import BundleNotFound, BundleTooLarge, InvalidInput
from atlas_core.ids import check_bundle_id, check_job_id
from atlas_services.gate import check_change, identity
from atlas_services.openapi import Answer, Body, Operation, describes
from atlas_services.openapi.schema import members
from atlas_services.request_body import request_body
from atlas_services.scheduler.archive import Archive
from atlas_services.scheduler.arrival import Source
from atlas_services.scheduler.bundles import BundleStore
from atlas_services.scheduler.replies import NOTHING, SENTENCE, text
from atlas_services.storage.packing import tarred

_CHUNK = 64 * 1024
_SUFFIX = ".tgz"
#: Most of what jobs leave is compressed already, or text, which level 1 does nearly as well as 9.
_COMPRESSION = 1
#: Seconds for which the files of a job may be taken from a cache: they do not change any more.
_FRESH = 12 * 3600
#: A form around a bundle may be this much longer than the bundle.
_FORM = 64 * 1024

_HAS = Operation("Whether the server has a bundle", {200: NOTHING}, (400, 404))
_PLAIN = "application/x-tar"
_BUNDLE = Operation(
    "A bundle",
    {
        200: Answer("A tar, gzip or plain.", media="application/gzip", or_else=(_PLAIN,)),
        206: Answer("A part of it.", media="application/gzip", or_else=(_PLAIN,)),
        304: NOTHING,
        416: Answer(media=None),
    },
    (400, 404),
)
_PUT = Operation(
    "Send a bundle: a tar, plain or compressed by gzip or Zstandard",
    {200: Answer("It is there already.", media=None), 201: Answer("It is there now.", media=None)},
    (400, 413, 507),
    body=Body(media="application/octet-stream"),
)
_FILE = members({"job_bundle": {"type": "string", "contentMediaType": "application/gzip"}})
_OLD_PUT = Operation(
    "Send the bundle of one job, as a file named <job id>.tgz",
    {200: SENTENCE, 400: SENTENCE},
    (413, 507),
    body=Body(_FILE, media="multipart/form-data"),
    is_old=True,
)
_FILES = Operation(
    "The files of a job as it left them",
    {200: Answer("A gzip tar, entries below the job's id.", media="application/x-tar"), 304: NOTHING}
    | dict.fromkeys((403, 404), SENTENCE),
    (400,),
    is_old=True,
)


def bundle_routes(bundles: BundleStore, archive: Archive, max_bytes: int) -> Blueprint:
    """Return the routes."""
    routes = Blueprint("bundles", __name__)

    @routes.route("/api/v3/bundles/<bundle_id>", methods=["HEAD"])
    @describes(_HAS)
    def has_bundle(bundle_id: str) -> Response:
        if not bundles.holds(check_bundle_id(bundle_id)):
            raise BundleNotFound(f"Bundle {bundle_id} is not there.", bundle_id=bundle_id)
        return Response(status=200)

    @routes.get("/api/v3/bundles/<bundle_id>")
    @describes(_BUNDLE)
    def send_bundle(bundle_id: str) -> Response:
        if not bundles.holds(check_job_id(bundle_id)):
            raise BundleNotFound(f"Bundle {bundle_id} is not there.", bundle_id=bundle_id)
        path = bundles.path(bundle_id)
        if is_zstd(path):
            return _sent_zstd(path)
        kind = "application/gzip" if is_gzip(path) else _PLAIN
        return send_file(path, kind, download_name=f"{bundle_id}{_SUFFIX}")

    @routes.put("/api/v3/bundles/<bundle_id>")
    @describes(_PUT)
    def receive_bundle(bundle_id: str) -> Response:
        if bundles.holds(check_bundle_id(bundle_id)):
            return Response(status=200)
        _limit_body(max_bytes)
        bundles.receive(bundle_id, request_body())
        return Response(status=201)

    @routes.post("/job_bundle")
    @describes(_OLD_PUT)
    def receive_old_bundle() -> Response:
        _limit_body(max_bytes + _FORM)
        parser = FormDataParser(
            lambda *_, **__: bundles.draft()
        )  # by default a large file lies in /tmp, which may be memory
        _, _, files = parser.parse(request.stream, request.mimetype, request.content_length, request.mimetype_params)
        with ExitStack() as stack:
            for _, file in files.items(multi=True):
                stack.enter_context(closing(file))
            return _receive_old(bundles, files.get("job_bundle")) if files else text("No files in request", 400)

    @routes.get("/job_bundle/<job_id>")
    @describes(_FILES)
    def send_artifacts(job_id: str) -> Response:
        check_job_id(job_id)
        stored = [] if archive.artifacts(job_id).is_dir() else archive.stored_artifacts(job_id)
        if stored:
            return Response(_gzipped(tarred(stored)), content_type="application/x-tar")
        if not archive.directory(job_id).is_dir():
            return text(f"No archive directory found for Job {job_id}", 404)
        artifacts = archive.artifacts(job_id)
        if not artifacts.is_dir():
            return text(f"The artifact directory was not found for Job {job_id}", 404)
        if not os.access(artifacts, os.R_OK | os.X_OK):
            return text(f"The artifact directory of Job {job_id} cannot be read", 403)
        answer = Response(_tar(artifacts, job_id), content_type="application/x-tar")
        answer.set_etag(_version(artifacts), weak=True)
        answer.cache_control.max_age, answer.cache_control.private = _FRESH, True
        answer.automatically_set_content_length = False  # to count the bytes, all would be kept in memory
        answer.make_conditional(request)
        return answer

    return routes


def _sent_zstd(path: Path) -> Response:
    """Return a bundle as it lies there to who says that it takes that, to others without the compression."""
    if request.accept_encodings["zstd"] > 0:
        answer = send_file(path, _PLAIN, conditional=True)
        answer.headers["Content-Encoding"] = "zstd"
    else:
        answer = Response(unpacked_archive(path), content_type=_PLAIN)
        answer.content_length = sum(len(piece) for piece in unpacked_archive(path))  # who asks may decline that much
    answer.vary.add("Accept-Encoding")
    return answer


def _receive_old(bundles: BundleStore, upload: FileStorage | None) -> Response:
    if upload is None:
        return text("Job bundle not found in request", 400)
    job_id = secure_filename(upload.filename or "").removesuffix(_SUFFIX)
    check_change(job_id)
    try:
        bundles.receive_of_job(job_id, cast("Source", upload.stream), identity().subject)
    except BundleTooLarge:
        raise
    except InvalidInput:
        return text("Invalid job bundle", 400)
    return text("Job bundle uploaded")


def _version(artifacts: Path) -> str:
    """Return what differs when the files of a job may: they arrive at its end, all at once."""
    facts = artifacts.stat()
    return f"{facts.st_ino:x}-{facts.st_mtime_ns:x}"


def _limit_body(max_bytes: int) -> None:
    """Raise `BundleTooLarge` if the request says that it is too long, and have a longer one cut off."""
    request.max_content_length = max_bytes + 1
    if (request.content_length or 0) > max_bytes:
        raise BundleTooLarge(f"The bundle is larger than {max_bytes} bytes.", limit=max_bytes)


def _gzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(_COMPRESSION, wbits=zlib.MAX_WBITS | 16)
    for chunk in chunks:
        yield packer.compress(chunk)
    yield packer.flush()


def _tar(directory: Path, top: str) -> Iterator[bytes]:
    """Yield a gzip tar of `directory`, its entries below `top`, as it is written by a thread.

    Raises what kept a file from being read, so that the connection breaks: the client must not take a part for all.
    """
    reader, writer = os.pipe()
    failures: list[Exception] = []

    def write() -> None:
        with (
            suppress(BrokenPipeError),  # the client went away
            os.fdopen(writer, "wb") as pipe,
            gzip.GzipFile("", "wb", _COMPRESSION, pipe) as zipped,
        ):
            try:
                with tarfile.open(fileobj=zipped, mode="w|") as tar:
                    tar.add(directory, arcname=top)
            except Exception as error:  # told before the end is written, which must not be sent
                failures.append(error)

    thread = threading.Thread(target=write, name="artifacts", daemon=True)
    thread.start()
    with os.fdopen(reader, "rb") as pipe:
        while chunk := pipe.read1(_CHUNK):
            if failures:
                break
            yield chunk
    if failures:
        raise failures[0]
