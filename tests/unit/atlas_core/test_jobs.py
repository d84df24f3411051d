"""Job specifications are an allow-list, checked field by field; the state machine is what it says."""

from __future__ import annotations

from typing import Any

import pytest

from atlas_core.errors import InvalidInput, InvalidSpec
from atlas_core.jobs import JobSpec, Submission
from atlas_core.resources import Resources
from atlas_core.states import TRANSITIONS, JobStatus, sources


def submission(**changes: Any) -> dict[str, Any]:
    body = {
        "job_id": "job-1",
        "spec": {"command": ["main.py"]},
        "metadata": {"project_name": "digits", "username": "ada"},
        "gpu_spec": {"num_gpus": 0},
    }
    return {**body, **changes}


def test_a_submission_survives_the_wire() -> None:
    spec = JobSpec(
        bundle_id="a" * 64,
        command=("main.py", "two words", "--x=1"),
        environment={"A": "1"},
        params={"lr": 0.1, "layers": [1, 2]},
        resources=Resources(num_gpus=2, ram=1.5),
    )
    sent = Submission("job-1", "digits", "ada", spec)
    assert Submission.from_dict(sent.to_dict()) == sent


def test_a_submission_says_whose_it_is() -> None:
    sent = Submission("job-1", "digits", "ada", JobSpec(), owner=(1000, 100))
    assert sent.to_dict()["metadata"] == {"project_name": "digits", "username": "ada", "uid": 1000, "gid": 100}
    assert Submission.from_dict(sent.to_dict()) == sent


def test_a_job_names_the_one_that_submits_it_by_its_id() -> None:
    sent = Submission("job-2", "digits", "ada", JobSpec(), parent="job-1")
    assert Submission.from_dict(sent.to_dict()).parent == "job-1"
    with pytest.raises(InvalidSpec, match=r"metadata\.parent: '\.\./x' is no job's id"):
        Submission.from_dict(submission(metadata={"project_name": "digits", "parent": "../x"}))


def test_tags_travel_and_what_is_none_is_refused() -> None:
    sent = Submission("job-1", "digits", "ada", JobSpec(), tags={"search": "first"})
    assert Submission.from_dict(sent.to_dict()).tags == {"search": "first"}
    for tags in ({"a": None}, {"a": [1]}, {"": "x"}, ["a"]):
        with pytest.raises(InvalidSpec, match=r"metadata\.tags: "):
            Submission.from_dict(submission(metadata={"project_name": "digits", "tags": tags}))


@pytest.mark.parametrize(
    ("uid", "gid", "field"), [(-1, 0, "uid"), (0, None, "gid"), (None, 5, "uid"), (2**32, 0, "uid")]
)
def test_an_owner_that_is_none_is_refused(uid: object, gid: object, field: str) -> None:
    with pytest.raises(InvalidSpec, match=rf"^metadata\.{field}: "):
        Submission.from_dict(submission(metadata={"project_name": "digits", "uid": uid, "gid": gid}))


def test_gpus_may_be_asked_for_as_the_original_clients_do() -> None:
    assert Submission.from_dict(submission(gpu_spec={"num_gpus": "2"})).spec.resources.num_gpus == 2


@pytest.mark.parametrize("gpu_spec", [None, {}, {"num_gpus": None}])
def test_no_gpus_is_none_of_them(gpu_spec: object) -> None:
    assert Submission.from_dict(submission(gpu_spec=gpu_spec)).spec.resources.num_gpus == 0


@pytest.mark.parametrize("value", [-1, "-1", "two", "", 1.5, True, [1], {"a": 1}])
def test_a_wrong_number_of_gpus_is_refused_by_field_and_value(value: object) -> None:
    with pytest.raises(InvalidSpec, match="num_gpus") as raised:
        Submission.from_dict(submission(gpu_spec={"num_gpus": value}))
    assert raised.value.details["field"] == "num_gpus"


