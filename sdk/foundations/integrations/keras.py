"""Keras: a callback for `model.fit(..., callbacks=[FoundationsCallback()])`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras  # type: ignore[import-not-found,import-untyped,unused-ignore]

from foundations.integrations.values import log_numbers, log_settings


class FoundationsCallback(keras.callbacks.Callback):  # type: ignore[misc,unused-ignore]
    """Logs each epoch's metrics, the optimizer's settings and the number of weights.

    With `every` so many batches, metrics of batches are logged, too, as `batch_<name>`.
    """

    def __init__(self, every: int | None = None) -> None:
        super().__init__()
        self._every = every
        self._batches = 0

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Log what is trained, and how."""
        optimizer = getattr(self.model, "optimizer", None)
        settings = {} if optimizer is None else optimizer.get_config()
        log_settings({name: value for name, value in settings.items() if value is not None}, "optimizer_")
        if self.model.built:
            log_settings({"weights": self.model.count_params()})

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Log a batch now and then."""
        self._batches += 1
        if self._every and self._batches % self._every == 0:
            log_numbers(logs or {}, self._batches, "batch_")

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Log the epoch."""
        log_numbers(logs or {}, epoch)

    def on_test_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Log an evaluation that stands alone."""
        if not self._batches:
            log_numbers(logs or {}, prefix="test_")
