"""Structured logs: one JSON object a line, rotated."""

from __future__ import annotations

import json
import logging
from contextvars import ContextVar
from datetime import datetime, timezone
from logging.handlers import RotatingFileHandler
from pathlib import Path

#: The id of the request that this thread answers.
REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)

#: Each service keeps at most this much: the file in use and two older ones.
_MAX_BYTES = 10 * 1024 * 1024
_OLDER = 2


class JsonLines(logging.Formatter):
    """Renders a record as one JSON object."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (request_id := REQUEST_ID.get()) is not None:
            line["request_id"] = request_id
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def log_to_stderr(service: str, level: str = "INFO") -> None:
    """Send everything of this process to standard error, for a container or a terminal."""
    _use(logging.StreamHandler(), service, level)


def log_to_file(service: str, directory: Path, level: str = "INFO") -> None:
    """Send everything of this process to `<directory>/<service>.log`."""
    directory.mkdir(parents=True, exist_ok=True)
    _use(RotatingFileHandler(directory / f"{service}.log", maxBytes=_MAX_BYTES, backupCount=_OLDER), service, level)


def _use(handler: logging.Handler, service: str, level: str) -> None:
    handler.setFormatter(JsonLines(service))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
