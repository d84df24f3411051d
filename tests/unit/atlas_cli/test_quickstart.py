"""`atlas-server quickstart`: the job goes to the stack that it speaks of."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.atlas_cli.scheduler_double import SchedulerDouble, running_scheduler

from atlas_cli import quickstart
from atlas_cli.server import run
from atlas_cli.stack import RunningStack, Service


@pytest.mark.usefixtures("foundations")
def test_the_job_goes_to_the_stack_of_the_given_home(
    scheduler: SchedulerDouble,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    home = tmp_path / "other"
    with running_scheduler() as other:
        config = home / "config" / "submission" / "scheduler.config.yaml"
        config.parent.mkdir(parents=True)
        config.write_text(f"scheduler_url: {other.url}\n")
        stack = RunningStack(1, "1", 1.0, 1, (Service("proxy", other.url), Service("gui", other.url)))
        monkeypatch.setattr(quickstart, "running_stack", lambda of: stack if of == home else None)
        with pytest.raises(SystemExit) as ended:
            run(["quickstart", "--home", str(home)])
    assert ended.value.code == 0
    assert (len(scheduler.submissions), len(other.submissions)) == (0, 1)
    said = capsys.readouterr().out
    assert f"export FOUNDATIONS_HOME={home}" in said
    assert "hello" in said
