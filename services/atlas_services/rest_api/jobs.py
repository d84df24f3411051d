"""The route of one job."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from atlas_core.ids import check_job_id, now
from atlas_core.values import to_public
from atlas_services.rest_api.description import describe
from atlas_services.tracker import Tracker


def routes(tracker: Tracker, base: str) -> Blueprint:
    """Return the blueprint; `base` is the address at which clients reach the archive."""
    blueprint = Blueprint("jobs", __name__)

    @blueprint.get("/jobs/<job_id>")
    def job(job_id: str) -> dict[str, Any]:
        view = tracker.jobs.view(check_job_id(job_id))
        facts = {**(view.record.facts or {}), **tracker.jobs.facts(job_id)}
        return {**describe(view, now(), base), "facts": to_public(facts)}

    return blueprint
