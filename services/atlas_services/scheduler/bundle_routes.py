"""The routes of bundles: the code of jobs, as it was packed."""

from __future__ import annotations

from contextlib import ExitStack, closing
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
from atlas_services.scheduler.arrival import Source
from atlas_services.scheduler.bundles import BundleStore
from atlas_services.scheduler.replies import NOTHING, SENTENCE, text

_SUFFIX = ".tgz"
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


def bundle_routes(bundles: BundleStore, max_bytes: int) -> Blueprint:
    """Return the routes."""
    routes = Blueprint("bundles", __name__)
    _add_bundles(routes, bundles, max_bytes)
    _add_old_upload(routes, bundles, max_bytes)
    return routes


def _add_bundles(routes: Blueprint, bundles: BundleStore, max_bytes: int) -> None:
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


def _add_old_upload(routes: Blueprint, bundles: BundleStore, max_bytes: int) -> None:
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


def _limit_body(max_bytes: int) -> None:
    """Raise `BundleTooLarge` if the request says that it is too long, and have a longer one cut off."""
    request.max_content_length = max_bytes + 1
    if (request.content_length or 0) > max_bytes:
        raise BundleTooLarge(f"The bundle is larger than {max_bytes} bytes.", limit=max_bytes)
