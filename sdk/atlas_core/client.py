"""HTTP clients of the services: one class a service, one connection pool for all, one way to fail."""

from __future__ import annotations

from atlas_core.archive_client import ArchiveClient, FileFacts
from atlas_core.connection import PATIENCE, TIMEOUT, UPLOAD_TIMEOUT, Connection, Token
from atlas_core.rest_client import LARGEST_PAGE, RestClient
from atlas_core.scheduler_client import LOG_SILENCE, SchedulerClient

__all__ = [
    "LARGEST_PAGE",
    "LOG_SILENCE",
    "PATIENCE",
    "TIMEOUT",
    "UPLOAD_TIMEOUT",
    "ArchiveClient",
    "Connection",
    "FileFacts",
    "RestClient",
    "SchedulerClient",
    "Token",
]
