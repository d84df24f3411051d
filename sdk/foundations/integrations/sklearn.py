"""scikit-learn: what was fitted with what, how well it does, and each candidate of a search.

log_fit(model, test_x, test_y)
"""

from __future__ import annotations

from typing import Any

import foundations
from foundations.integrations.values import log_numbers, log_settings


def log_fit(model: Any, x: Any = None, y: Any = None, prefix: str = "") -> None:
    """Log a fitted model: its class and parameters; its `score` on `x` and `y`; how a search or an iteration went.

    A search (`GridSearchCV` and the like) logs its best score and parameters, and all candidates as a table; a model
    with a `loss_curve_` logs it. Names begin with `prefix`. Raises `TypeError` for what has no `get_params`.
    """
    if not callable(getattr(model, "get_params", None)):
        raise TypeError(f"model: {type(model).__name__} is no model of scikit-learn.")
    foundations.log_param(f"{prefix}model", type(model).__name__)
    log_settings(model.get_params(deep=False), prefix)
    if x is not None:
        log_numbers({"score": model.score(x) if y is None else model.score(x, y)}, prefix=prefix)
    for step, loss in enumerate(getattr(model, "loss_curve_", ()), start=1):
        log_numbers({"loss": loss}, step, prefix)
    if hasattr(model, "cv_results_"):
        _log_search(model, prefix)


def _log_search(search: Any, prefix: str) -> None:
    results = search.cv_results_
    columns = {name: list(values) for name, values in results.items() if not name.startswith(("params", "split"))}
    foundations.log_table(columns, f"{prefix}candidates.csv")
    for number, score in enumerate(results.get("mean_test_score", ())):
        log_numbers({"candidate_score": score}, number, prefix)
    if hasattr(search, "best_params_"):
        log_settings(search.best_params_, f"{prefix}best_")
        log_numbers({"best_score": search.best_score_}, prefix=prefix)
