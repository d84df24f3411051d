"""LightGBM: a callback that logs what is evaluated after each round.

lightgbm.train(params, data, valid_sets=[valid], callbacks=[log_evaluation()])
"""

from __future__ import annotations

from typing import Any, Callable

from foundations.integrations.values import log_numbers, log_settings


def log_evaluation() -> Callable[[Any], None]:
    """Return a callback that logs the parameters once and each round's evaluations, as `valid_0-binary_logloss`."""

    def after_round(environment: Any) -> None:
        if environment.iteration == environment.begin_iteration:
            log_settings(environment.params or {})
        results = environment.evaluation_result_list or []
        log_numbers({f"{data}-{name}": value for data, name, value, *_ in results}, environment.iteration)

    after_round.order = 20  # type: ignore[attr-defined]  # LightGBM calls callbacks in this order; early stopping is 30
    return after_round
