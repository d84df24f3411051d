"""Whose records these are: the job, its project and user, and the token with which they are sent."""

from __future__ import annotations

import base64
import getpass
import json
import logging
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from atlas_core.errors import InvalidInput
from atlas_core.ids import check_job_id, check_project_name
from foundations.plain_file import open_plain, plain_file

_log = logging.getLogger("foundations.run")

#: A script that was started by hand, and a job that the scheduler started.
EXECUTION, SCHEDULED = "execution", "scheduled"
FILE_NAME = "job.json"

#: The process that began the run and its job, for the processes of a pool that it starts: they log to the same job.
RUN_VARIABLE = "FOUNDATIONS_PARENT_RUN"

_FORBIDDEN = re.compile(r"[/\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Identity:
    """A run's identity as `job.json` keeps it. Without a `server_url` the configuration is asked when it is needed."""

    job_id: str
    project: str
    user: str
    mode: str
    token: str
    server_url: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], cwd: Path) -> Identity:
        """Return the job that the scheduler named in `environment`, else a new one.

        Raises `InvalidInput` when FOUNDATIONS_JOB_ID can name no job.
        """
        given = environment.get("FOUNDATIONS_JOB_ID")
        return cls(
            job_id=check_job_id(given) if given else _new_job_id(),
            project=_project(environment, cwd),
            user=environment.get("FOUNDATIONS_USER") or _login_name(),
            mode=SCHEDULED if given else EXECUTION,
            token=environment.get("FOUNDATIONS_JOB_TOKEN", "") if given else _new_token(),
            server_url=environment.get("FOUNDATIONS_SERVER_URL") or None,
        )

    @classmethod
    def load(cls, directory: Path) -> Identity:
        """Return the identity kept in a journal's directory. Raises `InvalidInput` when there is none to be read."""
        path = directory / FILE_NAME
        try:
            with plain_file(path) as file:
                data: dict[str, Any] = json.loads(file.read())
            return cls(**{name: data[name] for name in cls.__dataclass_fields__})
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InvalidInput(f"`{path}` does not say whose journal this is; its records cannot be sent.") from error

    def save(self, directory: Path) -> None:
        """Write `job.json`, readable by this user alone. Raises `OSError`."""
        part = directory / f"{FILE_NAME}.{os.urandom(4).hex()}.part"  # several processes and threads may be at it
        descriptor = open_plain(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - the descriptor carries the mode
            json.dump(asdict(self), file)
        part.replace(directory / FILE_NAME)

    def at(self, server_url: str) -> Identity:
        """Return the same identity with its server known."""
        return replace(self, server_url=server_url)


def job_of_process(environment: Mapping[str, str]) -> str | None:
    """Return the id of the job that a process with this environment belongs to, None outside of one."""
    return environment.get("FOUNDATIONS_JOB_ID") or environment.get(RUN_VARIABLE) or None


def _project(environment: Mapping[str, str], cwd: Path) -> str:
    name = environment.get("FOUNDATIONS_PROJECT_NAME") or environment.get("PROJECT_NAME") or cwd.name or "default"
    try:
        return check_project_name(name)
    except InvalidInput as error:
        usable = _FORBIDDEN.sub("-", name).strip()[:255]
        usable = "default" if usable in {"", ".", ".."} else usable
        _log.warning("%s The run is recorded in project `%s`.", error.message, usable)
        return usable


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        return ""


def _new_job_id() -> str:
    # A random UUID; the uuid module costs a tenth of the time that importing this package may take.
    digits = bytearray(os.urandom(16))
    digits[6] = digits[6] & 0x0F | 0x40
    digits[8] = digits[8] & 0x3F | 0x80
    text = digits.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _new_token() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode()
