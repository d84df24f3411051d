"""`atlas-server`, with real processes; a small double stands for the services."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

_DOUBLE = Path(__file__).parent / "stack_double"
_PATIENCE = 30.0

Ended = subprocess.CompletedProcess[str]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "FOUNDATIONS_HOME": str(home), "PYTHONPATH": str(_DOUBLE), "NUM_WORKERS": "3"}


@pytest.fixture
def atlas_server(environment: dict[str, str]) -> Iterator[Callable[..., Ended]]:
    """Runs `atlas-server` to its end; whatever it left running is stopped after the test."""

    def call(*words: str, **extra: str) -> Ended:
        return subprocess.run(
            _command(*words), env={**environment, **extra}, capture_output=True, text=True, timeout=60, check=False
        )

    yield call
    call("stop")


def _command(*words: str) -> list[str]:
    return [sys.executable, "-c", "from atlas_cli.server import run; run()", *words]


@contextmanager
def _killed_at_the_end(run: subprocess.Popen[str]) -> Iterator[None]:
    """Leave no process behind, whatever the test found."""
    with run:
        try:
            yield
        finally:
            run.kill()


def _read_until(stream: IO[str], text: str) -> str:
    """Return what the stream says up to the line that holds `text`."""
    lines = []
    for line in stream:
        lines.append(line)
        if text in line:
            return "".join(lines)
    pytest.fail(f"{text!r} was never said, but: {''.join(lines)}")


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_without_a_command_it_prints_its_help(atlas_server: Callable[..., Ended]) -> None:
    ended = atlas_server()
    assert ended.returncode == 0
    assert all(word in ended.stdout for word in ("start", "stop", "status", "version"))


def test_an_unknown_command_is_a_usage_error(atlas_server: Callable[..., Ended]) -> None:
    ended = atlas_server("setup_parser")
    assert ended.returncode == 2
    assert "No such command 'setup_parser'" in ended.stderr
    assert ended.stdout == ""


def test_version_is_the_version_of_the_services(atlas_server: Callable[..., Ended]) -> None:
    ended = atlas_server("version")
    assert (ended.returncode, ended.stdout) == (0, "0.1.0\n")


def test_a_stack_in_the_background_starts_is_seen_and_stops(
    atlas_server: Callable[..., Ended], home: Path, redis_url: str
) -> None:
    started = atlas_server("start", "--embedded", "--background", STACK_DOUBLE_REDIS=redis_url)
    assert started.returncode == 0, started.stdout
    assert "Foundations Atlas services have started with 3 worker(s)" in started.stdout

    seen = atlas_server("status", "--json")
    facts = json.loads(seen.stdout)
    assert seen.returncode == 0
    assert facts["running"] and facts["healthy"]
    assert facts["services"]["redis"] == {"url": redis_url, "healthy": True, "problem": None}
    shown = atlas_server("status")
    assert shown.returncode == 0
    assert redis_url in shown.stdout and "healthy" in shown.stdout
    assert shown.stdout.endswith("\n3 jobs can run at a time.\n")
    assert (facts["engine"], facts["workers"], facts["gpus"]) == (None, 3, [])

    stopped = atlas_server("stop")
    assert (stopped.returncode, stopped.stdout) == (0, "Atlas has stopped.\n")
    assert not (home / "server" / "stack.json").exists()
    assert "stopped cleanly" in (home / "server" / "server.log").read_text()


def test_the_stack_is_not_marked_as_a_command_which_would_keep_its_jobs_from_being_tracked(
    atlas_server: Callable[..., Ended], home: Path
) -> None:
    atlas_server("start", "--background")
    assert "marked as a command: False" in (home / "server" / "server.log").read_text()
    atlas_server("stop")
    ended = atlas_server("start", STACK_DOUBLE_FAULT="port")
    assert "marked as a command: False" in ended.stdout


def test_a_second_start_in_the_background_says_that_it_runs_already(atlas_server: Callable[..., Ended]) -> None:
    atlas_server("start", "--background")
    again = atlas_server("start", "--background")
    assert again.returncode == 0
    assert "Atlas is running already" in again.stdout
    elsewhere = atlas_server("start", "--background", "--port-base", "41000")
    assert elsewhere.returncode == 1


def test_a_second_start_in_the_foreground_fails(atlas_server: Callable[..., Ended]) -> None:
    atlas_server("start", "--background")
    again = atlas_server("start")
    assert again.returncode == 1
    assert "`atlas-server stop` stops it" in again.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_in_the_foreground_signals_reach_the_stack_itself(
    environment: dict[str, str], home: Path, number: signal.Signals
) -> None:
    run = subprocess.Popen(
        _command("start", "--port-base", "41000"),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with _killed_at_the_end(run):
        assert run.stdout is not None
        said = _read_until(run.stdout, "have started with 3 worker(s)")
        assert json.loads((home / "server" / "stack.json").read_text())["pid"] == run.pid
        run.send_signal(number)
        said += run.stdout.read()
        assert run.wait(_PATIENCE) == 0
    assert "starting with port base 41000" in said
    assert "stopped cleanly" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("words", "settings"),
    [
        ([], [None, None, "3"]),
        (["-g"], [None, "auto", "3"]),
        (["--enable-gpu", "--gpus", "0=A100:80", "-t"], [None, "0=A100:80", "3"]),
        (["--engine", "process", "--workers", "5"], ["process", None, "5"]),
    ],
)
def test_options_are_settings_of_the_stack(
    atlas_server: Callable[..., Ended], words: list[str], settings: list[str | None]
) -> None:
    ended = atlas_server("start", *words, STACK_DOUBLE_FAULT="port")
    assert f"settings: {settings}" in ended.stdout


@pytest.mark.parametrize(
    "words", [["--engine", "kubernetes"], ["--workers", "-1"], ["--workers", "0"], ["--workers", "many"]]
)
def test_an_option_that_cannot_be_understood_is_a_usage_error(
    atlas_server: Callable[..., Ended], words: list[str]
) -> None:
    ended = atlas_server("start", *words)
    assert ended.returncode == 2
    assert words[0] in ended.stderr


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        (["-d", "5555"], "`--port-base 5555` puts the GUI on port 5555"),
        (["-a", "5557"], "`--port-base 5554` puts the archive on port 5557"),
        (["--tensorboard-port", "5959"], "`--port-base 5953` puts the TensorBoard on port 5959"),
        (["-s", "lab.example.org"], "ATLAS_PROXY_URL"),
        (["-u", "8080"], "set ATLAS_OIDC_ISSUER"),
        (["-p"], "set ATLAS_OIDC_ISSUER"),
        (["-l", "--background"], "leave out --background"),
    ],
)
def test_an_option_that_means_nothing_here_names_the_remedy(
    atlas_server: Callable[..., Ended], home: Path, words: list[str], remedy: str
) -> None:
    ended = atlas_server("start", *words)
    assert ended.returncode == 1
    assert ended.stdout.startswith("Error: -")
    assert remedy in ended.stdout and ended.stdout.count("\n") == 1
    assert not home.exists()


def test_a_stack_that_runs_already_is_not_said_to_have_the_gpus_that_were_wanted(
    atlas_server: Callable[..., Ended],
) -> None:
    atlas_server("start", "--background")
    assert atlas_server("start", "--background", "-g").returncode == 1


def test_with_logs_the_lines_of_the_services_are_printed_behind_their_names(
    environment: dict[str, str], home: Path
) -> None:
    logs = home / "server" / "logs"
    logs.mkdir(parents=True)
    (logs / "scheduler.log").write_text("of an earlier day\n")
    run = subprocess.Popen(_command("start", "-l"), env=environment, stdout=subprocess.PIPE, text=True)
    with _killed_at_the_end(run):
        assert run.stdout is not None
        said = _read_until(run.stdout, "plain words")
        (logs / "scheduler.log").rename(logs / "scheduler.log.1")
        (logs / "scheduler.log").write_text("after the rotation\n")
        said += _read_until(run.stdout, "after the rotation")
        run.send_signal(signal.SIGTERM)
        said += run.stdout.read()
        assert run.wait(_PATIENCE) == 0
    lines = said.splitlines()
    assert "scheduler: 2026-11-21 14:00:00 INFO dispatching" in lines
    assert "scheduler: plain words" in lines
    assert "scheduler: after the rotation" in lines
    assert "stopped cleanly" in lines
    assert "of an earlier day" not in said


def test_the_reason_why_the_stack_does_not_start_is_passed_on(atlas_server: Callable[..., Ended]) -> None:
    ended = atlas_server("start", "--background", STACK_DOUBLE_FAULT="port")
    assert ended.returncode == 1
    assert "port 5000 is taken" in ended.stdout
    assert "Atlas ended with exit code 1" in ended.stdout
    assert atlas_server("status").returncode == 3


def test_a_stack_that_dies_in_the_foreground_gives_its_own_exit_code(atlas_server: Callable[..., Ended]) -> None:
    ended = atlas_server("start", STACK_DOUBLE_FAULT="port")
    assert ended.returncode == 1
    assert "port 5000 is taken" in ended.stdout
    assert "have started" not in ended.stdout


def test_a_sick_service_is_named_and_gives_exit_code_3(atlas_server: Callable[..., Ended]) -> None:
    atlas_server("start", "--background", STACK_DOUBLE_FAULT="sick", STACK_DOUBLE_REDIS="redis://127.0.0.1:1/0")
    ended = atlas_server("status", "--json")
    facts = json.loads(ended.stdout)
    assert ended.returncode == 3
    assert facts["running"] and not facts["healthy"]
    assert facts["services"]["proxy"]["problem"] == "it answers 503"
    assert facts["services"]["redis"]["problem"] == "Connection refused"


def test_nothing_to_stop_is_no_error(atlas_server: Callable[..., Ended]) -> None:
    ended = atlas_server("stop")
    assert (ended.returncode, ended.stdout) == (0, "Atlas is not running.\n")
    ended = atlas_server("stop", "--json")
    assert json.loads(ended.stdout) == {"stopped": False, "pid": None}


def test_status_of_nothing_is_exit_code_3(atlas_server: Callable[..., Ended]) -> None:
    ended = atlas_server("status", "--json")
    assert ended.returncode == 3
    assert json.loads(ended.stdout) == {"running": False, "healthy": False, "services": {}}


def test_a_stack_that_was_killed_is_not_running_and_starts_again(
    atlas_server: Callable[..., Ended], home: Path
) -> None:
    atlas_server("start", "--background")
    record = home / "server" / "stack.json"
    os.kill(json.loads(record.read_text())["pid"], signal.SIGKILL)
    _wait_for(lambda: atlas_server("status").returncode == 3)
    assert record.exists()
    assert atlas_server("stop").stdout == "Atlas is not running.\n"
    assert atlas_server("start", "--background").returncode == 0
    assert atlas_server("status").returncode == 0


def test_stop_leaves_a_foreign_process_with_the_recorded_id_alone(
    atlas_server: Callable[..., Ended], home: Path
) -> None:
    (home / "server").mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as foreign:
        (home / "server" / "stack.json").write_text(json.dumps({"pid": foreign.pid, "services": {}}))
        assert atlas_server("stop").stdout == "Atlas is not running.\n"
        assert foreign.poll() is None
        foreign.communicate(b"\n")
        assert foreign.returncode == 0


def test_stop_leaves_a_stack_of_another_home_alone_that_was_given_the_recorded_id(
    atlas_server: Callable[..., Ended], home: Path, tmp_path: Path
) -> None:
    other = str(tmp_path / "other")
    atlas_server("start", "--background", "--home", other)
    facts = json.loads((tmp_path / "other" / "server" / "stack.json").read_text())
    (home / "server").mkdir(parents=True)
    (home / "server" / "stack.json").write_text(json.dumps({**facts, "birth": "1"}))
    assert atlas_server("stop").stdout == "Atlas is not running.\n"
    assert atlas_server("stop", "--home", other).stdout == "Atlas has stopped.\n"


def test_stop_waits_as_long_as_the_stack_says_that_it_may_take(atlas_server: Callable[..., Ended], home: Path) -> None:
    atlas_server("start", "--background", STACK_DOUBLE_FAULT="deaf")
    pid = json.loads((home / "server" / "stack.json").read_text())["pid"]
    try:
        ended = atlas_server("stop")
    finally:
        os.kill(pid, signal.SIGKILL)
    assert ended.returncode == 1
    assert f"Atlas (process {pid}) has not stopped within 0.25 seconds" in ended.stdout


def test_home_may_be_given_as_an_option(atlas_server: Callable[..., Ended], tmp_path: Path) -> None:
    other = str(tmp_path / "other")
    assert atlas_server("start", "--background", "--home", other).returncode == 0
    assert atlas_server("status").returncode == 3
    assert atlas_server("status", "--home", other).returncode == 0
    assert atlas_server("stop", "--home", other).stdout == "Atlas has stopped.\n"


def test_without_the_services_it_says_what_to_install(environment: dict[str, str]) -> None:
    code = "import sys; sys.modules['atlas_services'] = None; from atlas_cli.server import run; run(['start'])"
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stdout == "Error: the services are not installed here; run `pip install atlas-services`.\n"


def test_a_port_base_without_room_for_eight_ports_is_refused(atlas_server: Callable[..., Ended], home: Path) -> None:
    ended = atlas_server("start", "--port-base", "65530")
    assert ended.returncode == 1
    assert "port-base: 65530 leaves no room" in ended.stdout
    assert not home.exists()


def test_a_record_that_is_no_record_counts_as_not_running(atlas_server: Callable[..., Ended], home: Path) -> None:
    (home / "server").mkdir(parents=True)
    for content in ("", "[]", "{}", '{"pid": null}', '{"pid": 1, "services": {"a": null}}'):
        (home / "server" / "stack.json").write_text(content)
        assert atlas_server("status").returncode == 3
