"""Leftovers: journals of processes that are dead, and how the living send them.

A dead writer is recognised by its lock, which nobody holds. Whoever sends its journal holds the lock meanwhile. A job
of execution mode that left no `end` gets none here: the server closes it when it hears no more of it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Generator, Iterator
from typing import Callable

from atlas_core.errors import AtlasError, InvalidInput
from atlas_core.records import intact_length
from foundations.delivery import TRANSIENT, Delivery, Server
from foundations.identity import Identity
from foundations.journal_directory import JournalDirectory
from foundations.plain_file import open_plain
from foundations.spool import Spool

_log = logging.getLogger("foundations.sender")


def deliver_dead(directory: JournalDirectory, connect: Callable[[Identity], Server]) -> Generator[int, None, None]:
    """Send what dead writers left of one job, and remove it; yields after each step how much the server has taken.

    Raises `AtlasError` when something could not be sent; it stays where it is.
    """
    if directory.spool.is_symlink():
        raise InvalidInput(f"`{directory.spool}` is a link; nothing of this journal is sent.")
    for writer in directory.writers():
        lock = directory.lock(writer)
        if lock is None:
            continue
        try:
            yield from _deliver(directory, writer, connect)
        finally:
            os.close(lock)


def _deliver(directory: JournalDirectory, writer: str, connect: Callable[[Identity], Server]) -> Iterator[int]:
    if directory.segments(writer):
        identity = Identity.load(directory.path)
        delivery = Delivery(identity, directory, writer, lambda frame: _append(directory, writer, frame))
        server = connect(identity)
        told = 0
        while delivery.step(server):
            yield delivery.taken - told
            told = delivery.taken
        _check_complete(directory, writer, delivery.applied)
    Spool(directory.spool, writer).remove_unannounced()
    directory.remove_writer(writer)


def _check_complete(directory: JournalDirectory, writer: str, applied: int) -> None:
    """Raise `InvalidInput` if segments follow that cannot be reached. Only the last one may have a torn tail."""
    last = directory.segments(writer)[-1]
    if last.base > applied:
        raise InvalidInput(f"`{directory.path}` is damaged: nothing after byte {applied} of `{writer}` can be sent.")


def _append(directory: JournalDirectory, writer: str, frame: bytes) -> None:
    """Continue a dead writer's journal behind its last whole frame."""
    path = directory.segments(writer)[-1].path
    with open(open_plain(path, os.O_RDWR), "r+b") as file:  # noqa: PTH123 - a descriptor
        file.truncate(intact_length(file.read()))
        file.seek(0, os.SEEK_END)
        file.write(frame)


class Leftovers:
    """What earlier runs left below a home for one server, sent a step at a time between other work."""

    def __init__(self, others: Iterator[JournalDirectory], server: Server, url: str) -> None:
        self._steps = self._all_steps(others, server, url)

    def step(self) -> bool:
        """Send a little; False when nothing is left."""
        return next(self._steps, None) is not None

    def close(self) -> None:
        """Give back the lock that is held between two steps."""
        self._steps.close()

    def _all_steps(self, others: Iterator[JournalDirectory], server: Server, url: str) -> Generator[int, None, None]:
        for directory in others:
            yield from self._job_steps(directory, server, url)

    def _job_steps(self, directory: JournalDirectory, server: Server, url: str) -> Iterator[int]:
        def connect(identity: Identity) -> Server:
            if identity.server_url not in {None, url}:
                raise AtlasError("another server's")
            return server

        try:
            yield from deliver_dead(directory, connect)
        except TRANSIENT:
            return
        except Exception as error:  # whatever is wrong with one job's files must not keep the others from being sent
            _log.debug("`%s` could not be sent: %s", directory.path, error)
