"""Jobs in a real TensorBoard, over the real services: while they run, after it, and for several people at once."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module, util
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from tests.integration.stack import RunningStack, descendants, eventually, living, running_stack
from tests.redis_server import require

from atlas_core.errors import NotFound

pytestmark = pytest.mark.stack

#: Writes a point, and the next one as soon as the test says so.
TRAINING = """
    import pathlib, sys, time
    import foundations
    from tensorboardX import SummaryWriter

    foundations.set_tensorboard_logdir("runs")
    print(foundations.foundations_job.job_id, flush=True)
    writer = SummaryWriter("runs", flush_secs=1)
    for step in range(3):
        writer.add_scalar("loss", 1 / (1 + step), step)
        writer.flush()
        while not pathlib.Path(f"go-{step}").exists():
            time.sleep(0.05)
    writer.close()
"""


@dataclass
class Training:
    """A script that runs."""

    job_id: str
    folder: Path
    process: subprocess.Popen[str]

    def let(self, *steps: int) -> None:
        """Let it go on after these steps."""
        for step in steps:
            (self.folder / f"go-{step}").touch()

    def finish(self) -> None:
        """Let it run to its end."""
        self.let(0, 1, 2)
        assert self.process.wait(60) == 0


@contextlib.contextmanager
def training(stack: RunningStack, folder: Path) -> Iterator[Training]:
    """Start the script, and let it end."""
    require(util.find_spec("tensorboard") and util.find_spec("tensorboardX"), "TensorBoard")
    folder.mkdir()
    (folder / "train.py").write_text(textwrap.dedent(TRAINING))
    command = [sys.executable, "train.py"]
    with subprocess.Popen(command, cwd=folder, env=stack.environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        run = Training(process.stdout.readline().strip(), folder, process)
        try:
            eventually(lambda: is_marked(stack, run))
            yield run
        finally:
            process.kill()


def is_marked(stack: RunningStack, run: Training) -> bool:
    """Whether the server knows by now that the job keeps a TensorBoard directory."""
    with contextlib.suppress(NotFound):
        return "tf" in stack.rest.job(run.job_id)["tags"]
    return False


def send(stack: RunningStack, *job_ids: str) -> str:
    """Send jobs to TensorBoard and return the address of the answer."""

    def post() -> requests.Response:
        return requests.post(f"{stack.url}/api/v2beta/upload_to_tensorboard", json={"job_ids": job_ids}, timeout=60)

    # Earlier tests may still count as people who look at as many as there may be.
    eventually(lambda: post().status_code != 503, 60)
    answer = post()
    assert answer.status_code == 200, answer.text
    url = answer.json()["url"]
    assert isinstance(url, str)
    return url


def ask(url: str) -> Any:
    answer = requests.get(url, timeout=90)
    assert answer.status_code == 200, answer.text
    return answer.json()


def steps(url: str, tag: str = "loss") -> list[int]:
    """Return the steps that the only run of a TensorBoard shows of a scalar."""
    runs = ask(f"{url}data/runs")
    if not runs or tag not in ask(f"{url}data/plugin/scalars/tags").get(runs[0], {}):
        return []
    return [step for _, step, _ in ask(f"{url}data/plugin/scalars/scalars?run={runs[0]}&tag={tag}")]


def tensorboards(stack: RunningStack) -> list[psutil.Process]:
    """Return the TensorBoards that run below the stack."""
    found = []
    for process in descendants(stack.process.pid):
        with contextlib.suppress(psutil.NoSuchProcess):
            if any("tensorboard_api.program" in word for word in process.cmdline()):
                found.append(process)
    return found


@pytest.mark.timeout(240)
def test_a_running_job_is_shown_and_its_new_points_appear(stack: RunningStack, tmp_path: Path) -> None:
    with training(stack, tmp_path / "tb-live") as run:
        url = send(stack, run.job_id)
        assert url.startswith(f"{stack.url}/tensorboard/")
        eventually(lambda: steps(url) == [0], 90)
        (name,) = ask(f"{url}data/runs")
        assert name.startswith(f"{run.job_id[:8]} tb-live ")
        run.let(0)
        eventually(lambda: steps(url) == [0, 1], 60)
        run.finish()
        eventually(lambda: steps(url) == [0, 1, 2], 60)


@pytest.mark.timeout(240)
def test_two_people_do_not_disturb_each_other(stack: RunningStack, tmp_path: Path) -> None:
    with training(stack, tmp_path / "tb-first") as first, training(stack, tmp_path / "tb-second") as second:
        first.finish()
        second.finish()
        one, other, both = (
            send(stack, first.job_id),
            send(stack, second.job_id),
            send(stack, second.job_id, first.job_id),
        )
        assert len({one, other, both}) == 3
        assert send(stack, first.job_id, second.job_id) == both
        eventually(lambda: [len(ask(f"{url}data/runs")) for url in (one, other, both)] == [1, 1, 2], 90)
        assert [name[:8] for name in ask(f"{one}data/runs")] == [first.job_id[:8]]


@pytest.mark.timeout(240)
def test_the_page_may_call_its_own_tensorboard_alone(stack: RunningStack, tmp_path: Path) -> None:
    with training(stack, tmp_path / "tb-page") as run:
        run.finish()
        url = send(stack, run.job_id)
        page = requests.get(url, headers={"Cookie": "session=1", "Authorization": "Bearer x"}, timeout=90)
        assert "text/html" in page.headers["Content-Type"]
        policies = page.headers["Content-Security-Policy"]
        assert f"connect-src *:*/tensorboard/{url.split('/')[-2]}/;" in policies
        assert "connect-src 'self'" in policies
        foreign = requests.post(f"{url}data/plugin/timeseries/timeSeries", headers={"Origin": "http://evil"}, timeout=9)
        assert foreign.status_code == 403


def take_in(stack: RunningStack, job_id: str) -> Any:
    """Take the scalars of a job's event files into its metrics, and return the answer."""
    answer = requests.post(f"{stack.url}/api/v3/jobs/{job_id}/import-tensorboard", timeout=90)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.timeout(240)
