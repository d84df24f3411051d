"""The configuration files that clients on this machine need; written where they are missing, never changed."""

from __future__ import annotations

import logging

from atlas_core.config import SUFFIX, read_yaml
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


def write_missing_configuration(settings: Settings) -> None:
    """Write the execution and the submission configuration, unless they are there; warn if they point elsewhere."""
    files = {
        ("execution", "default", "server_url"): _EXECUTION,
        ("submission", "scheduler", "scheduler_url"): _SUBMISSION,
    }
    for (kind, name, key), text in files.items():
        path = settings.home / "config" / kind / f"{name}{SUFFIX}"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.format(url=settings.proxy_url))
            continue
        url = read_yaml(path).get(key)
        if url is not None and str(url).rstrip("/") != settings.proxy_url:
            _log.warning("%s points to %s, but this stack listens at %s.", path, url, settings.proxy_url)
