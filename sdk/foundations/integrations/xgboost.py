"""XGBoost: a callback that logs what is evaluated after each round.

xgboost.train(params, data, evals=[(valid, "valid")], callbacks=[FoundationsCallback(params)])
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from xgboost.callback import TrainingCallback  # type: ignore[import-untyped,import-not-found,unused-ignore]

import foundations
from foundations.integrations.values import log_numbers, log_settings


class FoundationsCallback(TrainingCallback):  # type: ignore[misc,unused-ignore]
    """Logs each round's evaluations as metrics such as `valid-logloss`, and `params` as parameters.

    With `save_model`, the trained model is kept as an artifact of that name, such as `model.ubj`.
    """

    def __init__(self, params: Mapping[str, Any] | None = None, save_model: str | None = None) -> None:
        super().__init__()
        self._save_model = save_model
        log_settings(params or {})

    def after_iteration(self, model: Any, epoch: int, evals_log: Mapping[str, Any]) -> bool:
        """Log the round; training goes on."""
        for data, metrics in evals_log.items():
            log_numbers({name: _mean(values[-1]) for name, values in metrics.items()}, epoch, f"{data}-")
        return False

    def after_training(self, model: Any) -> Any:
        """Log which round was best, and keep the model if that is wanted."""
        if model.attr("best_iteration") is not None:  # it was stopped early
            log_numbers({"best_iteration": model.best_iteration, "best_score": model.best_score})
        if self._save_model is not None and hasattr(model, "save_raw"):
            _keep(model, self._save_model)
        return model


def _mean(value: Any) -> Any:
    """Return a value without the deviation that a cross-validation adds."""
    return value[0] if isinstance(value, tuple) else value


def _keep(model: Any, name: str) -> None:
    with TemporaryDirectory(prefix="foundations-") as folder:
        path = Path(folder, Path(name).name)
        model.save_model(path)
        foundations.save_artifact(path, key=name)
