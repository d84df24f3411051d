"""The worker image, and images of others that run jobs: real containers, started as the Docker engine starts jobs."""

from __future__ import annotations

import contextlib
import os
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.docker_engine import require_docker
from tests.integration.stack import eventually
from tests.unit.atlas_services.worker.wheels import write_wheel

pytestmark = pytest.mark.docker

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "custom-image"
#: A user that no image knows.
STRANGER = 31337

RULE = "=" * 120
NOTHING_TO_INSTALL = f"{RULE}\nINFO: No user requirements found. Proceeding to run script...\n{RULE}\n"


@pytest.fixture(scope="module")
def worker_image() -> Iterator[str]:
    """The worker image of these sources, under a name of its own."""
    require_docker()
    with built(ROOT / "services" / "atlas_services" / "worker" / "Dockerfile", ROOT) as name:
        yield name


@contextlib.contextmanager
def built(dockerfile: Path, context: Path, **arguments: str) -> Iterator[str]:
    """Build an image under a name of its own; it is removed at the end."""
    name = f"atlas-test-{uuid.uuid4().hex[:12]}"
    words = [f"--build-arg={key}={value}" for key, value in arguments.items()]
    done = docker("build", "-q", "-t", name, *words, "-f", str(dockerfile), str(context))
    assert done.returncode == 0, done.stderr
    try:
        yield name
    finally:
        docker("rmi", name)


def docker(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["docker", *words], capture_output=True, text=True, timeout=300)


