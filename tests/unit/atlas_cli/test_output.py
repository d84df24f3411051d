"""How the command line speaks on a terminal and elsewhere."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

from tests.unit.atlas_cli.conftest import Foundations

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


def test_a_table_fits_the_terminal(foundations: Foundations, config_home: Path) -> None:
    (config_home / "submission" / ("long-name-" * 20 + ".config.yaml")).write_text("")
    lines = _on_a_terminal("info", "--env", COLUMNS="60").splitlines()
    assert max(len(line) for line in lines if "\x1b" not in line) <= 60
