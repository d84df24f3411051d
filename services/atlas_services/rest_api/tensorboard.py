"""Sending jobs to TensorBoard: who chooses jobs gets the address at which TensorBoard shows them, and no others."""

from __future__ import annotations

import time
from typing import Any

from flask import Blueprint, Response, jsonify

from atlas_core.client import Connection
from atlas_core.errors import InvalidInput, JobNotFound
from atlas_core.ids import check_job_id
from atlas_services.gate import sees
from atlas_services.openapi import Answer, Body, Operation, describes
from atlas_services.openapi.schema import TEXT, list_of, members
from atlas_services.tracker import JobView, Tracker
from atlas_services.web import json_body

#: The tag of jobs that keep a TensorBoard directory: it is set before the first file of it is there.
_TAG = "tf"
#: The tag by which people name a job.
_NAME = "name"
_WANTED = "Expected a json object with key 'job_ids'"

_JOBS = Body(members({"job_ids": list_of(TEXT)}))
_URL = Answer("The address for a browser.", members({"url": TEXT}))
_OLD_SEND = Operation(
    "Show jobs in TensorBoard",
    {200: _URL, 400: Answer("A sentence, or a problem.", media="*/*")},
    (404, 409, 503),
    body=_JOBS,
    is_old=True,
)
_SEND = Operation("Show jobs in TensorBoard", {200: _URL}, (400, 404, 409, 503), body=_JOBS)


def v2_routes(tracker: Tracker, tensorboard: Connection, base: str) -> Blueprint:
    """Return the original's route; `base` is the address at which browsers find TensorBoard."""
    blueprint = Blueprint("tensorboard", __name__)

    @blueprint.post("/upload_to_tensorboard")
    @describes(_OLD_SEND)
    def upload() -> Response:
        try:
            job_ids = json_body().get("job_ids")
        except InvalidInput:
            job_ids = None
        if not isinstance(job_ids, list):
            response = jsonify(_WANTED)
            response.status_code = 400
            return response
        return jsonify({"url": _address(tracker, tensorboard, base, job_ids)})

    return blueprint


def v3_routes(tracker: Tracker, tensorboard: Connection, base: str) -> Blueprint:
    """Return the new route; `base` is the address at which browsers find TensorBoard."""
    blueprint = Blueprint("tensorboard_v3", __name__)

    @blueprint.post("/tensorboard")
    @describes(_SEND)
    def send() -> dict[str, str]:
        job_ids = json_body().get("job_ids")
        if not isinstance(job_ids, list):
            raise InvalidInput(
                f'job_ids: {job_ids!r} is no list of jobs; send {{"job_ids": ["..."]}}.', field="job_ids"
            )
        return {"url": _address(tracker, tensorboard, base, job_ids)}

    return blueprint


def _address(tracker: Tracker, tensorboard: Connection, base: str, job_ids: list[Any]) -> str:
    """Have TensorBoard show these jobs, and return where. Raises `InvalidInput`, `JobNotFound` or what it answers."""
    wanted = list(dict.fromkeys(check_job_id(job_id) for job_id in job_ids))
    views = [view for view in tracker.jobs.views(wanted) if sees(view.record.project)]
    missing = set(wanted).difference(view.record.job_id for view in views)
    if missing:
        job_id = min(missing)
        raise JobNotFound(f"Job `{job_id}` does not exist.", job_id=job_id)
    answer = tensorboard.ask(dict, "POST", "/selections", safe=True, json={"jobs": [_shown(view) for view in views]})
    with tensorboard.understood():
        return f"{base}/tensorboard/{answer['selection']}/"


def _shown(view: JobView) -> dict[str, Any]:
    record = view.record
    begun = time.strftime("%Y-%m-%d %H.%M", time.gmtime(record.start_time or record.creation_time))
    label = view.tags.get(_NAME) or f"{record.project} {begun}"
    return {"job_id": record.job_id, "label": str(label), "keeps": _TAG in view.tags}
