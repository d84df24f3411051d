"""The command `foundations` as a whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from tests.unit.atlas_cli.conftest import Foundations

from atlas_cli.main import COMMANDS

_COMMANDS = list(COMMANDS)


def _run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from atlas_cli.main import run; run()", *words]
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("words", [[], ["-h"], ["--help"], ["get"], ["delete"]])
def test_help_lists_every_command_in_order_and_ends_well(foundations: Foundations, words: list[str]) -> None:
    ended = foundations(*words)
    assert ended.code == 0
    listed = [line.split()[0] for line in ended.out.split("Commands:")[1].splitlines() if line.startswith("  ")]
    assert listed == _COMMANDS


@pytest.mark.parametrize("command", [*_COMMANDS, "get job", "get logs", "delete job"])
def test_every_command_has_help(foundations: Foundations, command: str) -> None:
    ended = foundations(*command.split(), "--help")
    assert ended.code == 0
    assert f"Usage: foundations {command}" in ended.out


def test_version_is_printed_with_the_known_words(foundations: Foundations) -> None:
    assert foundations("--version").out == "Running Foundations version 0.1.0\n"


def test_an_unknown_command_is_a_usage_error_on_standard_error(foundations: Foundations) -> None:
    ended = foundations("train")
    assert ended.code == 2
    assert ended.out == ""
    assert "Usage: foundations" in ended.err and "train" in ended.err


def test_a_missing_argument_is_a_usage_error(foundations: Foundations) -> None:
    ended = foundations("stop", "scheduler")
    assert ended.code == 2
    assert "JOB_ID" in ended.err or "JOB-ID" in ended.err


@pytest.mark.parametrize("words", [["ps", "--json", "--unknown"], ["ps", "--unknown", "--json"], ["stop", "--json"]])
def test_a_usage_error_is_a_json_object_too(foundations: Foundations, words: list[str]) -> None:
    ended = foundations(*words)
    assert ended.code == 2
    error = json.loads(ended.out)["error"]
    assert error["code"] == "usage" and error["message"] in ended.err


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")  # noqa: PTH110
@pytest.mark.parametrize("words", ["--help", "info", "ps", "ps --json"])
def test_a_full_disk_is_told_without_a_traceback(words: str) -> None:
    command = f"{sys.executable} -c 'from atlas_cli.main import run; run()' {words} > /dev/full"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr and "Exception" not in ended.stderr
    assert ended.stderr


def test_an_error_is_one_sentence_on_standard_output(foundations: Foundations) -> None:
    ended = foundations("stop", "scheduler", "no/id")
    assert ended.code == 1
    assert ended.out == "Could not find submission configuration with name: `scheduler`\n"


@pytest.mark.parametrize("words", [["--debug", "stop"], ["stop", "--debug"]])
def test_debug_shows_where_an_error_happened_before_and_behind_the_command(words: list[str]) -> None:
    ended = _run(*words, "scheduler", "some-id")
    assert ended.returncode == 1
    assert "Traceback" in ended.stderr and "ConfigNotFound" in ended.stderr


def test_a_reader_that_goes_away_causes_no_traceback() -> None:
    command = f"{sys.executable} -c 'from atlas_cli.main import run; run()' --help | true"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert ended.stderr == ""


def test_help_imports_neither_the_sdk_nor_an_http_library() -> None:
    heavy = ["foundations", "requests", "yaml", "rich", "importlib.metadata"]
    code = (
        "import sys\nfrom atlas_cli.main import run\ntry:\n    run(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stderr == "[]\n"


def test_importing_the_command_line_keeps_the_sdk_from_creating_a_job() -> None:
    code = "import atlas_cli, os; print(os.environ['FOUNDATIONS_COMMAND_LINE'])"
    environment = {name: value for name, value in os.environ.items() if name != "FOUNDATIONS_COMMAND_LINE"}
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert ended.stdout == "True\n"
