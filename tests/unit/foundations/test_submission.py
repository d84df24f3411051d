"""Submitting jobs from Python."""

from __future__ import annotations

import io
import math
import os
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.unit.foundations.conftest import Script
from tests.unit.foundations.submission_double import SubmissionDouble

import foundations
from atlas_core.bundle_reader import unpack
from atlas_core.client import Connection
from atlas_core.errors import (
    BundleTooLarge,
    ConfigNotFound,
    InvalidConfig,
    InvalidInput,
    InvalidSpec,
    ServerUnreachable,
)
from atlas_core.jobs import Submission
from foundations import resources
from foundations.submission_server import SubmissionServer


@pytest.fixture
def project(tmp_path: Path, double: SubmissionDouble) -> Path:
    """A project in the working directory of nobody, and a configuration named `scheduler`."""
    folder = tmp_path / "digits"
    folder.mkdir()
    (folder / "main.py").write_text("print('hello')\n")
    configure(double.url)
    return folder


def configure(url: str, name: str = "scheduler", more: str = "") -> None:
    folder = Path(os.environ["FOUNDATIONS_HOME"], "config", "submission")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.config.yaml").write_text(f"scheduler_url: {url}\n{more}")


def submit(project: Path, **wishes: Any) -> foundations.Deployment:
    return foundations.submit(**{"job_directory": project, "command": ["main.py"], **wishes})


def test_a_job_goes_to_the_queue_with_its_code(
    project: Path, double: SubmissionDouble, caplog: pytest.LogCaptureFixture
) -> None:
    deployment = submit(project, command=["main.py", "--epochs", "3"], params={"lr": 0.1}, num_gpus=2, ram=4)
    (submission,) = double.submissions
    spec = submission["spec"]
    assert submission["job_id"] == deployment.job_id == deployment.job_name()
    me = {"uid": os.getuid(), "gid": os.getgid()}
    assert submission["metadata"] == {"project_name": "digits", "username": "CE User", **me}
    assert (spec["command"], spec["params"]) == (["main.py", "--epochs", "3"], {"lr": 0.1})
    assert spec["resources"] == {"num_gpus": 2, "ram": 4.0, "cpus": None}
    with tarfile.open(fileobj=io.BytesIO(double.bundles[spec["bundle_id"]])) as bundle:
        assert bundle.getnames() == ["main.py"]
    assert [record.message for record in caplog.records] == [
        "Job submission started. Ctrl-C to cancel.",
        f"Job submitted with ID '{deployment.job_id}' in project 'digits'.",
    ]


@pytest.mark.parametrize("name", ["FOUNDATIONS_JOB_ID", "FOUNDATIONS_PARENT_RUN"])
def test_a_job_that_a_job_submits_names_it(
    project: Path, double: SubmissionDouble, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "above")
    submit(project)
    (submission,) = double.submissions
    assert submission["metadata"]["parent"] == "above"


def test_a_job_that_submits_another_keeps_its_own_project_and_user(script: Script, double: SubmissionDouble) -> None:
    config = script.home / "config" / "submission" / "scheduler.config.yaml"
    config.parent.mkdir(parents=True)
    config.write_text(f"scheduler_url: {double.url}\n")
    (script.folder / "main.py").write_text("print('hello')\n")
    script.environment.update(FOUNDATIONS_MODE="offline", FOUNDATIONS_USER="ada")
    code = """
        import foundations
        def names():
            job = foundations.current_foundations_job()
            return job.job_id, job.project_name, job.user_name
        before = names()
        foundations.submit(command=["main.py"], project_name="inner")
        print(names() == before, before[1:])
    """
    assert "True ('my-project', 'ada')\n" in script.run(code).stdout
    (submission,) = double.submissions
    assert submission["metadata"]["project_name"] == "inner"


