from __future__ import annotations

from atlas_core.records import FLOAT, INTEGER, NO_STEP, OTHER, POINT
from atlas_services.sealing.parquet import points_table


def test_several_series_make_one_table_in_which_each_keeps_what_no_double_holds() -> None:
    plain = POINT.pack(0, 1.0, FLOAT, 0.5) + POINT.pack(NO_STEP, 2.0, INTEGER, 7.0)
    first = POINT.pack(1, 3.0, OTHER, 0.0) + POINT.pack(2, 4.0, FLOAT, 9.0) + POINT.pack(3, 5.0, OTHER, 1.0)
    second = POINT.pack(4, 6.0, OTHER, 0.0)
    series = [("plain", plain, []), ("a", first, [b'"x"', b'"y"']), ("none", b"", []), ("b", second, [b'"z"'])]
    assert [tuple(row.values()) for row in points_table([*series, ("plain", plain[: POINT.size], [])]).to_pylist()] == [
        ("plain", 0, 1.0, 0.5, None),
        ("plain", None, 2.0, 7.0, None),
        ("a", 1, 3.0, None, '"x"'),
        ("a", 2, 4.0, 9.0, None),
        ("a", 3, 5.0, None, '"y"'),
        ("b", 4, 6.0, None, '"z"'),
        ("plain", 0, 1.0, 0.5, None),
    ]


def test_a_job_without_series_makes_an_empty_table() -> None:
    assert points_table([]).num_rows == 0
