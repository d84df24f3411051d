"""A submitted job, seen from the process that submitted it. Everything is asked of the server."""

from __future__ import annotations

import codecs
import contextlib
import logging
import sys
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, Callable, TypeVar

from atlas_core.client import RestClient, SchedulerClient
from atlas_core.errors import AtlasError, JobNotFound, ServerError, ServerUnreachable
from atlas_core.states import JobStatus
from foundations import log_stream

_log = logging.getLogger("foundations.deployment")

#: Seconds between two questions for the state of a job, and how long the server may be away meanwhile.
_FIRST_PAUSE, _LONGEST_PAUSE, _PATIENCE = 0.1, 2.0, 300.0

#: What people were told before there were the states `pending` and `failed`.
_OLD_WORDS = {JobStatus.PENDING: "queued", JobStatus.FAILED: "completed"}

T = TypeVar("T")


class Deployment:
    """A job that was submitted. Its methods raise `JobNotFound` when it is gone, unless they say otherwise.

    For example:

        job = foundations.submit(command=["main.py"])
        if not job.is_job_complete():
            job.wait(timeout=3600)
        print(job.status(), job.metrics().get("accuracy"), job.logs())
    """

    def __init__(self, job_id: str, project: str, scheduler: SchedulerClient, rest: RestClient) -> None:
        self.job_id = job_id
        self.project = project
        self._scheduler = scheduler
        self._rest = rest

    def __repr__(self) -> str:
        return f"Deployment({self.job_id!r})"

    def job_name(self) -> str:
        """Return the job's id."""
        return self.job_id

    def status(self) -> JobStatus:
        """Return the job's state."""
        return self._scheduler.status(self.job_id)

    def wait(self, timeout: float | None = None) -> JobStatus:
        """Return the state in which the job ended. Raises `TimeoutError` after `timeout` seconds."""
        deadline = float("inf") if timeout is None else time.monotonic() + timeout
        pause, patience = _FIRST_PAUSE, _Patience()
        while True:
            status = patience.ask(self.status)
            if status is not None and status.is_finished:
                return status
            if time.monotonic() + pause > deadline:
                raise TimeoutError(f"Job `{self.job_id}` has not ended within {timeout} seconds.")
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    def stop(self) -> None:
        """End the job, whether it waits or runs. Raises `InvalidTransition` when it has ended."""
        self._scheduler.cancel(self.job_id)

    def logs(self) -> str:
        """Return what the job has printed so far."""
        with self._scheduler.log_stream(self.job_id, follow=False) as chunks:
            return b"".join(chunks).decode("utf-8", "replace")

    def metrics(self) -> dict[str, Any]:
        """Return the last value of each metric."""
        return {name: summary["last"] for name, summary in self._facts()["metrics"].items()}

    def parameters(self) -> dict[str, Any]:
        """Return the parameters that the job logged."""
        return dict(self._facts()["parameters"])

    def is_job_complete(self) -> bool:
        """Whether the job has ended, well or badly."""
        return self.status().is_finished

    def get_job_status(self) -> str | None:
        """Return `queued`, `running`, `completed` (also for a failed job), or None when there is no such job."""
        status = self._known_status()
        return None if status is None else _OLD_WORDS.get(status, status.value)

    def get_true_job_status(self) -> str | None:
        """Return the job's state in full, or None when there is no such job."""
        status = self._known_status()
        return None if status is None else status.value

    def get_job_logs(self) -> str:
        """Return what the job has printed so far; empty when that cannot be had."""
        with contextlib.suppress(AtlasError):
            return self.logs()
        return ""

    def stream_job_logs(self) -> None:
        """Print the job's log as it appears, until the job ends. An interrupt ends the printing alone."""
        if log_stream.is_disabled():
            return
        decoder = codecs.getincrementaldecoder("utf-8")("replace")

        def write(chunk: bytes) -> None:
            sys.stdout.write(decoder.decode(chunk))
            sys.stdout.flush()

        try:
            log_stream.stream(self._scheduler, self.job_id, write)
        except JobNotFound as error:
            _log.warning("%s", error)
        except KeyboardInterrupt:
            _log.info("Streaming has stopped; job '%s' goes on.", self.job_id)

    def wait_for_deployment_to_complete(self, wait_seconds: float = 5, log_output: bool = True) -> None:
        """Wait until the job has ended, asking every `wait_seconds`. A server that is away is waited for."""
        patience = _Patience()
        while not patience.ask(self.is_job_complete):
            if log_output:
                _log.info("waiting for job `%s` to finish", self.job_id)
            time.sleep(wait_seconds)
        if log_output:
            _log.info("job `%s` completed", self.job_id)

    def get_job_details(self, wait_seconds: float = 5) -> dict[str, Any]:
        """Wait until the job has ended; return who ran it, when, and what it logged (of metrics the last value)."""
        self.wait_for_deployment_to_complete(wait_seconds, log_output=False)
        facts = self._facts_at_end()
        return {
            "project_name": facts["project"],
            "job_id": self.job_id,
            "user": facts["user"],
            "status": facts["status"],
            "start_time": _utc(facts.get("start_time")),
            "completed_time": _utc(facts.get("completed_time")),
            "creation_time": facts.get("creation_time"),
            "tags": list(facts["tags"]),
            "metrics": {name: summary["last"] for name, summary in facts["metrics"].items()},
            "parameters": dict(facts["parameters"]),
        }

    def get_metric(self, name: str, wait_seconds: float = 5) -> Any:
        """Wait until the job has ended; return the metric's first value. Raises `KeyError` without such a metric."""
        return self._logged("Metric", "metrics", name, wait_seconds)["first"]

    def get_param(self, name: str, wait_seconds: float = 5) -> Any:
        """Wait until the job has ended; return the parameter. Raises `KeyError` without such a parameter."""
        return self._logged("Parameter", "parameters", name, wait_seconds)

    def _logged(self, noun: str, kind: str, name: str, wait_seconds: float) -> Any:
        self.wait_for_deployment_to_complete(wait_seconds, log_output=False)
        logged: Mapping[str, Any] = self._facts_at_end()[kind]
        if name not in logged:
            raise KeyError(f"{noun} '{name}' does not exist.")
        return logged[name]

    def _facts_at_end(self) -> dict[str, Any]:
        patience = _Patience()
        while (facts := patience.ask(self._facts)) is None:
            time.sleep(_LONGEST_PAUSE)
        return facts

    def _facts(self) -> dict[str, Any]:
        return self._rest.job(self.job_id)

    def _known_status(self) -> JobStatus | None:
        try:
            return self.status()
        except JobNotFound:
            return None


class _Patience:
    """Lets the server be away for five minutes."""

    def __init__(self) -> None:
        self._answered = time.monotonic()

    def ask(self, question: Callable[[], T]) -> T | None:
        """Return the answer, or None while the server is away. Raises `AtlasError` when it stays away."""
        try:
            answer = question()
        except (ServerUnreachable, ServerError):
            if time.monotonic() - self._answered > _PATIENCE:
                raise
            return None
        self._answered = time.monotonic()
        return answer


def _utc(moment: float | None) -> datetime | None:
    """Return a time in UTC without its zone, as these were always given."""
    return None if moment is None else datetime.fromtimestamp(moment, timezone.utc).replace(tzinfo=None)


#: The name under which scripts know it.
DeploymentWrapper = Deployment
