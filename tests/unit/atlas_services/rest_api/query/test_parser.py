from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas_core.errors import InvalidInput
from atlas_services.rest_api.query import parse_fields, parse_filter, parse_sort
from atlas_services.rest_api.query.conditions import Comparison, Every, Exists, Membership, Not, Some
from atlas_services.rest_api.query.fields import Field

NOW = 1_000_000.0


def read(text: str) -> Any:
    return parse_filter(text, NOW)


def only(text: str) -> Comparison:
    """Return the one comparison of a filter."""
    found = read(text)
    assert isinstance(found, Comparison)
    return found


def test_an_empty_filter_asks_for_nothing() -> None:
    assert read("") is None
    assert read("  ") is None


@pytest.mark.parametrize(
    ("text", "kind", "name", "statistic"),
    [
        ("params.lr == 1", "p", "lr", ""),
        ("parameters.lr == 1", "p", "lr", ""),
        ('params."learning rate" == 1', "p", "learning rate", ""),
        ("params.optimizer.beta-1 == 1", "p", "optimizer.beta-1", ""),
        ("params.größe == 1", "p", "größe", ""),
        ("params.学習率 == 1", "p", "学習率", ""),
        ("params.हिन्दी == 1", "p", "हिन्दी", ""),
        ('params."a \\"b\\" \\\\" == 1', "p", 'a "b" \\', ""),
        ("metrics.acc > 1", "m", "acc", "last"),
        ("metrics.acc.max > 1", "m", "acc", "max"),
        ("metrics.val/acc.min > 1", "m", "val/acc", "min"),
        ('metrics."acc.max" > 1', "m", "acc.max", "last"),
        ('metrics."acc"."max" > 1', "m", "acc.max", "last"),
        ('metrics."acc".max > 1', "m", "acc", "max"),
        ("metrics.max > 1", "m", "max", "last"),
        ("metrics.train.loss > 1", "m", "train.loss", "last"),
        ("tags.best == 1", "t", "best", ""),
    ],
)
def test_fields_are_named_by_paths(text: str, kind: str, name: str, statistic: str) -> None:
    field = only(text).field
    assert (field.kind, field.name, field.statistic) == (kind, name, statistic)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("params.x == 1", 1),
        ("params.x == -1.5e-3", -1.5e-3),
        ("params.x == .5", 0.5),
        ("params.x == -inf", -math.inf),
        ("params.x == 10000000000000000000001", 10**22 + 1),
        ("params.x == 'a \\'b\\''", "a 'b'"),
        ('params.x == "é\\n"', "én"),
        ("params.x == true", True),
        ("params.x == null", None),
        ('start_time > "1970-01-02"', 86400.0),
        ('start_time > "1970-01-01T01:00:00+01:00"', 0.0),
        ('start_time > "1970-01-01T00:00:10Z"', 10.0),
        ("start_time > -7d", NOW - 7 * 86400),
        ("start_time > 12.5", 12.5),
        ("duration > 1h30m", 5400.0),
        ("duration > 90", 90),
        ('status == "failed"', "failed"),
    ],
)
def test_values_are_read_by_the_field_that_they_belong_to(text: str, value: Any) -> None:
    found = only(text).value
    assert (found, type(found)) == (value, type(value))


def test_and_binds_closer_than_or_and_not_closest() -> None:
    one, two, three = (Comparison(Field("p", name), "==", 1) for name in "abc")
    assert read("not params.a == 1 or params.b == 1 and params.c == 1") == Some((Not(one), Every((two, three))))
    assert isinstance(read("(params.a == 1 or params.b == 1) and params.c == 1"), Every)


def test_lists_presence_and_tags() -> None:
    assert read('status in ["failed", "queued"]') == Membership(Field("a", "status"), ("failed", "queued"))
    assert read("exists(params.x)") == Exists(Field("p", "x"))
    assert read("tags.best") == Exists(Field("t", "best"))
    absent = Not(Membership(Field("p", "x"), (1,)))
    assert read("params.x not in [1]") == Every((Exists(Field("p", "x")), absent))


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("statu == 1", 1, "`statu` is no field; expected such as `status`"),
        ("foo.bar == 1", 1, "`foo.bar` is no field; expected one of job_id, "),
        ("status = 1", 8, "`=` cannot be read; expected `==`"),
        ('status == "failed" && tags.x', 20, "expected `and`"),
        ("status == failed", 11, 'a text stands in quotes: "failed"'),
        ('status == "fialed"', 11, '"queued", "pending", "running"'),
        ('status == "failed', 11, "a text begins that does not end"),
        ('status > "failed"', 1, "`status` has no order"),
        ("params.x", 9, "there is the end; expected one of `==`"),
        ("params.x ==", 12, "there is the end; expected a value"),
        ("params.x == 1 params.y == 2", 15, "there is `params.y`; expected `and`, `or`, or the end"),
        ("(params.x == 1", 15, "there is the end; expected `and`, `or` or `)`"),
        ("params.x in 3", 13, "expected `[`"),
        ("params.x in [3 4]", 16, "expected `,` or `]`"),
        ("metrics.a == 'x'", 14, "expected a number"),
        ("metrics.a ~ 'x'", 1, "`metrics.a` holds no text"),
        ("metrics.a == true", 14, "expected a number"),
        ("params.x > true", 12, "expected a number or a text in quotes"),
        ("params.x > 7d", 12, "there is `7d`"),
        ("start_time > 'yesterday'", 14, 'a time such as "2026-01-31"'),
        ("duration > 'x'", 12, "a duration such as 90s"),
        ("user ~ 3", 8, "a text in quotes"),
        ("and", 1, "expected a field"),
        ("params.x == 1 or", 17, "there is the end; expected a field"),
        ("$", 1, "`$` cannot be read"),
        ("not " * 60 + "tags.x", 201, "too deep"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text: str, position: int, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(text)
    assert caught.value.details["position"] == position
    assert caught.value.details["field"] == "filter"
    assert caught.value.message.startswith(f"filter: at position {position}: ")
    assert words in caught.value.message


def test_a_filter_without_end_is_refused() -> None:
    with pytest.raises(InvalidInput, match="10000 is the limit"):
        read("tags.x or " * 1001)


def test_orders_and_lists_of_fields() -> None:
    first, second = parse_sort("-metrics.acc.max, params.lr")
    assert (first.field.statistic, first.descending, second.field.name, second.descending) == ("max", True, "lr", False)
    assert parse_sort("") == []
    assert parse_fields("status,params,metrics.a")[1] == "p"
    for wrong in ("-", "a,", "params.x params.y", "lr"):
        with pytest.raises(InvalidInput, match="sort: at position"):
            parse_sort(wrong)


@given(st.text(alphabet="aprms.=!<>~()[]\"\\' -7dwx,0e&|é\n", max_size=40) | st.text(max_size=40))
def test_no_text_breaks_the_parser(text: str) -> None:
    for parse in (read, parse_sort, parse_fields):
        try:
            parse(text)
        except InvalidInput as error:
            assert 1 <= error.details["position"] <= len(text) + 1


@pytest.mark.parametrize("word", ["日本", "مريم", "Ünï", "हिन्दी"])
def test_a_word_of_any_script_is_refused_as_one_of_ours_is(word: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(word)
    assert f"`{word}` is no field" in str(refused.value)
