from __future__ import annotations

import itertools
import math
from typing import Any

from atlas_core.states import JobStatus
from atlas_services.rest_api.columns import all_columns
from atlas_services.rest_api.sorting import sort_by_names, sort_by_path
from atlas_services.tracker import JobRecord, JobView

VALUES: list[Any] = [3, math.nan, "text", None, True, [1], 2.5, math.inf, "Text", {"a": 1}]


def jobs() -> list[JobView]:
    """Return one job for each value of the parameter `x`."""
    records = [JobRecord(f"job{index}", "p", JobStatus.COMPLETED, 0.0) for index in range(len(VALUES))]
    return [
        JobView(record, {} if value is None else {"x": value}, {}, {}, {})
        for record, value in zip(records, VALUES, strict=True)
    ]


def shown(views: list[JobView]) -> list[Any]:
    """Return the values in their order."""
    return [view.params.get("x") for view in views]


def test_values_of_every_type_have_an_order_wherever_they_begin() -> None:
    expected = repr([None, True, 2.5, 3, math.inf, math.nan, "Text", "text", [1], {"a": 1}])
    for order in itertools.islice(itertools.permutations(jobs()), 0, 200_000, 9973):
        assert repr(shown(sort_by_path(order, "parameters:x", "asc", 0.0))) == expected


def test_a_missing_value_is_smallest_in_the_table_and_greatest_in_the_query() -> None:
    views = jobs()
    assert shown(sort_by_path(views, "parameters:x", "asc", 0.0))[0] is None
    assert shown(sort_by_path(views, "parameters:x", "desc", 0.0))[-1] is None
    assert shown(sort_by_names(views, "x", all_columns(views, 0.0)))[-1] is None
    assert shown(sort_by_names(views, "-x", all_columns(views, 0.0)))[0] is None


def test_jobs_that_are_equal_in_one_column_are_ordered_by_the_next() -> None:
    views = jobs()
    ordered = sort_by_names(views, "status,-job_id", all_columns(views, 0.0))
    assert [view.record.job_id for view in ordered] == [f"job{index}" for index in reversed(range(len(VALUES)))]
