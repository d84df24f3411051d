"""Ids never become paths out of where they belong."""

from __future__ import annotations

import pytest

from atlas_core.errors import InvalidInput
from atlas_core.ids import check_bundle_id, check_job_id, check_project_name, new_job_id


def test_a_new_id_is_a_job_id_and_not_used_before() -> None:
    first, second = new_job_id(), new_job_id()
    assert check_job_id(first) == first
    assert first != second


@pytest.mark.parametrize("job_id", ["a", "A-b_c.1", "nightly_20260101_020304"])
def test_ids_of_older_clients_and_of_cron_runs_are_accepted(job_id: str) -> None:
    assert check_job_id(job_id) == job_id


@pytest.mark.parametrize(
    "job_id", ["", ".", "..", "../x", "a/b", "a..b", "/etc", "a\n", "a b", "ä", "-x", "x" * 129, None, 7, b"a", "a\x00"]
)
def test_what_is_no_id_is_refused_by_name_and_value(job_id: object) -> None:
    with pytest.raises(InvalidInput, match="job_id") as raised:
        check_job_id(job_id)
    assert repr(job_id) in raised.value.message


@pytest.mark.parametrize("bundle_id", ["", "abc", "g" * 64, "A" * 64, None, "../" + "a" * 61])
def test_a_bundle_id_is_a_hash_and_nothing_else(bundle_id: object) -> None:
    with pytest.raises(InvalidInput):
        check_bundle_id(bundle_id)


@pytest.mark.parametrize("name", ["digits", "My project (2)", "名前", "a.b", "login-x"])
def test_project_names_are_what_people_write(name: str) -> None:
    assert check_project_name(name) == name


@pytest.mark.parametrize("name", ["", "  ", ".", "..", "a/b", "a\nb", "a\x00", "a\udcff", "x" * 256, None, 3])
def test_a_project_name_that_breaks_paths_or_pages_is_refused(name: object) -> None:
    with pytest.raises(InvalidInput, match="project_name"):
        check_project_name(name)
