"""Hugging Face Transformers: a callback for `Trainer(..., callbacks=[FoundationsCallback()])`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from transformers import TrainerCallback  # type: ignore[import-not-found,import-untyped,unused-ignore]

from foundations.integrations.values import log_numbers, log_settings


class FoundationsCallback(TrainerCallback):  # type: ignore[misc,unused-ignore]
    """Logs what the trainer logs, and its arguments once. Only the main process of a distributed training speaks."""

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Log the arguments of the training."""
        if state.is_world_process_zero:
            log_settings(args.to_sanitized_dict())

    def on_log(self, args: Any, state: Any, control: Any, logs: Mapping[str, Any] | None = None, **_: Any) -> None:
        """Log what the trainer logs, at its step."""
        if state.is_world_process_zero:
            log_numbers(logs or {}, state.global_step)
