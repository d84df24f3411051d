"""Delivery: bringing one writer's journal and artifacts to the server, a step at a time.

A step may be repeated after any failure or sudden death: the server applies bytes by their position, stores a file
under its hash, and an `artifact` record may be said twice. So nothing is written down about how far sending has come,
except by removing what has arrived.
"""

from __future__ import annotations

import contextlib
import gzip
import logging
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Callable, NamedTuple
from urllib.parse import urlsplit

from atlas_core.errors import (
    AtlasError,
    Conflict,
    DiskFull,
    Forbidden,
    InvalidInput,
    JobNotFound,
    JournalGap,
    ServerError,
    ServerUnreachable,
    Unauthorized,
)
from atlas_core.records import operation_frame
from foundations.identity import Identity
from foundations.journal_directory import JournalDirectory
from foundations.output import PrintedOutput
from foundations.spool import Spool, SpooledArtifact
from foundations.spool_room import REFUSED
from foundations.upload import Upload, send

if TYPE_CHECKING:
    from atlas_core.client import ArchiveClient, RestClient, SchedulerClient
    from foundations.left_directory import LeftDirectory

_log = logging.getLogger("foundations.sender")

#: The server may come back, or recover: these are worth another attempt. Everything else it means.
TRANSIENT = (ServerUnreachable, ServerError, DiskFull)
#: Bytes from which on a batch is packed. It takes 8 ms a MB, outside of the interpreter's lock, and leaves less than
#: half: more than it saves where a MB takes no longer than that, as on this machine.
_WORTH_PACKING = 16 * 1024
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
#: These speak of the job, whatever was sent.
_OF_THE_JOB = (*TRANSIENT, Unauthorized, Forbidden, JobNotFound)


def _nothing() -> None:
    """Do nothing: there is no run to be kept alive."""


class Server(NamedTuple):
    """The clients of one server. `meanwhile` is called again and again while a file is on its way, and never raises.

    `packs` says that the way is long enough for batches to be packed.
    """

    rest: RestClient
    archive: ArchiveClient
    scheduler: SchedulerClient
    meanwhile: Callable[[], None] = _nothing
    packs: bool = False

    @classmethod
    def connect(cls, url: str, token: str | None = None) -> Server:
        """Return clients for the server at `url`; nothing is sent yet.

        The HTTP library takes as long to import as all the rest, so it is imported here, by the thread that sends.
        """
        client = import_module("atlas_core.client")
        if token:
            connection = client.Connection(url, token, patience=0.0)
        else:
            connection = import_module("atlas_core.login_client").user_connection(url, patience=0.0)
        packs = urlsplit(url).hostname not in _THIS_MACHINE
        rest, archive = client.RestClient(connection), client.ArchiveClient(connection)
        return cls(rest, archive, client.SchedulerClient(connection), packs=packs)


