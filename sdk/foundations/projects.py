"""What a script says and asks about projects, under the name that the original's scripts import."""

from __future__ import annotations

from foundations.listing import _get_metrics_for_all_jobs, get_metrics_for_all_jobs
from foundations.tags import set_project_name, set_tag

__all__ = ["_get_metrics_for_all_jobs", "get_metrics_for_all_jobs", "set_project_name", "set_tag"]
