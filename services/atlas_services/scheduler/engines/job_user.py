"""Whose processes and files the jobs in containers are."""

from __future__ import annotations

import os
import re
from pathlib import Path

from atlas_core.errors import InvalidConfig
from atlas_services.scheduler.engines import Assignment

#: Of jobs of which nobody knows whose they are, when the scheduler is root: the first user of most machines.
_NOBODY_KNOWN = (1000, 1000)


class JobUsers:
    """Chooses the user and the group of each job: root only if the setting `ATLAS_WORKER_USER` says so.

    Raises `InvalidConfig`.
    """

    def __init__(self, setting: str, own: tuple[int, int] | None = None) -> None:
        self._own = (os.geteuid(), os.getegid()) if own is None else own
        self._fixed = _parse(setting) if setting else None
        if self._fixed not in {None, self._own} and not self._may_give_away:
            raise InvalidConfig(
                f"ATLAS_WORKER_USER: {setting!r} needs a scheduler run by root, since the files of jobs must become "
                "that user's; run it so, or leave the setting out.",
                field="ATLAS_WORKER_USER",
            )

    def of(self, assignment: Assignment) -> tuple[int, int]:
        """Return user id and group id: as the settings say, else the submitter's, else the scheduler's."""
        if self._fixed is not None:
            return self._fixed
        if not self._may_give_away:
            return self._own
        owner = assignment.owner
        return owner if owner is not None and 0 not in owner else _NOBODY_KNOWN

    def give(self, path: Path, user: tuple[int, int]) -> None:
        """Make `path` and everything below it the user's. Raises `OSError`.

        The user has no say in it: links are not followed, what is above becomes the user's after what is below, and
        `path` at the very last.
        """
        if not self._may_give_away or user == self._own:
            return
        for _, names, files, directory in os.fwalk(path, topdown=False, onerror=_fail):
            for name in (*names, *files):
                os.chown(name, *user, dir_fd=directory, follow_symlinks=False)
        os.chown(path, *user, follow_symlinks=False)

    @property
    def _may_give_away(self) -> bool:
        return self._own[0] == 0


def _fail(error: OSError) -> None:
    raise error


def _parse(setting: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,9}):(\d{1,9})", setting)
    if match is None:
        raise InvalidConfig(
            f"ATLAS_WORKER_USER: {setting!r} is no user; set it to two numbers, user and group, such as 1000:1000.",
            field="ATLAS_WORKER_USER",
        )
    return int(match[1]), int(match[2])
