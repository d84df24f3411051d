"""How the command line speaks on a terminal and elsewhere."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.atlas_cli.conftest import Foundations
from tests.unit.atlas_cli.scheduler_double import Job, SchedulerDouble

from atlas_cli.output import Terminal

_RED = "\x1b[31m"
_COMMAND = [sys.executable, "-c", "from atlas_cli.main import run; run()"]


def _on_a_terminal(*words: str, **environment: str) -> str:
    ours, theirs = pty.openpty()
    run = subprocess.Popen([*_COMMAND, *words], env={**os.environ, **environment}, stdout=theirs)
    os.close(theirs)
    said = b""
    try:
        while chunk := os.read(ours, 4096):
            said += chunk
    except OSError:  # how a terminal says that the other side has gone
        pass
    os.close(ours)
    run.wait(30)
    return said.decode()


def test_an_error_is_red_on_a_terminal_only(foundations: Foundations) -> None:
    Path("digits").mkdir()
    assert _on_a_terminal("init", "digits").startswith(_RED)
    assert _RED not in foundations("init", "digits").out


def test_no_color_is_respected(foundations: Foundations) -> None:
    Path("digits").mkdir()
    assert "\x1b[" not in _on_a_terminal("init", "digits", NO_COLOR="1")


def test_the_head_of_a_table_is_plain_without_colours(foundations: Foundations, config_home: Path) -> None:
    (config_home / "submission" / "here.config.yaml").write_text("")
    assert "\x1b[" in _on_a_terminal("info", "--env", NO_COLOR="", TERM="xterm")
    assert "\x1b[" not in _on_a_terminal("info", "--env", NO_COLOR="1", TERM="xterm")


def test_a_table_fits_the_terminal(foundations: Foundations, config_home: Path) -> None:
    (config_home / "submission" / ("long-name-" * 20 + ".config.yaml")).write_text("")
    lines = _on_a_terminal("info", "--env", COLUMNS="60").splitlines()
    assert max(len(line) for line in lines if "\x1b" not in line) <= 60


class _Stderr(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("size", "is_shown"), [(100 * 1000**2, True), (1000, False)])
def test_long_work_shows_on_a_terminal_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, size: int, is_shown: bool
) -> None:
    stderr = _Stderr()
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setenv("TERM", "xterm")
    with Terminal().progress("model.pt", size) as advance:
        advance(size // 2)
        advance(size // 2)
    assert ("100.0/100.0 MB" in stderr.getvalue() and "model.pt" in stderr.getvalue()) == is_shown


def test_work_of_unknown_length_shows_how_much_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = _Stderr()
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setenv("TERM", "xterm")
    with Terminal().progress("0d5c.tgz") as advance:
        advance(5_000_000)
    assert "5.0/? MB" in stderr.getvalue()


def test_work_that_nobody_watches_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with Terminal().progress("model.pt", 10**9) as advance:
        advance(10**9)
    assert capsys.readouterr() == ("", "")


def test_colours_elsewhere_are_there_when_asked_for_and_never_against_no_color(
    foundations: Foundations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert foundations("stop", "scheduler", "j").out.startswith(_RED)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in foundations("stop", "scheduler", "j").out


def test_a_log_that_is_followed_shows_the_line_that_is_not_finished_on_a_terminal_only(
    foundations: Foundations, scheduler: SchedulerDouble
) -> None:
    scheduler.jobs["j-1"] = Job("running", "\r 10%\r100%\n", "completed")
    scheduler.unfinished = b"\r 10%"
    assert "\r 10%\x1b[K" in _on_a_terminal("logs", "-f", "j-1", TERM="xterm")
    scheduler.jobs["j-1"].status = "running"
    assert "\x1b[K" not in foundations("logs", "-f", "j-1").out


def test_a_server_that_knows_no_unfinished_lines_is_followed_as_well(
    foundations: Foundations, scheduler: SchedulerDouble
) -> None:
    scheduler.jobs["j-1"] = Job("running", "one\n", "completed")
    assert "one\r\n" in _on_a_terminal("logs", "-f", "j-1", TERM="xterm")
