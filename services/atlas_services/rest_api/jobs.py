"""The routes of one job."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from atlas_core.ids import check_job_id, now
from atlas_core.values import to_public
from atlas_services.openapi import Answer, Operation, describes
from atlas_services.openapi.schema import list_of
from atlas_services.rest_api.artifacts import ARTIFACT, artifact_of
from atlas_services.rest_api.description import JOB, describe
from atlas_services.tracker import JobView, Tracker

_JOB = Operation("All that is known of a job", {200: Answer(schema=JOB)}, (400, 404))
_ARTIFACTS = Operation("The artifacts of a job", {200: Answer(schema=list_of(ARTIFACT))}, (400, 404))


def routes(tracker: Tracker, base: str) -> Blueprint:
    """Return the blueprint; `base` is the address at which clients reach the archive."""
    blueprint = Blueprint("jobs", __name__)

    @blueprint.get("/jobs/<job_id>")
    @describes(_JOB)
    def job(job_id: str) -> dict[str, Any]:
        return everything_of(tracker, tracker.jobs.view(check_job_id(job_id)), now(), base)

    @blueprint.get("/jobs/<job_id>/artifacts")
    @describes(_ARTIFACTS)
    def artifacts(job_id: str) -> list[dict[str, Any]]:
        view = tracker.jobs.view(check_job_id(job_id))
        return [artifact_of(base, job_id, key, stored) for key, stored in view.artifacts.items()]

    return blueprint


def everything_of(tracker: Tracker, view: JobView, time: float, base: str) -> dict[str, Any]:
    """Return all that is known of a job, as JSON shows it at `time`."""
    facts = {**(view.record.facts or {}), **tracker.jobs.facts(view.record.job_id)}
    return {**describe(view, time, base), "facts": to_public(facts)}