class Delivery:
    """Sends what one writer left in a journal directory.

    `append` adds a frame to the journal.
    """

    def __init__(
        self,
        identity: Identity,
        directory: JournalDirectory,
        writer: str,
        append: Callable[[bytes], None],
    ) -> None:
        self._identity = identity
        self._directory = directory
        self._writer = writer
        self._append = append
        self._spool = Spool(directory.spool, writer)
        self.output = PrintedOutput(directory.output_path(writer))
        #: What the spool held when it was last looked at: looking for each artifact anew takes quadratic time.
        self._artifacts: list[SpooledArtifact] = []
        self._left: LeftDirectory | None = None
        first = next(iter(directory.segments(writer)), None)
        #: Up to here the server has applied the journal, as far as we know.
        self.applied = first.base if first else 0
        #: Bytes that the server has taken, as they lay on disk; what it refused is none of it.
        self.taken = 0

    def step(self, server: Server, end: int | None = None) -> bool:
        """Send a batch, a piece of the output, an artifact or the source; False when nothing is left.

        Of a living writer's journal, `end` is up to where it is sent, and whole; a dead one's tail may be torn.
        Raises `AtlasError` or `OSError`.
        """
        frames = self._directory.read(self._writer, self.applied, end)
        if frames:
            self._send(server, frames, end)
            return True
        if end is not None and end > self.applied:
            raise InvalidInput(f"The journal in `{self._directory.path}` was removed while it was written.")
        if self._send_output(server):
            return True
        self._artifacts = self._artifacts or self._spool.pending()[::-1]
        if not self._artifacts:
            return self._send_source(server) or self._send_directory(server)
        self._store(server, self._artifacts[-1])
        return True

    def beat(self, server: Server) -> None:
        """Tell the server that the process lives. Raises `AtlasError`."""
        self._send(server, b"", None)

    def _send(self, server: Server, frames: bytes, end: int | None) -> None:
        job_id, token = self._identity.job_id, self._identity.token
        is_packed = server.packs and len(frames) >= _WORTH_PACKING
        data = gzip.compress(frames, 1) if is_packed else frames
        try:
            with _answered_by_atlas():
                applied = server.rest.send_journal(job_id, self._writer, self.applied, data, token, is_packed)
        except JournalGap as gap:
            self._go_back(gap, end)
            return
        self.taken += applied - self.applied
        self.applied = applied
        self._directory.discard(self._writer, applied)

    def _send_output(self, server: Server) -> bool:
        before = self.output.sent
        try:
            with _answered_by_atlas():
                is_more = self.output.send(server.archive, self._identity.job_id, self._identity.token)
            self.taken += self.output.sent - before
            return is_more
        except _OF_THE_JOB:
            raise
        except AtlasError as error:
            _log.warning("The output was refused: %s No more of it is sent.", error)
            self.output.refuse()
            return False

    def _send_source(self, server: Server) -> bool:
        """Bring the bundle of the source to where bundles are, unless it is there. False when there is none."""
        prefix = self._directory.source_path(self._writer)
        bundle = next(prefix.parent.glob(f"{prefix.name}.*[0-9a-f]"), None)
        if bundle is None:
            return False
        try:
            with _answered_by_atlas():
                _bring_bundle(server, bundle)
            self.taken += bundle.stat().st_size
        except _OF_THE_JOB:
            raise
        except AtlasError as error:
            _log.debug("The source was refused: %s", error)
        bundle.unlink(missing_ok=True)
        return True

    def _send_directory(self, server: Server) -> bool:
        """Send a file of what was left of a synced directory when its run ended. False when nothing is."""
        note = next(iter(self._spool.directories()), None) if self._left is None else self._left.note
        if note is None:
            return False
        try:
            if self._left is None:  # of use to hardly any script
                self._left = import_module("foundations.left_directory").LeftDirectory(note)
            with _answered_by_atlas():
                if self._left.step(server.archive, self._identity, server.meanwhile):
                    return True
            self.taken += self._left.size
            self._left.remove()
        except _OF_THE_JOB:
            raise
        except (AtlasError, ValueError) as error:
            _log.warning("What `%s` names was refused: %s", note, error)
            note.replace(note.with_suffix(REFUSED))
        self._left = None
        return True

    def _go_back(self, gap: JournalGap, end: int | None) -> None:
        """Go where the server is. Raises `JournalGap` if the journal no longer reaches back so far."""
        applied = int(gap.details.get("applied", 0))
        if applied >= self.applied or not self._directory.read(self._writer, applied, end):
            raise gap
        self.applied = applied

    def _store(self, server: Server, artifact: SpooledArtifact) -> None:
        identity = self._identity
        try:
            with _answered_by_atlas():
                send(artifact, server.archive, identity, server.meanwhile)
        except _OF_THE_JOB:
            self._artifacts.insert(0, self._artifacts.pop())  # if this one alone fails, the others are sent meanwhile
            raise
        except Conflict as error:  # an attempt that is given up here is not at its end there
            raise ServerError(error.message) from error
        except FileNotFoundError as error:
            _log.warning('The copy of artifact "%s" is gone, so it cannot be sent: %s', artifact.key, error)
            artifact.refuse()
        except (AtlasError, UnicodeError) as error:  # an older version kept names that no address can hold
            _log.warning('Artifact "%s" was refused: %s The copy stays at `%s`.', artifact.key, error, artifact.data)
            artifact.refuse()
        else:
            self._append(operation_frame("artifact", **artifact.record()))
            self.taken += artifact.size
            artifact.remove()
        self._artifacts.pop()


@contextlib.contextmanager
def _answered_by_atlas() -> Iterator[None]:
    """Make a refusal that is no document of ours one that may pass: a portal, or another server at the address."""
    try:
        yield
    except AtlasError as error:
        if isinstance(error, TRANSIENT) or "http_status" not in error.details:
            raise
        number = error.details["http_status"]
        raise ServerError(f"What answers at the server's address is no Atlas server (status {number}).") from error


def _bring_bundle(server: Server, bundle: Path) -> None:
    bundle_id = bundle.suffix[1:]
    if not server.scheduler.has_bundle(bundle_id):
        with Upload(bundle, server.meanwhile) as content:
            server.scheduler.upload_bundle(bundle_id, content)