@pytest.mark.parametrize("value", ["lots", "", 0, -4, float("nan"), float("inf"), True, [4]])
def test_an_amount_of_memory_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(InvalidSpec, match="ram"):
        Resources.from_dict({"ram": value})


@pytest.mark.parametrize(
    ("field", "spec"),
    [
        ("command", {"command": {"a": 1}}),
        ("command", {"command": ["a\x00b"]}),
        ("entrypoint", {"entrypoint": [None]}),
        ("environment", {"environment": {"A=B": "c"}}),
        ("environment", {"environment": {"": "c"}}),
        ("environment", {"environment": 3}),
        ("params", {"params": [1]}),
        ("volumes", {"volumes": "x"}),
        ("image", {"image": 3}),
        ("spec", None),
        ("spec", "main.py"),
    ],
)
def test_a_wrong_field_of_a_specification_is_named(field: str, spec: object) -> None:
    with pytest.raises(InvalidSpec, match=field):
        Submission.from_dict(submission(spec=spec))


@pytest.mark.parametrize("parts", [{"spec": {"params": {"x" * 501: 1}}}, {"metadata": {"tags": {"x" * 501: "a"}}}])
def test_a_name_that_is_too_long_is_refused_where_a_job_is_new_and_kept_where_it_is_stored(
    parts: dict[str, Any],
) -> None:
    body = submission(spec=parts.get("spec", {}))
    body["metadata"] = {**body["metadata"], **parts.get("metadata", {})}
    stored = Submission.from_dict(body)
    assert "x" * 501 in {**(stored.spec.params or {}), **stored.tags}
    with pytest.raises(InvalidSpec, match="has 501 bytes; give one of at most 500"):
        stored.check_names()


@pytest.mark.parametrize("changes", [{"job_id": "../x"}, {"job_id": None}, {"metadata": None}, {"metadata": {}}])
def test_a_submission_without_identity_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        Submission.from_dict(submission(**changes))


def test_environment_may_be_a_list_of_assignments_and_null_means_unset() -> None:
    assert JobSpec.from_dict({"environment": ["A=1=2", "B="]}).environment == {"A": "1=2", "B": ""}
    assert JobSpec.from_dict({"environment": {"A": None, "B": 2}}).environment == {"B": "2"}


def test_empty_parameters_are_parameters() -> None:
    assert JobSpec.from_dict(JobSpec(params={}).to_dict()).params == {}
    assert JobSpec.from_dict(JobSpec().to_dict()).params is None


def test_what_has_ended_never_goes_on() -> None:
    for status in JobStatus:
        assert status.is_finished == (not TRANSITIONS[status])


def test_a_job_runs_only_after_it_was_claimed() -> None:
    assert sources(JobStatus.RUNNING) == [JobStatus.PENDING]
    assert set(sources(JobStatus.FAILED)) == {JobStatus.QUEUED, JobStatus.PENDING, JobStatus.RUNNING}


@pytest.mark.parametrize("image", ["BAD:::", "-v /:/x", "a" * 600, "team/image:", "name with blanks", "a@", "../a"])
def test_what_is_no_name_of_an_image_is_refused(image: str) -> None:
    with pytest.raises(InvalidSpec, match=r"^image: '.*' is no name of an image; give one such as"):
        JobSpec.from_dict({"image": image})


@pytest.mark.parametrize("image", ["python", "registry:5000/team/image", "team/image:1.0@sha256:" + "0" * 64])
def test_an_image_may_have_a_registry_a_tag_and_a_digest(image: str) -> None:
    assert JobSpec.from_dict({"image": image}).image == image


@pytest.mark.parametrize("value", [{"b": 1}, ["x"], "x\x00y"])
def test_the_value_of_a_variable_is_text(value: object) -> None:
    with pytest.raises(InvalidSpec, match=r"^environment: .* cannot be the value of A; give text"):
        JobSpec.from_dict({"environment": {"A": value}})
