"""Fixtures for tests of the SDK: a server for journals, and scripts that run in a process of their own."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.unit.foundations.journal_server import JournalServer, running_journal_server
from tests.unit.foundations.submission_double import SubmissionDouble, running_submission_double


@pytest.fixture
def server() -> Iterator[JournalServer]:
    """A server that applies journals."""
    with running_journal_server() as world:
        yield world


@pytest.fixture
def double() -> Iterator[SubmissionDouble]:
    """A server that takes submissions."""
    with running_submission_double() as world:
        yield world


@pytest.fixture(autouse=True)
def _messages(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """What the SDK says is captured, whether or not an earlier test sent it to standard output."""
    logger = logging.getLogger("foundations")
    before = logger.handlers[:], logger.propagate
    logger.handlers, logger.propagate = [logging.NullHandler()], True
    caplog.set_level(logging.INFO, "foundations")
    yield
    logger.handlers, logger.propagate = before


@dataclass
class Script:
    """Runs Python as a user would, with a home of its own."""

    folder: Path
    home: Path
    environment: dict[str, str] = field(default_factory=dict)

    def start(self, code: str, *arguments: str, options: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        """Start `code` as a script named train.py."""
        path = self.folder / "train.py"
        path.write_text(textwrap.dedent(code), encoding="utf-8")
        return self.start_python(*options, str(path), *arguments)

    def start_python(self, *words: str) -> subprocess.Popen[str]:
        """Start the interpreter with these words."""
        return subprocess.Popen(
            [sys.executable, *words],
            cwd=self.folder,
            env=self._environment(),
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `code` to its end."""
        return finish(self.start(code, *arguments))

    def run_python(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the interpreter with these words to its end."""
        return finish(self.start_python(*words))

    @property
    def journals(self) -> list[Path]:
        """The directories of journals that are not sent."""
        root = self.home / "journal"
        return sorted(root.iterdir()) if root.is_dir() else []

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("FOUNDATIONS_", "ATLAS_"))}
        return {**kept, "FOUNDATIONS_HOME": str(self.home), **self.environment}


def finish(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    """Wait for a process and return what it said."""
    stdout, stderr = process.communicate(timeout=100)
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


def eventually(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Return as soon as `condition` holds. Raises `AssertionError` if it does not come to hold."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "this never came to hold"
        time.sleep(0.01)


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """A script in a project folder, without any server."""
    folder = tmp_path / "my-project"
    folder.mkdir()
    # Nobody listens on this port: it is the one that "discard" was given.
    return Script(folder, tmp_path / "home", {"FOUNDATIONS_SERVER_URL": "http://127.0.0.1:9"})


@pytest.fixture
def tracked(script: Script, server: JournalServer) -> Script:
    """A script whose records go to `server`, and whose end waits for it however slow this machine is."""
    script.environment.update(FOUNDATIONS_SERVER_URL=server.url, FOUNDATIONS_FLUSH_SECONDS="60")
    return script
