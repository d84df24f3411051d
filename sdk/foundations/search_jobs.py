"""The jobs of a search: what each was given, how far it is, and which one is best."""

from __future__ import annotations

import contextlib
import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, Union, overload

from atlas_core.errors import (
    InvalidInput,
    InvalidTransition,
    JobNotFound,
    ProjectNotFound,
    ServerError,
    ServerUnreachable,
)
from atlas_core.ids import new_job_id
from atlas_core.jobs import Submission
from atlas_core.states import JobStatus
from foundations.deployment import Deployment
from foundations.submission_server import SubmissionServer

if TYPE_CHECKING:
    from pandas import DataFrame  # type: ignore[import-untyped,import-not-found,unused-ignore]

    from atlas_core.bundle import Manifest

_log = logging.getLogger("foundations.search")

#: The tags by which the jobs of a search are found: its id, and the number of the trial.
SEARCH_TAG, NUMBER_TAG = "search", "trial"

#: Seconds between two questions; at least so many times what an answer takes, so that asking costs the server little.
_PAUSE, _SHARE = 0.5, 10
#: Seconds that the server may be away.
_PATIENCE = 300.0


@dataclass
class Trial:
    """One of a search's trials: what was last heard of its job. Without a job it has not been submitted yet."""

    number: int
    params: Mapping[str, Any]
    job: Deployment | None = None
    status: JobStatus | None = None
    #: The last value of each metric.
    metrics: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_finished(self) -> bool:
        """Whether its job has ended, well or badly."""
        return self.status is not None and self.status.is_finished


