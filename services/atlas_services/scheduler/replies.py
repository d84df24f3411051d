"""Answers of the original's routes: plain texts, and strings as JSON."""

from __future__ import annotations

from flask import Response
from markupsafe import escape

from atlas_core.errors import InvalidInput, JobNotFound
from atlas_core.ids import check_job_id
from atlas_services.openapi import Answer
from atlas_services.tracker import JobRecord, Jobs

#: What `text` returns.
SENTENCE = Answer("A sentence.", media="text/html")
#: An answer without a body.
NOTHING = Answer(media=None)


def text(message: str, status: int = 200) -> Response:
    """Return a plain sentence. Old clients expect it as HTML, so what a request put into it is escaped."""
    return Response(
        str(escape(message)) if "<" in message else message, status, content_type="text/html; charset=utf-8"
    )


def bad_job_id(job_id: str) -> Response:
    """Return the answer for a job that is not there."""
    return text(f"Bad job id {job_id}", 404)


def find(jobs: Jobs, job_id: str) -> JobRecord | None:
    """Return the facts of a job; None if there is no such job, whatever the id looks like."""
    try:
        return jobs.get(check_job_id(job_id))
    except (InvalidInput, JobNotFound):
        return None
