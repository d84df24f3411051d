"""The run that this process belongs to: begun when the package is imported, ended when the interpreter exits.

One process has at most one run, `current`. Everything that is logged goes through it.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import sys
import threading
import time
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

from atlas_core.errors import InvalidInput, ServerUnreachable
from atlas_core.ids import now
from atlas_core.log import configure_logging
from atlas_core.records import operation_frame
from atlas_core.settings import home_directory
from foundations import console
from foundations.beginner import Beginner
from foundations.delivery import Server
from foundations.identity import EXECUTION, RUN_VARIABLE, Identity
from foundations.journal import Journal, SealedJournal
from foundations.journal_directory import JournalDirectory
from foundations.outcome import Outcome, terminated_frame
from foundations.recorder import Recorder
from foundations.sender import LONGEST_FLUSH, Sender
from foundations.spool import Spool
from foundations.system_metrics import SystemMetrics, chosen_period
from foundations.termination import Termination
from foundations.tracking_mode import DISABLED, OFFLINE, chosen_mode

_log = logging.getLogger("foundations.run")

#: Which writer of the job's journal that process is.
_WRITER_VARIABLE = "FOUNDATIONS_PARENT_WRITER"

#: Where launchers say which of several processes this is.
_RANKS = ("RANK", "OMPI_COMM_WORLD_RANK", "PMI_RANK", "SLURM_PROCID")

#: Seconds for which somebody who needs the server waits until it knows the run.
_PATIENCE = 10.0
#: Seconds that all companions together may take at the end of the script.
_LAST_WORD = 10.0
#: Seconds after SIGTERM or SIGHUP until it takes effect, of which the companions have the first part: well within the
#: ten that Docker and others grant before they kill.
_TERMINATED, _LAST_WORD_TERMINATED = 5.0, 1.5

#: The run of this process; None outside of a job.
current: Run | None = None
#: Whether there is none because the environment wants it so: then nobody is told.
is_disabled = False
_warned = False


class Companion(Protocol):
    """Something that goes on beside the script, in a thread of its own."""

    def close(self, seconds: float) -> None:
        """Come to an end within so many seconds. Never raises."""


class Run:
    """A job as one of its processes sees it. Of those that the user or a launcher started (`owns`), each tells of the
    exception that ends it; only the one that `leads` says how the job ended, and what it ran on.
    """

    def __init__(
        self,
        identity: Identity,
        home: Path,
        cwd: Path,
        owns: bool,
        sends: bool = True,
        leads: bool = True,
        beginner: str = "",
    ) -> None:
        self.identity = self._first_identity = identity
        self._sends = sends
        self._leads = leads
        self._home = home
        self._cwd = cwd
        self._directory = JournalDirectory(JournalDirectory.root(home) / identity.job_id)
        #: In a process of a pool, the one that began the job and sends what we leave.
        self._beginner = Beginner(self._directory, beginner) if beginner else None
        self._preamble = _start_frame(identity) if identity.mode == EXECUTION else b""
        #: Where the job is listed, as far as this process knows.
        self.project = identity.project
        #: What was said in this process, so that saying it again can be remarked upon.
        self.tags: dict[str, str] = {}
        self.artifact_keys: set[str] = set()
        #: What comes to its end before the run does.
        self.companions: list[Companion] = []
        self._console: console.Console | None = None
        self._open_journal()
        self._outcome = Outcome(self._append) if owns else None
        self._termination = self._watch_signal() if owns and leads and identity.mode == EXECUTION else None

    def record(self, op: str, **body: Any) -> None:
        """Append an operation to the journal."""
        self.journal.append(operation_frame(op, **body))

    def save_artifact(self, source: Path, key: str | None, facts: Mapping[str, Any]) -> str:
        """Copy a file to where it is sent from and return its key. Raises `OSError`."""
        self.journal.begin()
        if self._spool is None:
            raise OSError("the journal cannot be written to")
        key = self._spool.add(source, key, facts)
        self._own_journal.undisturbed(self.sender.wake)
        return key

    def place_of_directory(self, folder: str, size: int) -> Path:
        """Return where to leave so many bytes of a synced directory to be sent with the journal. Raises `OSError`."""
        self.journal.begin()
        if self._spool is None:
            raise OSError("the journal cannot be written to")
        return self._spool.place_of_directory(folder, size)

    def keep_output(self) -> None:
        """Keep what the script prints from here on. Where that cannot be done, it is printed and not kept."""
        self.journal.begin()
        if self._termination is None or self._spool is None or not console.is_wanted():
            return
        try:
            self._directory.spool.mkdir(parents=True, exist_ok=True)
            limit = console.SCARCE if self._own_journal.is_scarce else console.LIMIT
            self._console = console.Console(self._directory.output_path(self._own_journal.writer), limit)
            self.companions.append(self._console)
            self.sender.watches_output = True
        except Exception as error:  # of a terminal or a thread, too: the script must print as it would without us
            _log.debug("The output is not kept: %s", error)

    def describe(self) -> None:
        """Record beside the script what it runs on, how busy that is and, if started by hand, from which source."""
        if self._outcome is None or self._spool is None or not self._leads:
            return
        keeps_source = self._termination is not None and not self._own_journal.is_scarce
        source = self._directory.source_path(self._own_journal.writer) if keeps_source else None
        try:
            self.companions.append(Recorder(self._own_journal.append, self._cwd, source))
            period = chosen_period()
            if period:
                self.companions.append(SystemMetrics(self._own_journal.append, period))
        except Exception as error:  # such as no more threads: the script is tracked without
            _log.debug("What the script runs on is not recorded: %s", error)

    def invite(self) -> None:
        """Let processes that this one starts know that it sends what they leave."""
        if self._beginner is None:
            os.environ.pop(_WRITER_VARIABLE, None)
            if self._spool is not None and self._sends:
                os.environ[_WRITER_VARIABLE] = self._own_journal.writer

    def server_url(self) -> str:
        """Return where the run reports to. Raises `InvalidConfig`, or `ServerUnreachable` when it is offline."""
        if not self._sends:
            raise ServerUnreachable("No server is asked with FOUNDATIONS_MODE=offline.")
        return self._resolve().server_url or ""

    def connect(self) -> tuple[Server, Identity]:
        """Return clients of the server, once it knows this run, and whose files these are.

        Raises `ServerUnreachable` when it does not answer soon, or `InvalidConfig`.
        """
        url, identity = self.server_url(), self.identity
        self.journal.begin()
        if identity.mode == EXECUTION and not self.sender.has_answered(_PATIENCE):
            raise ServerUnreachable(f"Atlas server at {url} does not answer.")
        return Server.connect(url), identity

    def finish(self) -> None:
        """Write how the run ended, and wait a bounded time until the server has everything."""
        waits = self._close_companions(_LAST_WORD)
        ends = self._outcome is not None and self._termination is not None
        last = self._outcome.end_frame() if self._outcome is not None else b""
        self._close(last if ends else b"", LONGEST_FLUSH if waits else 0.0)
        if self._outcome is not None:
            self._outcome.end_as_before()

    def leave_parent(self) -> None:
        """Become a run of this process alone after a fork: the journal, its lock and its thread are the parent's."""
        self._own_journal.disown()
        if self._termination is not None:
            self._termination.release()
        self._outcome = self._termination = None
        self.companions = []
        self._console = None
        self._open_journal()

    def _open_journal(self) -> None:
        self._own_journal = Journal(self._directory, self.identity, self._preamble, self._begun)
        #: Where what the script logs goes; nowhere once the run comes to its end.
        self.journal: Journal | SealedJournal = self._own_journal
        self._resolving = threading.RLock()
        self.sender = Sender(self._own_journal, self._home, self._resolve, self._beginner)
        self._spool: Spool | None = None

    def _watch_signal(self) -> Termination:
        return Termination(self._terminate, self._own_journal.when_left)

    def _begun(self) -> None:
        if self.identity is not self._first_identity:  # somebody has asked for the server before the journal began
            self._keep_identity()
        self._spool = Spool(self._directory.spool, self._own_journal.writer)
        if self._sends:
            self.sender.start()

    def _append(self, frame: bytes) -> None:
        self._own_journal.append(frame)

    def _close_companions(self, seconds: float) -> bool:
        """Close them, the last one first; False when the user did not want to wait for one."""
        companions, self.companions = self.companions[::-1], []
        deadline, is_interrupted = time.monotonic() + seconds, False
        for companion in companions:
            try:
                companion.close(0.0 if is_interrupted else max(deadline - time.monotonic(), 0.0))
            except KeyboardInterrupt:
                is_interrupted = True
        return not is_interrupted

    def _terminate(self, number: int) -> None:
        deadline = time.monotonic() + _TERMINATED
        waits = self._close_companions(_LAST_WORD_TERMINATED)
        self._close(terminated_frame(number), max(deadline - time.monotonic(), 0.0) if waits else 0.0)

    def _close(self, last: bytes, seconds: float) -> None:
        self.journal = SealedJournal()
        arrived = self.sender.close(last, seconds)
        self._own_journal.finish()
        if arrived and (self._console is None or self._console.is_whole()):
            self._directory.remove_writer(self._own_journal.writer)
        self._own_journal.release()

    def _resolve(self) -> Identity:
        """Return the identity with its server: the environment's, the configuration's, or the one on this machine.

        Raises `InvalidConfig`. Called by the sender, too: reading YAML would make importing this package slow.
        """
        with self._resolving:
            if self.identity.server_url is None:
                config = import_module("foundations.server_address").execution_config(self._cwd)
                configure_logging(config.log_level)
                self.identity = self.identity.at(config.server_url)
                self._keep_identity()
            return self.identity

    def _keep_identity(self) -> None:
        """Write down where the run reports to, for those who send it later; without that they ask as we did."""
        with contextlib.suppress(OSError):
            self.identity.save(self._directory.path)


