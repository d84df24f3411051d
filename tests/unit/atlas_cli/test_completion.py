"""Completion in a shell: what is offered, and that it neither fails nor takes long."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from tests.unit.atlas_cli.conftest import Foundations
from tests.unit.atlas_cli.scheduler_double import Job, SchedulerDouble

from atlas_cli.main import foundations as program


def offered(*words: str) -> list[str]:
    """Return what is offered for the last of the words, which may be empty."""
    completion = ShellComplete(program, {}, "foundations", "_FOUNDATIONS_COMPLETE")
    return [item.value for item in completion.get_completions(list(words[:-1]), words[-1])]


def test_commands_are_offered_without_importing_them() -> None:
    assert offered("sch") == ["schedule"]
    assert offered("get", "") == ["job", "artifact", "logs"]
    code = (
        "import sys\nfrom click.shell_completion import ShellComplete\nfrom atlas_cli.main import foundations\n"
        "ShellComplete(foundations, {}, 'foundations', 'X').get_completions([], '')\n"
        "print([name for name in ('requests', 'foundations', 'rich') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.usefixtures("foundations")
class TestNames:
    """What only the server and the configurations know."""

    @pytest.fixture(autouse=True)
    def _jobs(self, scheduler: SchedulerDouble) -> None:
        scheduler.jobs = {"0d5c-1": Job(), "0d5c-2": Job("running"), "7f2a-1": Job("queued")}

    @pytest.mark.parametrize(
        "words", [("get", "job", "scheduler"), ("why",), ("logs", "-f", "scheduler"), ("stop", "scheduler", "7f2a-1")]
    )
    def test_jobs(self, words: tuple[str, ...]) -> None:
        assert offered(*words, "0d") == ["0d5c-1", "0d5c-2"]

    def test_files_of_jobs(self) -> None:
        assert offered("cp", "7f") == ["7f2a-1:", "7f"]

    def test_configurations_those_of_the_working_directory_too(self) -> None:
        here = Path("config/submission")
        here.mkdir(parents=True)
        (here / "staging.config.yaml").write_text("scheduler_url: http://127.0.0.1:1\n")
        assert offered("submit", "") == ["nowhere", "scheduler", "staging"]
        assert offered("ps", "st") == ["staging"]

    def test_the_server_that_was_named_is_asked(self) -> None:
        assert offered("get", "logs", "nowhere", "0d") == []

    def test_a_server_that_does_not_answer_costs_little(self, scheduler: SchedulerDouble) -> None:
        scheduler.held = "GET"
        begin = time.monotonic()
        try:
            assert offered("why", "0d") == []
        finally:
            scheduler.release.set()
        assert time.monotonic() - begin < 5

    def test_broken_configurations_offer_nothing(self, config_home: Path) -> None:
        (config_home / "submission" / "scheduler.config.yaml").write_text("scheduler_url: [")
        assert offered("why", "0d") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_accepts_what_is_printed(foundations: Foundations, shell: str, tmp_path: Path) -> None:
    script = foundations("completion", shell).out
    assert "_FOUNDATIONS_COMPLETE" in script and "_ATLAS_SERVER_COMPLETE" in script
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    path = tmp_path / "script"
    path.write_text(script)
    assert subprocess.run([shell, "-n", str(path)], capture_output=True, check=False).returncode == 0


def test_bash_completes_through_it(foundations: Foundations, tmp_path: Path) -> None:
    (tmp_path / "script").write_text(foundations("completion", "bash").out)
    bin_directory = Path(sys.executable).parent
    line = (
        f"PATH={bin_directory}:$PATH; source {tmp_path}/script; COMP_WORDS=(foundations sch); COMP_CWORD=1; "
        '_foundations_completion foundations; echo "${COMPREPLY[@]}"'
    )
    ended = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False, timeout=60)
    assert ended.stdout == "schedule\n", ended.stderr


def test_another_shell_is_a_usage_error(foundations: Foundations) -> None:
    assert foundations("completion", "tcsh").code == 2
