"""The original's words for the states of a deployment."""

from __future__ import annotations

deployment_queued = "Queued"
deployment_running = "Running"
deployment_completed = "Completed"
deployment_error = "Error"