def test_where_nobody_logs_in_a_job_is_whose_the_environment_says(
    project: Path, double: SubmissionDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOUNDATIONS_USER", "ann")
    submit(project)
    monkeypatch.delenv("FOUNDATIONS_USER")
    submit(project)
    assert [each["metadata"]["username"] for each in double.submissions] == ["ann", "CE User"]


def test_nothing_is_written_into_the_directory(project: Path) -> None:
    here = Path.cwd()
    submit(project, params={"lr": 0.1})
    assert [path.name for path in project.iterdir()] == ["main.py"]
    assert Path.cwd() == here


def test_a_search_sends_its_code_once(project: Path, double: SubmissionDouble) -> None:
    with ThreadPoolExecutor(8) as pool:
        jobs = list(pool.map(lambda lr: submit(project, params={"lr": lr}).job_id, range(40)))
    assert len({*jobs}) == 40
    assert {submission["job_id"] for submission in double.submissions} == {*jobs}
    assert {submission["spec"]["params"]["lr"] for submission in double.submissions} == set(range(40))
    assert (double.count("PUT"), double.count("HEAD"), double.count("GET /api/v2beta/auth/verify")) == (1, 1, 1)


@pytest.mark.parametrize("content", [os.urandom(3_000_000), b"text " * 600_000], ids=["weights", "text"])
def test_a_large_directory_is_packed_while_it_is_sent(
    project: Path, double: SubmissionDouble, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes
) -> None:
    monkeypatch.setattr("foundations.submission_server._PACKED_FIRST", 1_000_000)
    (project / "data.bin").write_bytes(content)
    submit(project)
    bundle, target = tmp_path / "bundle", tmp_path / "unpacked"
    bundle.write_bytes(double.bundles[double.submissions[0]["spec"]["bundle_id"]])
    unpack(bundle, target, 10_000_000)
    assert {path.name: path.read_bytes() for path in target.iterdir()} == {
        "data.bin": content,
        "main.py": (project / "main.py").read_bytes(),
    }


@pytest.mark.parametrize("change", [b"short", bytes(3_000_001)])
def test_a_file_that_changes_while_it_is_sent_is_named(
    double: SubmissionDouble, project: Path, monkeypatch: pytest.MonkeyPatch, change: bytes
) -> None:
    monkeypatch.setattr("foundations.submission_server._PACKED_FIRST", 1_000_000)
    data = project / "data.bin"
    data.write_bytes(os.urandom(3_000_000))
    server = SubmissionServer(Connection(double.url))
    bundle = server.bundle(project)
    data.write_bytes(change)
    with pytest.raises(InvalidInput, match=r"data.bin` could not be packed .*; submit again"):
        server.ensure(bundle)
    assert double.bundles == {}


def test_a_bundle_that_the_server_lost_is_sent_again(project: Path, double: SubmissionDouble) -> None:
    submit(project)
    double.bundles.clear()
    submit(project)
    assert len(double.submissions) == double.count("PUT") == 2


def test_the_callers_word_counts_before_the_projects_and_that_before_the_configurations(
    project: Path, double: SubmissionDouble
) -> None:
    worker = "worker: {image: general, command: [other.py], environment: {A: '1', B: '1'}, resources: {ram: 1}}\n"
    configure(double.url, more=worker)
    (project / "job.config.yaml").write_text(
        "project_name: from-file\nnum_gpus: 1\nram: 2\nparams: {lr: 1}\nentrypoint: [bash]\n"
        "worker: {args: [main.py], environment: {B: '2'}}\n"
    )
    submit(project, command=None)
    submit(
        project, command="main.py --lr '0.1 0.2'", project_name="mine", params={"lr": 2}, num_gpus=0, entrypoint="sh -c"
    )
    first, second = double.submissions
    assert first["metadata"]["project_name"] == "from-file"
    assert first["spec"]["command"] == ["main.py"]
    assert first["spec"]["entrypoint"] == ["bash"]
    assert first["spec"]["image"] == "general"
    assert first["spec"]["environment"] == {"A": "1", "B": "2"}
    assert first["spec"]["params"] == {"lr": 1}
    assert first["spec"]["resources"] == {"num_gpus": 1, "ram": 2.0, "cpus": None}
    assert second["metadata"]["project_name"] == "mine"
    assert second["spec"]["command"] == ["main.py", "--lr", "0.1 0.2"]
    assert second["spec"]["entrypoint"] == ["sh", "-c"]
    assert second["spec"]["params"] == {"lr": 2}
    assert second["spec"]["resources"]["num_gpus"] == 0


def test_resources_that_were_chosen_before_count_until_something_else_is_said(
    project: Path, double: SubmissionDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "_chosen", {})
    foundations.set_job_resources(num_gpus=1, ram=3)
    submit(project)
    submit(project, num_gpus=2)
    wanted = [submission["spec"]["resources"] for submission in double.submissions]
    assert [(each["num_gpus"], each["ram"]) for each in wanted] == [(1, 3.0), (2, 3.0)]


def test_a_submission_says_on_which_terms_the_job_runs(project: Path, double: SubmissionDouble) -> None:
    wishes = {"image": "me/worker:1", "network": "lab", "priority": 10, "time_limit": "1h30m", "retries": 3}
    submit(project, **wishes, num_gpus=2, gpu_memory=40, gpu_model="A100", cpus=4, shm=2, ram=16)
    spec = double.submissions[0]["spec"]
    assert (spec["image"], spec["network"], spec["priority"], spec["time_limit"]) == ("me/worker:1", "lab", 10, 5400)
    assert spec["retries"]["limit"] == 3 and "oom" in spec["retries"]["causes"]
    wanted = {"num_gpus": 2, "ram": 16.0, "cpus": 4.0, "gpu_memory": 40.0, "gpu_model": "A100", "shm": 2.0}
    assert spec["resources"] == wanted


def test_the_terms_of_the_caller_count_even_if_they_are_none(project: Path, double: SubmissionDouble) -> None:
    configure(double.url, more="worker: {priority: 5, time_limit: 60, retries: 2, network: lab}\n")
    (project / "job.config.yaml").write_text("priority: 7\nworker: {time_limit: 2m, retries: 4}\n")
    submit(project)
    submit(project, priority=0, retries=0)
    first, second = (submission["spec"] for submission in double.submissions)
    assert (first["priority"], first["time_limit"], first["retries"]["limit"]) == (7, 120.0, 4)
    assert first["network"] == "lab"
    assert "priority" not in second and "retries" not in second


def test_who_wants_no_gpu_wants_nothing_of_one(
    project: Path, double: SubmissionDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "_chosen", {})
    (project / "job.config.yaml").write_text("num_gpus: 2\ngpu_model: A100\nworker: {resources: {gpu_memory: 40}}\n")
    submit(project)
    submit(project, num_gpus=0)
    foundations.set_job_resources(num_gpus=1, gpu_model="H100", cpus=2)
    submit(project)
    first, second, third = (submission["spec"]["resources"] for submission in double.submissions)
    assert (first["num_gpus"], first["gpu_model"], first["gpu_memory"]) == (2, "A100", 40.0)
    assert (second["num_gpus"], second.get("gpu_model"), second.get("gpu_memory")) == (0, None, None)
    assert (third["num_gpus"], third["gpu_model"], third["gpu_memory"], third["cpus"]) == (1, "H100", 40.0, 2.0)


def test_resources_that_cannot_be_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="gpu_model: the job asks for no GPU"):
        foundations.set_job_resources(0, gpu_model="A100")
    with pytest.raises(ValueError, match="cpus: -1 is no amount"):
        foundations.set_job_resources(cpus=-1)


