"""PyTorch Lightning: a logger for `Trainer(logger=FoundationsLogger())`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lightning.pytorch.loggers.logger import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
    Logger,
    rank_zero_experiment,
)

import foundations
from foundations.integrations.values import log_numbers, log_settings


class FoundationsLogger(Logger):  # type: ignore[misc,unused-ignore]
    """Sends what the module logs to the job as metrics, and its hyper-parameters as parameters. Rank 0 alone speaks."""

    @property
    def name(self) -> str:
        """The project."""
        return foundations.current_foundations_job().project_name or "default"

    @property
    def version(self) -> str:
        """The job's id."""
        return foundations.current_foundations_job().job_id or "none"

    @property
    @rank_zero_experiment  # type: ignore[untyped-decorator,unused-ignore]
    def experiment(self) -> Any:
        """The functions that log, for calls of one's own."""
        return foundations

    def log_hyperparams(self, params: Any, *_: Any, **__: Any) -> None:
        """Log hyper-parameters: a mapping, or an object whose attributes they are."""
        if self._speaks():
            log_settings(params if isinstance(params, Mapping) else vars(params))

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Log metrics."""
        if self._speaks():
            log_numbers(metrics, step)

    def _speaks(self) -> bool:
        return self.experiment is foundations  # other ranks get an object that does nothing
