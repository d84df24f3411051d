"""The configuration files that clients on this machine need, kept up to date as long as nobody has changed them."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from atlas_core.config import SUFFIX
from atlas_core.settings import Settings

_log = logging.getLogger("atlas.stack")

_EXECUTION = """\
# Where a script that imports foundations reports its run to.
server_url: {url}
log_level: INFO
"""
_SUBMISSION = """\
# Where `foundations submit scheduler ...` sends jobs to.
scheduler_url: {url}
"""


def write_configuration_files(settings: Settings) -> None:
    """Write the execution and the submission configuration, so that they name this stack.

    A file that somebody has changed is left as it is; if it names another server, a warning says so.
    """
    for kind, name, text in (("execution", "default", _EXECUTION), ("submission", "scheduler", _SUBMISSION)):
        path = settings.home / "config" / kind / f"{name}{SUFFIX}"
        wanted = text.format(url=settings.proxy_url)
        if not path.exists() or _is_ours(path, text):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted)
        elif settings.proxy_url not in path.read_text():
            _log.warning("%s does not name this stack, which listens at %s.", path, settings.proxy_url)


def _is_ours(path: Path, text: str) -> bool:
    """Whether the file is as this module wrote it, for whatever address."""
    before, _, after = text.partition("{url}")
    return re.fullmatch(re.escape(before) + r"\S+" + re.escape(after), path.read_text()) is not None