def test_scalars_become_metrics_each_once_while_the_job_runs(stack: RunningStack, tmp_path: Path) -> None:
    with training(stack, tmp_path / "tb-import") as run:
        url = send(stack, run.job_id)
        eventually(lambda: steps(url) == [0], 90)
        assert take_in(stack, run.job_id) == {"files": 1, "points": 1, "metrics": ["loss"]}
        run.finish()
        eventually(lambda: take_in(stack, run.job_id)["points"] == 3, 60)
        take_in(stack, run.job_id)
        series = stack.rest.series(run.job_id, "loss")
        assert (series["steps"], series["values"]) == ([0, 1, 2], [1.0, 0.5, pytest.approx(1 / 3)])


@pytest.mark.timeout(240)
def test_a_job_that_never_calls_the_sdk_is_tracked_too(stack: RunningStack, project: Path) -> None:
    require(util.find_spec("tensorboard"), "TensorBoard")
    summary = import_module("tensorboardX")
    for part in ("train", "validation"):
        with summary.SummaryWriter(str(project / "logs" / part)) as writer:
            writer.add_scalar("loss", 0.25, 7)
    (project / "main.py").write_text("print('trained')\n")
    submitted = stack.foundations("submit", "--project-name", "untracked", "scheduler", str(project), "main.py")
    assert submitted.returncode == 0, submitted.stdout + submitted.stderr
    (job,) = stack.rest.job_listing("untracked")["jobs"]
    answer = take_in(stack, job["job_id"])
    assert answer == {"files": 2, "points": 2, "metrics": ["train/loss", "validation/loss"]}
    assert stack.rest.series(job["job_id"], "validation/loss")["steps"] == [7]
    url = send(stack, job["job_id"])
    eventually(lambda: len(ask(f"{url}data/runs")) == 2, 90)


@pytest.mark.timeout(240)
def test_no_tensorboard_outlives_the_service(tmp_path: Path) -> None:
    with running_stack(tmp_path / "home", ATLAS_ENGINE="process") as stack, training(stack, tmp_path / "tb-end") as run:
        run.finish()
        url = send(stack, run.job_id)
        eventually(lambda: steps(url) == [0, 1, 2], 90)
        before = tensorboards(stack)
        assert len(before) == 1
        stack.kill("tensorboard_api")
        eventually(lambda: not living(before))
        eventually(lambda: steps(url) == [0, 1, 2], 90)  # the address holds: another is started for who asks
        after = tensorboards(stack)
        assert stack.stop() == 0
        assert not living(after)


@pytest.mark.timeout(240)
def test_what_nobody_looks_at_stops_and_starts_again_when_somebody_does(tmp_path: Path) -> None:
    with (
        running_stack(tmp_path / "home", ATLAS_ENGINE="process", ATLAS_TENSORBOARD_MINUTES="0.05") as stack,
        training(stack, tmp_path / "tb-idle") as run,
    ):
        run.finish()
        url = send(stack, run.job_id)
        eventually(lambda: steps(url) == [0, 1, 2], 90)
        eventually(lambda: not tensorboards(stack), 30)
        assert eventually(lambda: steps(url) == [0, 1, 2], 90)