def begin(environment: Mapping[str, str] | None = None) -> None:
    """Adopt the job of this process or begin a new one, unless this is a command. Never raises into the script."""
    try:
        _begin(os.environ if environment is None else environment)
    except Exception as error:  # whatever the surroundings lack, from a home directory to threads, the script goes on
        _log.warning("The script is not tracked: %s", error)


def require() -> Run | None:
    """Return the current run; outside of a job None, with a warning the first time unless tracking is disabled."""
    global _warned
    if current is None and not _warned and not is_disabled:
        _warned = True
        _log.warning("Script not run with Foundations.")
    return current


def _begin(env: Mapping[str, str]) -> None:
    global current, is_disabled
    if current is not None or env.get("FOUNDATIONS_COMMAND_LINE") == "True" or _is_our_module():
        return
    configure_logging()
    mode = chosen_mode(env)
    if mode == DISABLED:
        is_disabled = True
        return
    current = _joined(env, mode != OFFLINE) or _begun(env, mode != OFFLINE)
    atexit.register(_finish)
    os.register_at_fork(after_in_child=_leave_parent)
    current.keep_output()
    current.describe()
    current.invite()


def _begun(env: Mapping[str, str], sends: bool) -> Run:
    cwd, home = Path.cwd(), home_directory(env)
    identity, leads = Identity.from_environment(env, cwd), True
    if identity.mode == EXECUTION and any(name in env for name in _RANKS):
        identity, leads = _launched(env, home, identity)
    run = Run(identity, home, cwd, owns=True, sends=sends, leads=leads)
    os.environ[RUN_VARIABLE] = run.identity.job_id
    return run


