"""What Atlas itself says on the terminal: `Foundations INFO: ...`.

Only the loggers below "foundations" get a handler of ours; the user's loggers and the root are left alone.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    _Handler = logging.StreamHandler[TextIO]
else:
    _Handler = logging.StreamHandler  # it cannot be subscripted when it runs in Python 3.9 and 3.10

_SHORT = "Foundations %(levelname)s: %(message)s"
_LONG = "%(asctime)s - %(name)s - %(levelname)s - %(message)s"

logger = logging.getLogger("foundations")


class _CurrentStdout(_Handler):
    """Writes to whatever `sys.stdout` is now, so that redirection by the user is honoured."""

    def __init__(self) -> None:
        super().__init__(sys.stdout)

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stdout
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is the base class's
        """Say nothing when nobody reads any more: the pipe is broken, or standard output is closed."""
        if not isinstance(sys.exc_info()[1], (OSError, ValueError)):
            super().handleError(record)


def configure_logging(level: str = "INFO") -> None:
    """Show messages of `level` and above on standard output. Safe to call again, with another level too."""
    handler = next((each for each in logger.handlers if isinstance(each, _CurrentStdout)), None)
    if handler is None:
        handler = _CurrentStdout()
        logger.addHandler(handler)
    handler.setFormatter(logging.Formatter(_SHORT if level == "INFO" else _LONG))
    logger.setLevel(level)
    logger.propagate = False
