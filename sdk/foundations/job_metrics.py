"""The original's name of `foundations.metrics`, for scripts that import from it."""

from __future__ import annotations

from foundations.metrics import log_metric

__all__ = ["log_metric"]
