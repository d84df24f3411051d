"""When another attempt follows a failed one."""

from __future__ import annotations

import pytest

from atlas_core.errors import InvalidSpec
from atlas_core.retries import RETRYABLE, Retries
from atlas_core.states import Cause


def test_without_a_word_there_is_one_attempt() -> None:
    assert not Retries.from_value(None).allows(Cause.OOM, 1)
    assert Retries().to_value() is None


def test_a_number_of_retries_is_that_many_attempts_more() -> None:
    retries = Retries.from_value(2)
    assert [retries.allows(Cause.EXIT_CODE, attempt) for attempt in (1, 2, 3)] == [True, True, False]


def test_only_the_named_causes_are_retried() -> None:
    retries = Retries.from_value({"limit": 3, "causes": ["oom", "engine_lost"]})
    assert retries.allows(Cause.OOM, 1)
    assert not retries.allows(Cause.USER_CODE, 1)
    assert Retries.from_value(retries.to_value()) == retries


@pytest.mark.parametrize("cause", [Cause.STOPPED_BY_USER, Cause.INVALID_SPEC, None])
def test_what_another_attempt_cannot_mend_is_not_retried(cause: Cause | None) -> None:
    assert not Retries.from_value(5).allows(cause, 1)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (-1, "retries: -1 is no number of retries; give a whole number, 0 to 100."),
        ("often", "retries: 'often' is no number of retries; give a whole number, 0 to 100."),
        ({"times": 2}, "retries.times: there is no such key; use limit and causes."),
        ({"causes": []}, "retries.causes: expected a list of causes, but got []."),
        (
            {"causes": ["stopped_by_user"]},
            "retries.causes: 'stopped_by_user' cannot be retried; use some of "
            + ", ".join(sorted(cause.value for cause in RETRYABLE))
            + ".",
        ),
    ],
)
def test_what_is_no_policy_is_refused(value: object, sentence: str) -> None:
    with pytest.raises(InvalidSpec) as caught:
        Retries.from_value(value)
    assert caught.value.message == sentence
