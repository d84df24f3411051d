"""What a job that was killed had logged: it is sent, and nothing else is, whatever the job made of its journal."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.scheduler_service import wait_for
from tests.unit.foundations.journal_server import JournalServer, running_journal_server

from atlas_core.records import operation_frame
from atlas_services.scheduler.engines.job_files import save_records
from atlas_services.scheduler.engines.last_words import LateWords, send_last_words
from atlas_services.scheduler.engines.workspace import Workspace

_ROOT = Path(__file__).parents[5]
#: A user that is not root. The scheduler in a container is this one, and its jobs are, too.
_USER = 1000
_SCRIPT = """
import sys
from pathlib import Path
from atlas_services.scheduler.engines.job_files import save_records
from atlas_services.scheduler.engines.last_words import send_last_words
from atlas_services.scheduler.engines.workspace import Workspace
workspace = Workspace(Path(sys.argv[1]))
send_last_words(workspace, sys.argv[2])
save_records(workspace, Path(sys.argv[3]))
"""
_WRITER = "0123456789abcdef"


@pytest.fixture
def server() -> Iterator[JournalServer]:
    with running_journal_server() as running:
        yield running


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that other users can reach."""
    directory = Path(tempfile.mkdtemp(prefix="atlas-last-words-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def secret(place: Path) -> Path:
    """A file of the scheduler that no container sees."""
    path = place / "server" / "job_tokens.secret"
    path.parent.mkdir()
    path.write_text("top secret")
    return path


@pytest.fixture
def journal(place: Path, server: JournalServer) -> Path:
    """The journal of a killed job: a tag is left in it."""
    path = place / "scheduled-1" / "home" / "journal" / "scheduled-1"
    (path / "spool").mkdir(parents=True)
    identity = {"job_id": "scheduled-1", "project": "p", "user": "u", "mode": "scheduled", "token": "t"}
    (path / "job.json").write_text(json.dumps({**identity, "server_url": "http://127.0.0.1:9"}))
    segment(path).write_bytes(operation_frame("tag", key="kept", value="yes"))
    return path


def segment(journal: Path) -> Path:
    return journal / f"{_WRITER}.{0:020}"


def announce(journal: Path, data: bytes) -> None:
    """Leave an artifact in the spool."""
    entry = {
        "key": "k",
        "filename": "k",
        "path": "user_artifacts/k",
        "size": len(data),
        "data": f"{_WRITER}.000000.data",
    }
    entry["data"] = f"{_WRITER}.000000.data"
    entry["sha256"] = hashlib.sha256(data).hexdigest()
    (journal / "spool" / f"{_WRITER}.000000.json").write_text(json.dumps(entry))


@functools.cache
def prefix() -> tuple[str, ...]:
    """Return what a command begins with so that it is not root's, even where root alone reaches the interpreter."""
    if os.geteuid() != 0:
        return ()
    become = ("setpriv", f"--reuid={_USER}", f"--regid={_USER}", "--clear-groups")
    if subprocess.run([*become, "/bin/sh", "-c", f"test -x {sys.executable}"]).returncode == 0:
        return become
    return (*become, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")


def end(place: Path, server: JournalServer) -> None:
    """Have a scheduler that is the job's user deal with what is left of the job."""
    if os.geteuid() == 0:
        for directory, names, files in os.walk(place):
            for name in (".", *names, *files):
                os.chown(Path(directory, name), _USER, _USER, follow_symlinks=False)
    done = subprocess.run(
        [*prefix(), sys.executable, "-c", _SCRIPT, str(place / "scheduled-1"), server.url, str(place / "server")],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{_ROOT}/sdk:{_ROOT}/services", "HOME": str(place)},
        capture_output=True,
        text=True,
        cwd="/",
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_what_a_killed_job_could_not_send_is_sent(place: Path, journal: Path, server: JournalServer) -> None:
    (journal / "spool" / f"{_WRITER}.000000.data").write_bytes(b"weights")
    announce(journal, b"weights")
    end(place, server)
    assert [each["value"] for each in server.operations("scheduled-1", "tag")] == ["yes"]
    assert server.files == {("scheduled-1", "user_artifacts/k"): b"weights"}
    assert not journal.exists()


def lay_output(journal: Path, secret: Path) -> None:
    (journal / "spool" / f"{_WRITER}.output").symlink_to(secret)


def lay_output_behind_a_closed_directory(journal: Path, secret: Path) -> None:
    lay_output(journal, secret)
    (journal / "spool").chmod(0o300)


def lay_hard_link(journal: Path, secret: Path) -> None:
    (journal / "spool" / f"{_WRITER}.output").hardlink_to(secret)


def lay_artifact(journal: Path, secret: Path) -> None:
    (journal / "spool" / f"{_WRITER}.000000.data").symlink_to(secret)
    announce(journal, secret.read_bytes())


def lay_segment(journal: Path, secret: Path) -> None:
    """The artifact is announced in the segment: what the link leads to would be written to."""
    segment(journal).unlink()
    segment(journal).symlink_to(secret)
    (journal / "spool" / f"{_WRITER}.000000.data").write_bytes(b"x")
    announce(journal, b"x")


def lay_lock(journal: Path, secret: Path) -> None:
    (journal / f"{_WRITER}.lock").symlink_to(secret.with_name("made"))


def lay_spool(journal: Path, secret: Path) -> None:
    (secret.parent / f"{_WRITER}.output").write_text("top secret")
    (journal / "spool").rmdir()
    (journal / "spool").symlink_to(secret.parent)


def lay_journal(journal: Path, secret: Path) -> None:
    journal.rename(secret.parent / "moved")
    (secret.parent / "moved" / "spool" / f"{_WRITER}.output").write_text("top secret")
    journal.symlink_to(secret.parent / "moved")


def lay_home(journal: Path, secret: Path) -> None:
    home = journal.parents[1]
    (journal / "spool" / f"{_WRITER}.output").write_text("top secret")
    home.rename(secret.parent / "another")
    home.symlink_to(secret.parent / "another")


def lay_pipe(journal: Path, secret: Path) -> None:
    os.mkfifo(journal / f"{_WRITER}.{100:020}")


def lay_deep_directories(journal: Path, secret: Path) -> None:
    (journal / "spool" / "deeper" / "and" / "deeper").mkdir(parents=True)


@pytest.mark.parametrize(
    "lay",
    [
        lay_output,
        lay_output_behind_a_closed_directory,
        lay_hard_link,
        lay_artifact,
        lay_segment,
        lay_lock,
        lay_spool,
        lay_journal,
        lay_home,
        lay_pipe,
        lay_deep_directories,
    ],
)
def test_no_link_of_a_job_leads_to_the_servers_files(
    place: Path, journal: Path, secret: Path, server: JournalServer, lay: Callable[[Path, Path], None]
) -> None:
    lay(journal, secret)
    end(place, server)
    sent = [path.read_bytes() for path in server.archive.rglob("*") if path.is_file()]
    assert b"top secret" not in b"".join((*server.files.values(), *sent))
    assert secret.read_text() == "top secret"
    assert not secret.with_name("made").exists()
    saved = secret.parent / "journal"
    assert all(path.is_dir() or path.is_file() for path in saved.rglob("*"))
    assert not any(path.is_symlink() for path in saved.rglob("*"))


def test_an_address_that_does_not_answer_is_soon_given_up(place: Path, journal: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        send_last_words(Workspace(place / "scheduled-1"), f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert time.monotonic() - began < 10  # five seconds, on a machine that is busy
    assert segment(journal).exists()


def test_what_could_not_be_sent_is_sent_later(place: Path, journal: Path, server: JournalServer) -> None:
    assert save_records(Workspace(place / "scheduled-1"), place / "server")
    server.drop = 1
    late = LateWords(place / "server", server.url, lambda: "http://127.0.0.1:9")
    late.start()
    wait_for(lambda: server.operations("scheduled-1", "tag") != [], 30)
    wait_for(lambda: not list((place / "server" / "journal").iterdir()), 30)
    late.close()
    late.join(30)


def test_records_for_another_server_are_left_alone(place: Path, journal: Path, server: JournalServer) -> None:
    save_records(Workspace(place / "scheduled-1"), place / "server")
    other = place / "server" / "journal" / "scheduled-2"
    shutil.copytree(place / "server" / "journal" / "scheduled-1", other)
    identity = json.loads((other / "job.json").read_text())
    (other / "job.json").write_text(json.dumps({**identity, "job_id": "scheduled-2", "server_url": "http://elsewhere"}))
    late = LateWords(place / "server", server.url, lambda: "http://127.0.0.1:9")
    late.start()
    wait_for(lambda: [path.name for path in (place / "server" / "journal").iterdir()] == ["scheduled-2"], 30)
    late.close()
    late.join(30)
    assert list(server.records) == ["scheduled-1"]