@pytest.mark.parametrize(
    ("gpus", "ram", "word"), [(-1, None, "GPU"), (1.5, None, "GPU"), (0, 0, "RAM"), (0, "x", "RAM")]
)
def test_impossible_resources_are_refused(gpus: Any, ram: Any, word: str) -> None:
    with pytest.raises(ValueError, match=f"Invalid {word} quantity"):
        foundations.set_job_resources(gpus, ram)


def test_a_command_that_is_no_file_is_remarked_upon(
    project: Path, double: SubmissionDouble, caplog: pytest.LogCaptureFixture
) -> None:
    submit(project, command=["mian.py"])
    submit(project, command=None)
    warnings = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert warnings[0].startswith(
        "Hey, seems like your command 'mian.py' is not an existing file in your current directory."
    )
    assert warnings[1] == "No command was specified."
    assert len(double.submissions) == 2


def test_an_option_of_python_is_not_taken_for_a_file(
    project: Path, double: SubmissionDouble, caplog: pytest.LogCaptureFixture
) -> None:
    submit(project, command=["-m", "my_package.train"])
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == []
    assert len(double.submissions) == 1


def test_an_unknown_configuration_is_an_error(project: Path) -> None:
    with pytest.raises(ConfigNotFound, match="Could not find submission configuration with name: `nope`"):
        submit(project, scheduler_config="nope")