@dataclass
class Job:
    """A job's directory and its user's environments, owned by the user as whom it runs."""

    image: str
    directory: Path
    user: int

    @property
    def work(self) -> Path:
        return self.directory / "work"

    def write(self, **files: str) -> None:
        """Write files of the job; `_` in a name stands for a dot."""
        source = self.work / "job_source"
        for place in (source, self.work / "home", self.directory / "environments"):
            place.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (source / name.replace("_", ".")).write_text(text)
        if os.getuid() == 0:
            for path in [self.directory, *self.directory.rglob("*")]:
                os.chown(path, self.user, self.user, follow_symlinks=False)

    def words(self, *command: str, options: tuple[str, ...] = ("--init",)) -> list[str]:
        """Return what follows `docker run`."""
        mounts = ["-v", f"{self.work}:/job", "-v", f"{self.directory / 'environments'}:/environments"]
        variables = ["-e", "HOME=/job/home", "-e", "FOUNDATIONS_HOME=/job/home", "-e", "FOUNDATIONS_JOB_ID=job-1"]
        walls = ["--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
        return ["-u", f"{self.user}:{self.user}", *mounts, *variables, *walls, *options, self.image, *command]

    def run(self, *command: str, options: tuple[str, ...] = ("--init",)) -> subprocess.CompletedProcess[str]:
        return docker("run", "--rm", *self.words(*command, options=options))


@pytest.fixture
def job(tmp_path: Path, worker_image: str) -> Job:
    return Job(worker_image, tmp_path / "job", STRANGER if os.getuid() == 0 else os.getuid())


def test_a_script_runs_in_the_jobs_directory_and_its_status_is_the_containers(job: Job) -> None:
    job.write(main_py="import os, sys; print(os.getcwd(), sys.argv[1:]); sys.exit(3)")
    done = job.run("main.py", "--rate", "0.1")
    assert (done.returncode, done.stdout) == (3, NOTHING_TO_INSTALL + "/job/job_source ['--rate', '0.1']\n"), (
        done.stderr
    )


def test_a_user_without_a_name_has_the_sdk_and_the_usual_packages(job: Job) -> None:
    packages = "numpy, pandas, scipy, sklearn, matplotlib.pyplot, PIL, tqdm, requests, yaml, foundations"
    job.write(main_py=f"import getpass, pathlib, {packages}; print(getpass.getuser(), pathlib.Path.home())")
    done = job.run("main.py", options=("-e", "FOUNDATIONS_COMMAND_LINE=True"))
    assert done.stdout.endswith("\njob /job/home\n"), done.stderr


def test_the_servers_parts_are_out_of_sight_of_jobs(job: Job) -> None:
    job.write(main_py="import importlib.util as u; print([n for n in ('uv', 'atlas_services') if u.find_spec(n)])")
    assert job.run("main.py").stdout.endswith("\n[]\n")


def test_what_the_image_has_is_not_installed_again(job: Job) -> None:
    job.write(main_py="import sys; print(sys.prefix)", requirements_txt="numpy\npandas>=1  # any\n")
    done = job.run("main.py", options=("--network", "none"))
    assert "\nINFO: In the image already: numpy, pandas>=1  # any\n" in done.stdout
    assert done.stdout.endswith("\n/usr\n") or done.stdout.endswith("\n/usr/local\n")


def test_requirements_are_added_to_what_the_image_has_and_kept_for_the_next_job(job: Job) -> None:
    job.write(main_py="import extra, numpy; print(extra.VERSION, numpy.__name__)", requirements_txt="extra\n")
    write_wheel(job.work / "home", "extra")
    options = ("--network", "none", "-e", "UV_OFFLINE=1", "-e", "PIP_FIND_LINKS=/job/home")
    first = job.run("main.py", options=options)
    assert first.stdout.endswith("\n1.0 numpy\n"), first.stdout
    assert " + extra==1.0" in first.stdout
    second = job.run("main.py", options=options)
    assert second.stdout.endswith("\n1.0 numpy\n")
    assert "\nINFO: Installed already: extra\n" in second.stdout
    assert not (job.work / "dependencies_failed").exists()


def test_a_failed_installation_is_told_and_recorded_and_the_job_goes_on(job: Job) -> None:
    job.write(main_py="print('it works without')", requirements_txt="no-such-package-anywhere\n")
    done = job.run("main.py", options=("--network", "none", "-e", "UV_OFFLINE=1"))
    assert (done.returncode, (job.work / "dependencies_failed").exists()) == (0, True)
    assert done.stdout.startswith(f"{RULE}\nINFO: Installing user requirements...\n{RULE}\n")
    assert "\nERROR: requirements.txt could not be installed (see above); the job goes on" in done.stdout
    assert done.stdout.endswith(f"\n{RULE}\nit works without\n")


@pytest.mark.parametrize("options", [(), ("--init",)], ids=["alone", "with an init"])
def test_a_stop_reaches_the_users_process(job: Job, options: tuple[str, ...]) -> None:
    code = (
        "import pathlib, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('told to stop'), sys.exit(7)))\n"
        "pathlib.Path('ready').touch()\n"
        "time.sleep(60)\n"
    )
    job.write(main_py=code)
    name = f"atlas-test-{uuid.uuid4().hex[:12]}"
    started = docker("run", "--detach", "--name", name, *job.words("main.py", options=options))
    assert started.returncode == 0, started.stderr
    try:
        eventually((job.work / "job_source" / "ready").exists)
        assert docker("kill", "--signal", "TERM", name).returncode == 0
        assert docker("wait", name).stdout == "7\n"
        assert docker("logs", name).stdout.endswith("told to stop\n")
    finally:
        docker("rm", "-f", name)


def test_a_job_heeds_ctrl_c(job: Job) -> None:
    job.write(main_py="import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)")
    assert job.run("main.py").stdout.endswith("\nTrue\n")


@pytest.mark.parametrize("example", ["on-top", "foreign"])
def test_an_image_made_as_the_examples_show_runs_jobs(job: Job, example: str) -> None:
    with built(EXAMPLE / f"{example}.Dockerfile", EXAMPLE, WORKER=job.image) as image:
        job.image = image
        job.write(main_py=(EXAMPLE / "main.py").read_text())
        nobody = ("-e", "FOUNDATIONS_SERVER_URL=http://127.0.0.1:1", "-e", "FOUNDATIONS_HOME=/tmp/home")
        done = job.run("main.py", options=("--init", *nobody))
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.startswith(NOTHING_TO_INSTALL)
        assert "\npolars " in done.stdout
        assert "The run is recorded in `/tmp/home/journal/job-1`" in done.stdout
