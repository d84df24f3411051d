"""Whatever people type, the command line answers with a sentence and a known exit code."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.atlas_cli.scheduler_double import Job, SchedulerDouble, running_scheduler

from atlas_cli.main import COMMANDS, run
from atlas_cli.outcome import FAILED, INTERRUPTED, UNHEALTHY

_CODES = {0, FAILED, 2, UNHEALTHY, INTERRUPTED}
#: Words that mean something, to get beyond the first check.
_KNOWN = [
    *COMMANDS,
    *("job", "logs", "artifact", "add", "list", "show", "pause", "resume", "edit", "remove", "move"),
    *("scheduler", "nowhere", "broken", "directory", "0d5c", "0d5c-1", "0d5c-2", "7f2a-1", "0d5c-1:", "0d5c-1:x", "."),
    *("--json", "--debug", "-h", "--help", "--version", "-f", "--follow", "--env", "-o", "--output", "--limit"),
    *("--num-gpus", "--ram", "--stream-job-logs", "--retry-on", "--time-limit", "--priority", "--project-name"),
    *("--to", "--first", "--before", "--cron", "@daily", "--save_dir", "--source_dir", "--timeout", "--", "-", "="),
    *("0", "1", "-1", "1e309", "nan", "9" * 40, "main.py", "x" * 5000, "é", "\udcff", "../..", "/", "a/b", "", " "),
]
#: --watch goes on until it is interrupted.
_any_text = st.text(st.characters(exclude_characters="\0w"), max_size=12)
_words = st.lists(st.one_of(st.sampled_from(_KNOWN), _any_text), max_size=7)
_command = st.sampled_from(
    [*COMMANDS, "get job", "get logs", "get artifact", "delete job", "queue move", "schedule add"]
)
_near_misses = st.builds(lambda command, rest: [*command.split(), *rest], _command, _words)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SchedulerDouble]:
    """A server with a few jobs, beside configurations of one that is away and of one that cannot be read."""
    place = tmp_path_factory.mktemp("fuzz")
    config = place / "home" / "config" / "submission"
    config.mkdir(parents=True)
    with running_scheduler() as double, pytest.MonkeyPatch.context() as patch:
        (config / "scheduler.config.yaml").write_text(f"scheduler_url: {double.url}\n")
        (config / "nowhere.config.yaml").write_text("scheduler_url: http://127.0.0.1:1\n")
        (config / "broken.config.yaml").write_text("scheduler_url: [\n")
        (config / "directory.config.yaml").mkdir()
        (place / "cwd").mkdir()
        patch.setenv("FOUNDATIONS_HOME", str(place / "home"))
        patch.chdir(place / "cwd")
        yield double


def answer(words: list[str]) -> tuple[object, str]:
    """Return the exit code and everything that was said."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    code: object = None
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            run(words)
        except SystemExit as ended:
            code = ended.code
    said = [stream.buffer for stream in (out, err)]
    return code, "".join(each.getvalue().decode() for each in said if isinstance(each, io.BytesIO))


@given(st.one_of(_words, _near_misses))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_words_get_a_sentence_and_a_known_exit_code(server: SchedulerDouble, words: list[str]) -> None:
    server.jobs = {"0d5c-1": Job(logs="said\n"), "0d5c-2": Job("failed"), "7f2a-1": Job("queued")}
    code, said = answer([word for word in words if word != "--debug"])
    assert code in _CODES
    assert "Traceback" not in said
    assert said.strip() or code == 0


@pytest.mark.parametrize(
    "words",
    [
        [b"stop", b"\xff", b"j"],
        [b"stop", b"scheduler", b"\xff"],
        [b"\xff"],
        [b"init", b"\xff"],
        [b"cp", b"\xff:", b"\xff"],
    ],
)
@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_words_that_are_no_text_get_a_sentence(tmp_path: Path, words: list[bytes], locale: str) -> None:
    command: list[str | bytes] = [sys.executable, "-c", "from atlas_cli.main import run; run()", *words]
    environment = {**os.environ, "LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, timeout=60, check=False)
    assert ended.returncode in {1, 2}
    assert b"Traceback" not in ended.stderr
    assert ended.stdout or ended.stderr
