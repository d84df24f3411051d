"""What a job logged and could not send itself, because it was killed for example: sent when the job has ended."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from atlas_services.scheduler.engines.job_environment import inherited
from atlas_services.scheduler.engines.job_files import has_records
from atlas_services.scheduler.engines.workspace import Workspace

_log = logging.getLogger("atlas.scheduler.docker")

#: Seconds for which a server that is away is asked again, and those that the end of the process may take beyond.
_PATIENCE, _MARGIN = 60, 15


def send_last_words(workspace: Workspace, server_url: str, environment: Mapping[str, str] = os.environ) -> None:
    """Send the journals in a job's home; what cannot be sent stays there.

    The job's processes must be dead. It is done as the job's user, who may be the scheduler's own: links that the job
    laid there are removed before.
    """
    if not has_records(workspace):
        return
    command = [sys.executable, "-m", "foundations.sync", "--home", str(workspace.home), "--timeout", str(_PATIENCE)]
    variables = {
        **inherited(environment),
        "FOUNDATIONS_SERVER_URL": server_url,
        "FOUNDATIONS_COMMAND_LINE": "True",
    }
    try:
        subprocess.run(
            command,
            env=variables,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE + _MARGIN,
            check=True,
            **_as_owner_of(workspace),
        )
    except (OSError, subprocess.SubprocessError) as error:
        _log.warning("%s: some of what the job logged is not sent yet: %s", workspace.path.name, error)


def _as_owner_of(workspace: Workspace) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    owner = workspace.path.stat()
    return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