class SearchJobs(Sequence[Trial]):
    """The trials of a search with their jobs, in the order of their numbers. `Trials.submit` makes it."""

    def __init__(
        self,
        search_id: str,
        base: Submission,
        server: SubmissionServer,
        bundle: Manifest,
        trials: Sequence[Trial],
        at_once: int | None,
    ) -> None:
        #: What the jobs carry as the tag `search`.
        self.search_id = search_id
        self.project = base.project
        self._base = base
        self._server = server
        self._bundle = bundle
        #: The id of the job of each trial: one whose answer was lost is sent again, and is the same job.
        self._ids: dict[int, str] = {}
        self._trials = list(trials)
        self._at_once = at_once
        self._is_stopped = False

    def __len__(self) -> int:
        return len(self._trials)

    @overload
    def __getitem__(self, index: int) -> Trial: ...

    @overload
    def __getitem__(self, index: slice) -> list[Trial]: ...

    def __getitem__(self, index: Union[int, slice]) -> Any:
        return self._trials[index]

    @property
    def jobs(self) -> list[Deployment]:
        """The jobs that have been submitted."""
        return [trial.job for trial in self._trials if trial.job is not None]

    def wait(self, timeout: float | None = None) -> SearchJobs:
        """Return itself once every job has ended, submitting what is left as others end.

        Raises `TimeoutError` after `timeout` seconds. A server that is away is waited for, five minutes. After an
        interrupt the jobs go on, and waiting may be taken up again.
        """
        deadline = math.inf if timeout is None else time.monotonic() + timeout
        answered = time.monotonic()
        while True:
            asked = time.monotonic()
            try:
                self._refresh(lambda trial: trial.job is not None and not trial.is_finished)
                self.submit_next()
                answered = time.monotonic()
            except (ServerUnreachable, ServerError):
                if time.monotonic() - answered > _PATIENCE:
                    raise
            left = sum(not trial.is_finished for trial in self._expected())
            if not left:
                return self
            pause = max(_PAUSE, _SHARE * (time.monotonic() - asked))
            if time.monotonic() + pause > deadline:
                raise TimeoutError(f"{left} jobs of search '{self.search_id}' have not ended within {timeout} seconds.")
            time.sleep(pause)

    def best(self, metric: str, mode: str = "max") -> Trial:
        """Return the trial with the highest (`mode="min"`: lowest) last value of a metric, of those that logged it.

        Raises `KeyError` when none has, `InvalidInput` for another mode.
        """
        if mode not in {"max", "min"}:
            raise InvalidInput(f'mode: {mode!r} says neither "max" nor "min".', field="mode")
        self._refresh(lambda trial: trial.job is not None)
        with_metric = [trial for trial in self._trials if _is_number(trial.metrics.get(metric))]
        if not with_metric:
            raise KeyError(f"No job of search '{self.search_id}' has logged a number as '{metric}'.")
        choose = max if mode == "max" else min
        return choose(with_metric, key=lambda trial: float(trial.metrics[metric]))

    def table(self) -> DataFrame:
        """Return a table with a row for each trial: number, job, status, parameters, last values of metrics.

        Raises `ImportError` when pandas is not installed.
        """
        pandas = import_module("pandas")  # heavy, and of use to nobody else
        self._refresh(lambda trial: trial.job is not None)
        rows = [
            {
                "trial": trial.number,
                "job_id": None if trial.job is None else trial.job.job_id,
                "status": None if trial.status is None else trial.status.value,
                **trial.params,
                **trial.metrics,
            }
            for trial in self._trials
        ]
        table: DataFrame = pandas.DataFrame(rows)
        return table

    def stop(self) -> None:
        """End every job of the search that has not ended, and submit no more."""
        self._is_stopped = True
        for trial in self._trials:
            if trial.job is not None and not trial.is_finished:
                try:
                    trial.job.stop()
                except (InvalidTransition, JobNotFound):  # it has ended meanwhile
                    continue

    def submit_next(self) -> None:
        """Submit as many of the trials that have no job as may be there at once."""
        if self._is_stopped:
            return
        active = sum(trial.job is not None and not trial.is_finished for trial in self._trials)
        waiting = [trial for trial in self._trials if trial.job is None]
        for trial in waiting if self._at_once is None else waiting[: max(self._at_once - active, 0)]:
            self._submit(trial)

    def adopt(self, trial: Trial, row: Mapping[str, Any]) -> None:
        """Give a trial the job that a row of the project's table describes."""
        trial.job = self._deployment(row["job_id"])
        _note(trial, row["status"], row["metrics"])

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the rows of the project's jobs, newest first; none before there is such a project."""
        with contextlib.suppress(ProjectNotFound):
            yield from self._server.rest.project_jobs(self.project)

    def _expected(self) -> list[Trial]:
        """Return the trials that have a job or will get one."""
        return [trial for trial in self._trials if trial.job is not None or not self._is_stopped]

    def _submit(self, trial: Trial) -> None:
        spec = replace(self._base.spec, params=trial.params)
        tags = {**self._base.tags, SEARCH_TAG: self.search_id, NUMBER_TAG: str(trial.number)}
        job_id = self._ids.setdefault(trial.number, new_job_id())
        whole = replace(self._base, job_id=job_id, spec=spec, tags=tags)
        self._server.submit(whole, self._bundle)
        trial.job, trial.status = self._deployment(whole.job_id), JobStatus.QUEUED

    def _deployment(self, job_id: str) -> Deployment:
        return Deployment(job_id, self.project, self._server.scheduler, self._server.rest)

    def _refresh(self, concerns: Callable[[Trial], bool]) -> None:
        """Bring what is known of some trials up to date: in one request, however many they are."""
        wanted = {trial.job.job_id: trial for trial in self._trials if trial.job is not None and concerns(trial)}
        rows = self.rows() if wanted else iter(())
        while wanted:
            row = next(rows, None)
            if row is None:
                break
            trial = wanted.pop(row["job_id"], None)
            if trial is not None:
                self._tell(trial, row["status"], row["metrics"])
        for job_id, trial in wanted.items():  # these have moved to another project
            self._ask(job_id, trial)

    def _ask(self, job_id: str, trial: Trial) -> None:
        try:
            facts = self._server.rest.job(job_id)
        except JobNotFound:  # somebody deleted it; nothing more will come of it
            self._tell(trial, JobStatus.FAILED.value, {})
            return
        self._tell(trial, facts["status"], {name: each["last"] for name, each in facts["metrics"].items()})

    def _tell(self, trial: Trial, status: str, metrics: Mapping[str, Any]) -> None:
        was_finished = trial.is_finished
        _note(trial, status, metrics)
        if trial.is_finished and not was_finished and trial.job is not None:
            _log.info("Trial %d of %d, job '%s': %s.", trial.number, len(self), trial.job.job_id, status)


def _note(trial: Trial, status: str, metrics: Mapping[str, Any]) -> None:
    trial.status, trial.metrics = JobStatus(status), metrics


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)
