"""The evaluation of columns against one that looks at each job by itself."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from atlas_services.rest_api.query import Jobs, Mark, Term, matching, ordered, parse_filter
from atlas_services.rest_api.query.fields import Field
from atlas_services.rest_api.query.order import mark_of
from atlas_services.tracker import Column, Table

NOW = 1000.0
#: A value that stands for none.
ABSENT = object()

numbers = st.sampled_from([0.0, 1.0, -2.5, 3.0, math.inf, -math.inf, math.nan])
values = st.one_of(
    st.just(ABSENT), numbers, st.sampled_from(["a", "B", "ab", ""]), st.sampled_from([True, False, None, 2**60, [1]])
)
jobs_strategy = st.lists(st.fixed_dictionaries({"x": values, "y": values, "m": st.just(ABSENT) | numbers}), max_size=12)


def column(items: Sequence[Any]) -> Column:
    """Return the column of these values, one for each row."""
    plain = [item if isinstance(item, float) else math.nan for item in items]
    others = {row: item for row, item in enumerate(items) if item is not ABSENT and not isinstance(item, float)}
    nans = frozenset(row for row, item in enumerate(items) if isinstance(item, float) and math.isnan(item))
    return Column(array("d", plain), others, nans)


def index(jobs: Sequence[Mapping[str, Any]]) -> Jobs:
    columns = {
        "p:x": column([job["x"] for job in jobs]),
        "t:y": column([job["y"] for job in jobs]),
        "last:m:m": column([job["m"] for job in jobs]),
        "a:creation_time": column([float(row // 3) for row, _ in enumerate(jobs)]),
    }
    return Jobs("p", Table(len(jobs), columns), NOW)


literals = st.sampled_from(["0", "1", "-2.5", "inf", "nan", '"a"', '"AB"', "true", "false", "null", str(2**60)])
operators = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])


def is_readable(operator: str, literal: str, name: str) -> bool:
    if name.startswith("metrics") and literal[0] not in "0123456789-in":
        return False
    return operator in {"==", "!="} or literal not in {"true", "false", "null"}


@st.composite
def filters(draw: st.DrawFn, depth: int = 3) -> str:
    kind = draw(st.sampled_from(["compare", "in", "exists", *(["and", "or", "not"] if depth else [])]))
    name = draw(st.sampled_from(["params.x", "tags.y", "metrics.m"]))
    if kind in {"and", "or"}:
        return f"({draw(filters(depth - 1))} {kind} {draw(filters(depth - 1))})"
    if kind == "not":
        return f"not {draw(filters(depth - 1))}"
    if kind == "exists":
        return f"exists({name})"
    operator = draw(operators) if kind == "compare" else "=="
    literal = draw(literals.filter(lambda word: is_readable(operator, word, name) and word != "null"))
    return f"{name} {operator} {literal}" if kind == "compare" else f"{name} in [{literal}]"


def same_kind(one: Any, other: Any) -> bool:
    def kind(value: Any) -> str:
        if isinstance(value, bool) or value is None or isinstance(value, (str, list)):
            return type(value).__name__
        return "number"

    return kind(one) == kind(other)


def naive(text: str, job: Mapping[str, Any]) -> bool:
    """Say whether a filter holds, by turning it into Python."""
    words = {"true": True, "false": False, "null": None, "nan": math.nan, "inf": math.inf}

    def compare(value: Any, operator: str, other: Any) -> bool:
        if value is ABSENT:
            return False
        both_nan = value != value and other != other
        equal = same_kind(value, other) and (value == other or both_nan)
        if operator in {"==", "!="}:
            return equal == (operator == "==")
        if not same_kind(value, other) or isinstance(value, bool) or value is None:
            return False
        return bool({"<": value < other, "<=": value <= other, ">": value > other, ">=": value >= other}[operator])

    python = text
    for name, key in (("params.x", "x"), ("tags.y", "y"), ("metrics.m", "m")):
        python = python.replace(f"exists({name})", f"(job['{key}'] is not ABSENT)")
        for operator in ("==", "!=", "<=", ">=", "<", ">", "in"):
            python = python.replace(f"{name} {operator} ", f"C(job['{key}'], '{operator}') | ")

    class C:
        def __init__(self, value: Any, operator: str) -> None:
            self.value, self.operator = value, operator

        def __or__(self, other: Any) -> bool:
            if self.operator == "in":
                return any(compare(self.value, "==", each) for each in other)
            return compare(self.value, self.operator, other)

    names = {"C": C, "job": job, "ABSENT": ABSENT, **words}
    return bool(eval(python, names))


@given(filters(), jobs_strategy)
def test_columns_and_single_jobs_are_judged_alike(text: str, jobs: list[dict[str, Any]]) -> None:
    expected = [row for row, job in enumerate(jobs) if naive(text, job)]
    assert matching(parse_filter(text, NOW), index(jobs)) == expected, text


def test_what_a_value_holds_is_asked_of_how_it_is_written() -> None:
    jobs = [{"x": value, "y": ABSENT, "m": ABSENT} for value in (0.25, 3.0, [64, 32], "Adam", True, None, math.nan)]
    assert matching(parse_filter('params.x ~ "3"', NOW), index(jobs)) == [1, 2]
    assert matching(parse_filter('params.x ~ "ADA"', NOW), index(jobs)) == [3]
    assert matching(parse_filter('params.x ~ "0.2"', NOW), index(jobs)) == [0]
    assert matching(parse_filter('params.x ~ "na"', NOW), index(jobs)) == [6]


TERMS = st.lists(
    st.builds(Term, st.sampled_from([Field("p", "x"), Field("t", "y"), Field("m", "m", "last")]), st.booleans()),
    max_size=3,
)


@given(jobs_strategy, TERMS)
def test_jobs_without_the_field_are_last_and_equal_ones_newest_first(
    jobs: list[dict[str, Any]], terms: list[Term]
) -> None:
    table = index(jobs)
    rows, _ = ordered(range(len(jobs)), terms, table)
    assert sorted(rows) == list(range(len(jobs)))
    for before, after in pairwise(rows):
        assert rank(before, after, terms, table)


def rank(before: int, after: int, terms: Sequence[Term], jobs: Jobs) -> bool:
    """Whether two rows may stand in this order."""
    for term in terms:
        column = jobs.column(term.field)
        groups = [group(column, row) for row in (before, after)]
        if groups[0] != groups[1]:
            return groups[0] < groups[1]
        one, other = (column.value(row) for row in (before, after))
        if groups[0] == 3:
            one, other = (str(value).lower().replace("none", "null") for value in (one, other))
        if groups[0] in {0, 2, 3} and one != other:
            return bool(one > other) == term.descending
    return before > after


def group(column: Column, row: int) -> int:
    value = column.value(row)
    if not column.has(row):
        return 4
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return 1 if math.isnan(value) else 0
    return 2 if isinstance(value, str) else 3


@given(jobs_strategy, TERMS, st.integers(1, 4))
def test_pages_follow_each_other_though_jobs_come_and_go(
    jobs: list[dict[str, Any]], terms: list[Term], size: int
) -> None:
    table = index(jobs)
    whole, _ = ordered(range(len(jobs)), terms, table)
    seen: list[int] = []
    mark: Mark | None = None
    remaining = list(range(len(jobs)))
    while True:
        rows, start = ordered(remaining, terms, table, mark)
        page = rows[start : start + size]
        if not page:
            break
        seen += page
        mark = mark_of(page[-1], terms, table)
        remaining.remove(page[-1])  # the job at which the next page begins goes meanwhile
    assert seen == whole
