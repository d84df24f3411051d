"""Errors cross the wire and come back as the same class."""

from __future__ import annotations

import pytest

from atlas_core import errors
from atlas_core.errors import BY_CODE, AtlasError, InvalidSpec, JobNotFound, ServerError, from_problem


@pytest.mark.parametrize("kind", BY_CODE.values(), ids=lambda kind: kind.__name__)
def test_every_error_is_raised_again_as_itself(kind: type[AtlasError]) -> None:
    error = from_problem(kind("A sentence.", field="ram").to_problem())
    assert type(error) is kind
    assert error.message == "A sentence."
    assert error.details == {"field": "ram"}


def test_no_two_errors_share_a_code() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, AtlasError)]
    assert sorted(kind.code for kind in kinds) == sorted(BY_CODE)


def test_a_problem_object_says_what_programs_and_people_need() -> None:
    problem = JobNotFound("Job `x` does not exist.", job_id="x").to_problem()
    assert problem["status"] == 404
    assert problem["code"] == "job_not_found"
    assert problem["detail"] == "Job `x` does not exist."
    assert problem["job_id"] == "x"


def test_an_unknown_code_becomes_a_server_error() -> None:
    error = from_problem({"code": "teapot", "detail": "short and stout"})
    assert type(error) is ServerError
    assert error.message == "short and stout"


def test_a_special_error_can_be_caught_as_its_general_one() -> None:
    with pytest.raises(AtlasError):
        raise InvalidSpec("no")