def _launched(env: Mapping[str, str], home: Path, own: Identity) -> tuple[Identity, bool]:
    """Return the identity that all ranks of a launch share, `own` where there is no launch; and whether we lead."""
    ranks = import_module("foundations.launch")  # of use to hardly any script
    launch = ranks.launch_of(env)
    if launch is None or ranks.is_begun_by_rank(launch, home, env.get(RUN_VARIABLE, "")):
        return own, True
    try:
        return ranks.join(launch, home, lambda: own), launch.rank == 0
    except (OSError, InvalidInput) as error:
        _log.warning("The ranks of this launch cannot find each other: %s. Each is a job of its own.", error)
        return own, True


def _joined(env: Mapping[str, str], sends: bool) -> Run | None:
    """Return the parent's run in a process of a pool that was started afresh and imports the script again."""
    job_id = env.get(RUN_VARIABLE)
    processes = sys.modules.get("multiprocessing.process")
    if not job_id or processes is None:
        return None
    # While a spawned process imports the main module, only this mark tells what it is.
    spawned = getattr(processes.current_process(), "_inheriting", False)
    if not spawned and processes.parent_process() is None:
        return None
    home = home_directory(env)
    identity, beginner = Identity.load(JournalDirectory.root(home) / job_id), env.get(_WRITER_VARIABLE, "")
    return Run(identity, home, Path.cwd(), owns=False, sends=sends, beginner=beginner)


def _is_our_module() -> bool:
    """Whether `python -m foundations` or one of its modules runs: the interpreter finds it by importing this package.

    Until it is found `sys.argv[0]` is "-m". A package of the user's that is found so imports this one by itself.
    """
    if sys.argv[:1] != ["-m"]:
        return False
    frame: FrameType | None = sys._getframe()
    while frame is not None and _module_of(frame).partition(".")[0] in {"foundations", "importlib"}:
        frame = frame.f_back
    return frame is not None and _module_of(frame) == "runpy"


def _module_of(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__"))


def _start_frame(identity: Identity) -> bytes:
    return operation_frame(
        "start",
        project=identity.project,
        user=identity.user,
        time=now(),
        host=os.uname().nodename,
        pid=os.getpid(),
        argv=[str(word) for word in sys.argv],  # where a program sets it, it may hold paths
    )


def _finish() -> None:
    if current is not None:
        current.finish()


def _leave_parent() -> None:
    if current is not None:
        current.leave_parent()
