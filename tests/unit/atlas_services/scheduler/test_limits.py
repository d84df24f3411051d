"""The limits of projects and users."""

from __future__ import annotations

import pytest

from atlas_core.errors import InvalidConfig
from atlas_services.scheduler.limits import Limit, Limits


@pytest.mark.parametrize("nothing", [None, {}, {"project": None, "users": {}}])
def test_without_a_word_there_are_none(nothing: object) -> None:
    assert Limits.from_dict(nothing) == Limits()
    assert Limits().of_project("p") == Limit(None, None)


def test_a_named_one_has_the_general_limit_in_what_is_not_said_of_it() -> None:
    limits = Limits.from_dict(
        {"project": {"jobs": 4, "gpus": 2}, "projects": {"vision": {"jobs": 8}, "free": {"jobs": None, "gpus": None}}}
    )
    assert limits.of_project("any") == Limit(4, 2)
    assert limits.of_project("vision") == Limit(8, 2)
    assert limits.of_project("free") == Limit()
    assert limits.of_user("ada") == Limit()


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ([], "limits"),
        ({"jobs": 3}, "limits.jobs"),
        ({"project": 3}, "limits.project"),
        ({"project": {"cpus": 3}}, "limits.project.cpus"),
        ({"user": {"jobs": -1}}, "limits.user.jobs"),
        ({"user": {"jobs": True}}, "limits.user.jobs"),
        ({"users": {"ada": {"gpus": "many"}}}, "limits.users.ada.gpus"),
    ],
)
def test_what_is_wrong_is_named(data: object, key: str) -> None:
    with pytest.raises(InvalidConfig) as caught:
        Limits.from_dict(data)
    assert caught.value.message.startswith(f"{key}:")
    assert caught.value.details["field"] == key
