"""Sending what earlier runs recorded: `foundations sync`, and `python -m foundations.sync` behind a job that has ended.

Journals whose writer still lives are left to it.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from atlas_core.errors import AtlasError, ServerUnreachable
from atlas_core.log import configure_logging
from atlas_core.settings import home_directory
from foundations.delivery import TRANSIENT, Server
from foundations.identity import Identity
from foundations.journal_directory import JournalDirectory
from foundations.journal_room import JournalRoom
from foundations.leftovers import deliver_dead
from foundations.server_address import server_url
from foundations.unsent import unsent_of

_log = logging.getLogger("foundations.sync")

#: Seconds before a server that is away is asked again.
_PAUSE = 0.5
#: So many jobs in a row for which a server does not answer are enough: it may have died over one of them.
_ENOUGH = 2


@dataclass(frozen=True)
class SyncReport:
    """Of how many jobs something was sent, how many bytes, and a sentence for each of which something is left.

    Bytes are counted as they lay on disk: those of the journals, of artifacts, directories, output and source, without
    what a server has refused. So many bytes are `left`; `is_full` says that runs record less because of them.
    So many files stay `refused`, until they are offered again or forgotten.
    """

    jobs: int
    bytes: int
    failures: tuple[str, ...]
    left: int = 0
    is_full: bool = False
    refused: int = 0


def sync(home: Path | str | None = None, timeout: float | None = None, of: str | None = None) -> SyncReport:
    """Send every journal below `home` (default: $FOUNDATIONS_HOME) whose writer is dead.

    Each goes to the server that its run reported to, or to $FOUNDATIONS_SERVER_URL if that is set. With a `timeout` in
    seconds, a server that is away is asked again until then; with `of`, only journals whose run reported to that
    address are sent. What fails is reported and stays where it is; nothing is raised for it.
    """
    run = _Sync(None if timeout is None else time.monotonic() + timeout)
    root = home_directory() if home is None else Path(home)
    waiting = [each for each in JournalDirectory.all_in(root) if of is None or _reported_to(each) == of]
    while True:
        waiting = [directory for directory in waiting if not run.send(directory)]
        if not waiting or timeout is None or run.is_late():
            break
        time.sleep(_PAUSE)
        run.ask_again()
    room = JournalRoom(JournalDirectory.root(root))
    room.look()
    unsent = [unsent_of(directory) for directory in JournalDirectory.all_in(root)]
    left, refused = sum(each.bytes for each in unsent), sum(each.refused for each in unsent)
    return SyncReport(run.jobs, run.bytes, tuple(run.failures.values()), left, room.is_full, refused)


def _reported_to(directory: JournalDirectory) -> str | None:
    with contextlib.suppress(AtlasError):
        return Identity.load(directory.path).server_url
    return None


class _Sync:
    def __init__(self, deadline: float | None) -> None:
        self._deadline = deadline
        self._servers: dict[str, Server] = {}
        #: For how many jobs in a row an address did not answer. It is not asked for all of them: each may take long.
        self._silence: Counter[str] = Counter()
        #: The one that was asked last.
        self._url = ""
        self._begun: set[str] = set()
        self.bytes = 0
        #: Of each job of which something is left, the sentence that says why.
        self.failures: dict[str, str] = {}

    @property
    def jobs(self) -> int:
        """Of how many jobs something was sent."""
        return len(self._begun)

    def send(self, directory: JournalDirectory) -> bool:
        """Send one job's journals and count what was sent; False when its server is away and may come back."""
        self.failures.pop(directory.path.name, None)
        try:
            self._deliver(directory)
        except TRANSIENT as error:
            if isinstance(error, ServerUnreachable):
                self._silence[self._url] += 1
            self._fail(directory, f"{error} Set FOUNDATIONS_SERVER_URL to send it to another address.")
            return False
        except (AtlasError, OSError) as error:
            self._fail(directory, str(error))
        except Exception as error:  # whatever is wrong with one job's files must not keep the others from being sent
            self._fail(directory, f"it is damaged ({type(error).__name__}: {error}).")
        return True

    def ask_again(self) -> None:
        """Ask those again that did not answer."""
        self._silence.clear()

    def is_late(self) -> bool:
        """Whether the time is over."""
        return self._deadline is not None and time.monotonic() >= self._deadline

    def _deliver(self, directory: JournalDirectory) -> None:
        with contextlib.closing(deliver_dead(directory, self._connect)) as steps:
            for taken in steps:
                if taken:
                    self._silence[self._url] = 0
                    self.bytes += taken
                    self._begun.add(directory.path.name)
                if self.is_late():
                    self._fail(directory, "the time is over; some of it is still to send.")
                    return

    def _fail(self, directory: JournalDirectory, reason: str) -> None:
        self.failures[directory.path.name] = f"Job `{directory.path.name}`: {reason}"

    def _connect(self, identity: Identity) -> Server:
        self._url = url = os.environ.get("FOUNDATIONS_SERVER_URL") or identity.server_url or server_url()
        if self._silence[url] >= _ENOUGH:
            raise ServerUnreachable(f"{url} has not answered for other jobs.")
        if url not in self._servers:
            self._servers[url] = Server.connect(url)
        return self._servers[url]


def main(arguments: list[str] | None = None) -> int:
    """Run `python -m foundations.sync` and return its exit code: 0 when nothing is left."""
    parser = argparse.ArgumentParser("python -m foundations.sync", description="Send what earlier runs recorded.")
    parser.add_argument("--home", type=Path, help="default: $FOUNDATIONS_HOME or ~/.foundations")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="how long to ask a server that is away again")
    parser.add_argument("--of", metavar="URL", help="only what was recorded for the server at this address")
    options = parser.parse_args(arguments)
    configure_logging()
    report = sync(options.home, options.timeout, options.of)
    for failure in report.failures:
        _log.error("%s", failure)
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
