"""A program that a service starts for one piece of work, which needs more memory than the service is to hold."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NoReturn

from atlas_core.errors import AtlasError
from atlas_core.settings import Settings
from atlas_services.logs import log_to_stderr
from atlas_services.process_life import die_with_parent
from atlas_services.tracker import UNAVAILABLE


def run(name: str, parent: str | None, work: Callable[[Settings], int]) -> NoReturn:
    """Do the work and end with the status that it returns, or with the process `parent`.

    Where the settings or Redis keep it from being done, end with 1 and a sentence on standard error.
    """
    log_to_stderr(name)
    if parent is not None:
        die_with_parent(int(parent))
    try:
        sys.exit(work(Settings.from_environment()))
    except AtlasError as error:
        sys.exit(error.message)
    except UNAVAILABLE as error:
        sys.exit(f"Redis does not answer: {error}")