def test_parameters_that_are_not_finite_are_submitted(project: Path, double: SubmissionDouble) -> None:
    submit(project, params={"a": float("nan"), "b": [float("inf")]})
    (body,) = double.submissions
    params = Submission.from_dict(body).spec.params or {}
    assert math.isnan(params["a"])
    assert params["b"] == [math.inf]


def test_an_unknown_argument_is_an_error(project: Path) -> None:
    with pytest.raises(TypeError, match="got an unexpected keyword argument 'num_gpu'"):
        submit(project, num_gpu=1)


@pytest.mark.parametrize(
    ("wishes", "error", "words"),
    [
        ({"job_directory": "/no/such/folder"}, InvalidInput, "is no directory"),
        ({"num_gpus": "two"}, InvalidSpec, "num_gpus: 'two' is no number of GPUs"),
        ({"ram": "much"}, InvalidSpec, "ram: 'much' is no amount"),
        ({"gpu_model": "A100"}, InvalidSpec, "gpu_model: the job asks for no GPU"),
        ({"priority": 1000}, InvalidSpec, "priority: 1000 is no priority"),
        ({"time_limit": "soon"}, InvalidSpec, "time_limit: 'soon' is no duration"),
        ({"retries": {"limit": 1, "causes": ["stopped_by_user"]}}, InvalidSpec, "'stopped_by_user' cannot be retried"),
        ({"project_name": "a/b"}, InvalidInput, "cannot name a project"),
        ({"params": [1]}, InvalidSpec, "params: expected an object"),
        ({"params": {"a": object()}}, InvalidSpec, "params.a: Object of type object is not JSON serializable"),
        ({"tags": {"a": object()}}, InvalidSpec, "metadata.tags: 'a' with <object"),
        ({"command": "'unclosed"}, InvalidSpec, "command: .* cannot be split into words: No closing quotation"),
        ({"command": [{}]}, InvalidSpec, "command: expected a list of words"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(
    project: Path, double: SubmissionDouble, wishes: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        submit(project, **wishes)
    assert (double.bundles, double.submissions) == ({}, [])


@pytest.mark.parametrize("content", ["num_gpus: [1]", "a: b: c", "- 1", "worker: 5"])
def test_a_wrong_job_configuration_is_refused(project: Path, double: SubmissionDouble, content: str) -> None:
    (project / "job.config.yaml").write_text(content)
    with pytest.raises(InvalidConfig, match=r"job\.config\.yaml"):
        submit(project)
    assert double.requests == []


def test_a_directory_over_the_limit_is_refused_before_it_is_packed(
    project: Path, double: SubmissionDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATLAS_MAX_BUNDLE_GB", "0.000001")
    (project / "data.bin").write_bytes(b"0" * 2_000)
    with pytest.raises(BundleTooLarge, match="holds more than"):
        submit(project)
    assert double.submissions == []


def test_a_large_directory_is_remarked_upon_and_what_is_ignored_does_not_count(
    project: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("foundations.submission_server._LARGE", 4000)
    (project / "data.bin").write_bytes(bytes(5000))
    submit(project)
    assert ".foundationsignore` keeps data sets out" in caplog.text
    caplog.clear()
    (project / ".foundationsignore").write_text("*.bin\n")
    submit(project)
    assert "data sets" not in caplog.text


def test_without_a_server_one_sentence_says_so(project: Path) -> None:
    configure("http://127.0.0.1:9")
    with pytest.raises(ServerUnreachable, match=r"Cannot currently find Atlas server at http://127\.0\.0\.1:9"):
        submit(project)
