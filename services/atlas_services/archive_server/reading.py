"""The routes by which people read the archive: a file, a directory's list, or a whole directory as zip or tar."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request, send_file
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from atlas_core.errors import InvalidInput, NotFound
from atlas_core.ids import check_job_id
from atlas_services.archive_server.media import HEAD, media_type
from atlas_services.archive_server.shelves import Shelves
from atlas_services.openapi import Answer, Header, Operation, Param, describes
from atlas_services.openapi.schema import COUNT, FLAG, TEXT, TIME, Named, list_of, members, one_of
from atlas_services.storage import Entry
from atlas_services.storage.packing import PACKERS
from atlas_services.web import stream

#: What a file may do in a browser that shows it: nothing. An SVG image of a job runs no script.
_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
#: What a page of HTML may do in a frame of ours, where it is shown on purpose: draw, and run the scripts that are
#: written in it, as a site of its own that reaches no server, ours least of all.
_FRAMED = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; media-src data: blob:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
_PAGE = "text/html"
#: A job may store a file again: who has a copy asks whether it has changed.
_CACHING = "private, no-cache"

_ENTRY = Named(
    "Entry",
    members(
        {"name": TEXT, "kind": one_of(("file", "directory")), "size": COUNT, "modified": TIME, "executable": FLAG},
    ),
)
_FORM = Param("format", "Of a directory: json, a list; or all files below it in one.", one_of(("json", *PACKERS)))
_PACKED = tuple(kind for kind, _ in PACKERS.values())
_DIRECTORY = Operation(
    "What a job's directory holds, or all of its files in one",
    {200: Answer("By name; or packed.", list_of(_ENTRY), or_else=_PACKED)},
    (400, 404),
    query=(_FORM,),
    takes_anything=True,
)
_READ = Operation(
    "A file of a job; with a slash at the end of its path, a directory as above",
    {
        200: Answer("Of the kind that its content tells.", media="*/*"),
        206: Answer("The part that was asked for.", media="*/*"),
        304: Answer(media=None),
    },
    (400, 404, 416),
    query=(_FORM, Param("framed", "1 where a page of HTML is to be shown in a frame.")),
    headers=(Header("Range", "Which bytes of it."), Header("If-None-Match", "The ETag of a copy.")),
    takes_anything=True,
)


def routes(shelves: Shelves) -> Blueprint:
    """Return the blueprint."""
    blueprint = Blueprint("reading", __name__)

    @blueprint.get("/archive/<job_id>/")
    @describes(_DIRECTORY)
    def directory(job_id: str) -> Response | list[dict[str, Any]]:
        return _directory(shelves, check_job_id(job_id), "")

    @blueprint.get("/archive/<job_id>/<path:path>")
    @describes(_READ)
    def read(job_id: str, path: str) -> Response | list[dict[str, Any]]:
        check_job_id(job_id)
        if path.endswith("/"):
            return _directory(shelves, job_id, path)
        found = shelves.file(job_id, path)
        if found is None:
            raise NotFound(f"Job `{job_id}` has no file `{path}`; for a directory, ask for `{path}/`.", path=path)
        name = path.rpartition("/")[2]
        if isinstance(found, Path):
            return _local(found, name)
        return _remote(shelves, f"{job_id}/{path}", found)

    return blueprint


def _directory(shelves: Shelves, job_id: str, path: str) -> Response | list[dict[str, Any]]:
    """Answer with what the directory holds, or with all files below it in one."""
    form = request.args.get("format", "json")
    if form == "json":
        return shelves.listing(job_id, path)
    if form not in PACKERS:
        words = ", ".join(["json", *PACKERS])
        raise InvalidInput(f"format: {form!r} is no form of a directory; choose one of {words}.", field="format")
    kind, pack = PACKERS[form]
    members = shelves.members(job_id, path)
    name = "-".join([job_id, *path.rstrip("/").split("/")]).rstrip("-")
    answer = stream(pack(members), kind, {"Cache-Control": _CACHING})
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.{form}")
    return answer


def _local(path: Path, name: str) -> Response:
    """Answer with a file of this machine, which the kernel copies."""
    status = path.stat()
    with path.open("rb") as file:
        kind, inline = media_type(name, file.read(HEAD))
    response = send_file(
        path,
        mimetype=kind,
        as_attachment=not inline and not _is_framed(kind),
        download_name=name,
        conditional=True,
        etag=f"{status.st_mtime_ns:x}-{status.st_size:x}",
    )
    return _guarded(response, kind)


def _remote(shelves: Shelves, path: str, entry: Entry) -> Response:
    """Answer with a file of the object store, or with the part that is asked for."""
    kind, inline = media_type(entry.name, shelves.head(path, HEAD))
    start, stop = 0, entry.size
    wanted = request.range if request.if_range.etag in (None, entry.tag) else None
    if wanted is not None and wanted.units == "bytes":
        part = wanted.range_for_length(entry.size)
        if part is None:
            raise RequestedRangeNotSatisfiable(entry.size)
        start, stop = part
    chunks = iter(()) if request.method == "HEAD" else shelves.chunks(path, start, stop)
    response = Response(chunks, status=200 if wanted is None else 206, content_type=kind)
    response.headers["Content-Length"] = str(stop - start)
    if wanted is not None:
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{entry.size}"
    response.headers["Accept-Ranges"] = "bytes"
    shown = inline or _is_framed(kind)
    response.headers.set("Content-Disposition", "inline" if shown else "attachment", filename=entry.name)
    response.set_etag(entry.tag)
    response.last_modified = datetime.fromtimestamp(entry.modified, timezone.utc)
    if wanted is None:
        response.make_conditional(request)
    return _guarded(response, kind)


def _is_framed(kind: str) -> bool:
    """Whether a page is asked for by a frame. In a window of its own it could look like a page of ours."""
    asks = kind == _PAGE and request.args.get("framed") == "1"
    return asks and request.headers.get("Sec-Fetch-Dest", "iframe") == "iframe"  # browsers send it to safe addresses


def _guarded(response: Response, kind: str) -> Response:
    response.headers["Content-Security-Policy"] = _FRAMED if _is_framed(kind) else _POLICY
    response.headers["Cache-Control"] = _CACHING
    return response
