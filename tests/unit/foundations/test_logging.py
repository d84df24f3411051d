"""What a script may log, and how it arrives."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest
from tests.unit.foundations.conftest import Script
from tests.unit.foundations.journal_server import JournalServer

import foundations
from atlas_core.errors import InvalidInput
from atlas_core.records import POINT, Point


def logged(tracked: Script, server: JournalServer, code: str) -> str:
    """Run `code` in a job that succeeds, and return the job."""
    ended = tracked.run(f"import foundations, numpy\n{code}")
    assert (ended.returncode, ended.stderr) == (0, "")
    return server.only_job


def test_numbers_arrive_as_what_they_were(tracked: Script, server: JournalServer) -> None:
    values = (
        "[1.5, 2, True, False, -0.0, 2**53, numpy.float64(0.25), numpy.float32(0.5), numpy.int64(7), numpy.bool_(1)]"
    )
    job = logged(tracked, server, f"for value in {values}: foundations.log_metric('x', value)")
    got = server.values(job, "x")
    assert got == [1.5, 2, True, False, -0.0, 2**53, 0.25, 0.5, 7, True]
    assert [type(value) for value in got] == [float, int, bool, bool, float, int, float, float, int, bool]


def test_what_is_not_finite_is_kept(tracked: Script, server: JournalServer) -> None:
    job = logged(tracked, server, "foundations.log_metric('x', [float('nan'), float('inf'), -numpy.inf])")
    nan, *infinities = server.values(job, "x")
    assert math.isnan(nan)
    assert infinities == [math.inf, -math.inf]


def test_text_and_huge_integers_are_metrics_too(tracked: Script, server: JournalServer) -> None:
    job = logged(tracked, server, "foundations.log_metric('x', ['süß', 10**30, '\\ud800'], step=2)")
    bodies = server.operations(job, "metric")
    assert [(body["name"], body["value"], body["step"]) for body in bodies] == [
        ("x", "süß", 2), ("x", 10**30, 2), ("x", "?", 2)]  # fmt: skip


def test_a_list_is_a_point_each_and_an_empty_one_none(tracked: Script, server: JournalServer) -> None:
    job = logged(tracked, server, "foundations.log_metric('x', [1, 2]); foundations.log_metric('x', [])")
    assert server.values(job, "x") == [1, 2]


def test_several_metrics_share_a_step(tracked: Script, server: JournalServer) -> None:
    job = logged(tracked, server, "foundations.log_metrics({'a': 1.0, 'b': numpy.float32(2)}, step=numpy.int64(3))")
    assert (server.values(job, "a"), server.values(job, "b")) == ([1.0], [2.0])


@pytest.mark.parametrize("key", [5, None, "", b"x", "\ud800"])
def test_a_name_that_is_none_is_refused(key: Any) -> None:
    with pytest.raises(ValueError, match="Invalid metric name `"):
        foundations.log_metric(key, 1.0)


@pytest.mark.parametrize("value", [None, {}, (1,), [[1]], [None], object(), numpy.zeros(2), 1j, b"x"])
def test_a_value_that_is_none_is_refused(value: Any) -> None:
    with pytest.raises(
        TypeError, match=r'Invalid metric with key="x" of value=.* with type <class .*>\. Value should be'
    ):
        foundations.log_metric("x", value)


def test_a_long_wrong_value_is_shown_in_part() -> None:
    with pytest.raises(TypeError) as caught:
        foundations.log_metric("x", ("a" * 100,))
    assert str(caught.value) == (
        f"Invalid metric with key=\"x\" of value=('{'a' * 28} ... with type <class 'tuple'>. "
        "Value should be of type string or number, or a list of strings / numbers"
    )


@pytest.mark.parametrize("value", [numpy.zeros(3), [numpy.zeros(3)], numpy.zeros((2, 2))])
def test_of_an_array_it_is_said_what_can_be_logged(value: Any) -> None:
    with pytest.raises(
        TypeError, match=r"one number of it with `\.item\(\)`, each with `\.tolist\(\)`.*`save_artifact`"
    ):
        foundations.log_metric("x", value)


@pytest.mark.parametrize(
    "log",
    [
        lambda name: foundations.log_metric(name, 1.0),
        lambda name: foundations.log_metric(name, "text"),
        lambda name: foundations.log_metrics({name: 1.0}),
        lambda name: foundations.log_param(name, 1.0),
        lambda name: foundations.log_params({"a": {name: 1.0}}),
        lambda name: foundations.set_tag(name),
    ],
)
def test_a_name_that_is_too_long_is_refused(log: Callable[[str], None]) -> None:
    with pytest.raises(InvalidInput, match="bytes; give one of at most 500"):
        log("x" * 501)


@pytest.mark.parametrize("step", [1.5, "3", True, 2**63, -(2**63)])
def test_a_step_that_is_none_is_refused(step: Any) -> None:
    with pytest.raises(TypeError, match="Invalid step"):
        foundations.log_metric("x", 1.0, step)


def test_outside_of_a_job_one_line_says_so(script: Script) -> None:
    script.environment["FOUNDATIONS_COMMAND_LINE"] = "True"
    code = "foundations.log_metric('a', 1); foundations.log_param('a', 1); foundations.set_tag('a')"
    ended = script.run(f"import foundations\nfrom atlas_core.log import configure_logging\nconfigure_logging()\n{code}")
    assert ended.stdout == "Foundations WARNING: Script not run with Foundations.\n"


def test_parameters_keep_their_shape(tracked: Script, server: JournalServer) -> None:
    code = (
        "foundations.log_param('l', [1, {'a': numpy.int64(2)}]); foundations.log_params({'d': {'a': [1, 2], 'e': []}})"
    )
    job = logged(tracked, server, f"{code}; foundations.log_param('n', float('nan')); foundations.log_param(3, 10**25)")
    *parameters, nan, number = server.operations(job, "param")
    assert parameters == [
        {"name": "l", "value": [1, {"a": 2}]},
        {"name": "d_a_0", "value": 1},
        {"name": "d_a_1", "value": 2},
        {"name": "d_e", "value": None},
    ]
    assert math.isnan(nan["value"])
    assert number == {"name": "3", "value": 10**25}


@pytest.mark.parametrize("value", [object(), {1, 2}, b"x", 1j])
def test_a_parameter_that_json_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="is not JSON serializable"):
        foundations.log_param("x", value)


def test_a_parameter_that_holds_itself_is_refused() -> None:
    ring: list[Any] = []
    ring.append(ring)
    with pytest.raises(ValueError, match="Circular"):
        foundations.log_param("x", ring)


def test_a_parameter_beyond_all_limits_is_refused(tracked: Script, server: JournalServer) -> None:
    ended = tracked.run("import foundations\nfoundations.log_param('x', 'a' * 2**24)")
    assert "A `param` of 167772" in ended.stderr
    assert server.operations(server.only_job, "end")[0]["status"] == "failed"


def test_flattening_joins_keys() -> None:
    nested = {"a": {"b": {"c": 1}}, "l": [True, (2,)], "e": {}, "n": None, "f": numpy.float32(0.5)}
    flat = foundations.flatten_parameter_dictionary(nested)
    assert flat == {"a_b_c": 1, "l_0": True, "l_1_0": 2, "e": None, "n": None, "f": 0.5}
    with pytest.raises(TypeError):
        foundations.flatten_parameter_dictionary({"x": object()})


def test_parameters_are_loaded_and_logged(tracked: Script, server: JournalServer) -> None:
    (tracked.folder / "foundations_job_parameters.json").write_text('{"lr": 0.1, "layers": [1, 2]}')
    job = logged(tracked, server, "assert foundations.load_parameters() == {'lr': 0.1, 'layers': [1, 2]}")
    assert [body["name"] for body in server.operations(job, "param")] == ["lr", "layers_0", "layers_1"]


@pytest.mark.parametrize("content", [None, "", " \n"])
def test_without_a_file_there_are_no_parameters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    if content is not None:
        Path("foundations_job_parameters.json").write_text(content)
    assert foundations.load_parameters() == {}


@pytest.mark.parametrize("content", ["{", "[1]"])
def test_a_file_of_something_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("foundations_job_parameters.json").write_text(content)
    with pytest.raises(ValueError, match=r"foundations_job_parameters\.json"):
        foundations.load_parameters()


def test_tags_are_text(tracked: Script, server: JournalServer) -> None:
    code = "for key, value in enumerate(['a', 1, 0.5, None, True, [1, 'b'], b'c']): foundations.set_tag(key, value)"
    job = logged(tracked, server, f"foundations.set_tag('bare')\n{code}")
    values = [body["value"] for body in server.operations(job, "tag")]
    assert values == ["", "a", "1", "0.5", "None", "True", '[1, "b"]', "c"]


def test_a_tag_that_changes_is_remarked_upon(tracked: Script, server: JournalServer) -> None:
    ended = tracked.run("import foundations\nfoundations.set_tag('a', 1)\nfoundations.set_tag('a', 2)")
    assert ended.stdout == "Foundations WARNING: Tag `a` updated to `2`\n"


def test_a_job_moves_to_another_project(tracked: Script, server: JournalServer) -> None:
    job = logged(tracked, server, "foundations.set_project_name('elsewhere')")
    assert server.operations(job, "project") == [{"name": "elsewhere"}]
    with pytest.raises(InvalidInput, match="project_name"):
        foundations.set_project_name("a/b")


def test_the_loggers_of_the_user_are_left_alone(tracked: Script) -> None:
    code = """
        import logging
        mine = logging.getLogger("mine")
        import foundations
        assert not mine.disabled and logging.getLogger().handlers == []
        assert logging.getLogger().level == logging.WARNING
    """
    assert tracked.run(code).returncode == 0


def test_a_time_can_be_given(tracked: Script, server: JournalServer) -> None:
    tracked.run(
        "import foundations\nfoundations.log_metric('a', 1, time=5)\nfoundations.log_metrics({'b': 'x'}, 1, time=6.5)"
    )
    (point,) = [record for record in server.records[server.only_job] if isinstance(record, Point)]
    assert POINT.unpack(point.packed)[1] == 5.0
    assert server.operations(server.only_job, "metric") == [{"name": "b", "value": "x", "time": 6.5, "step": 1}]


@pytest.mark.parametrize("time", [-1, float("nan"), "now", True, 1e13])
def test_a_time_that_is_none_is_refused(time: Any) -> None:
    with pytest.raises(ValueError, match="Invalid time"):
        foundations.log_metric("a", 1, time=time)


def test_dates_and_paths_among_parameters_become_texts(tracked: Script, server: JournalServer) -> None:
    code = """
import datetime, pathlib
params = {"day": datetime.date(2024, 2, 29), "at": datetime.datetime(2024, 2, 29, 12, 30), "data": pathlib.Path("a/b")}
foundations.log_params({"nested": params})
foundations.log_param("whole", params)
"""
    job = logged(tracked, server, code)
    told = {each["name"]: each["value"] for each in server.operations(job, "param")}
    texts = {"day": "2024-02-29", "at": "2024-02-29T12:30:00", "data": "a/b"}
    assert told == {**{f"nested_{name}": text for name, text in texts.items()}, "whole": texts}


def test_a_wrong_value_is_named_by_its_key() -> None:
    with pytest.raises(TypeError, match=r'Invalid parameter with key="layers" of type .*set.*not JSON serializable'):
        foundations.log_param("layers", {1, 2})
    with pytest.raises(TypeError, match=r"Invalid parameter with key=\"a_b\": object of type 'object' has no len"):
        foundations.log_params({"a": {"b": object()}})
    with pytest.raises(TypeError, match=r'Invalid tag with key="t" of type'):
        foundations.set_tag("t", object())
    with pytest.raises(TypeError, match=r'Invalid metric with key="day"'):
        foundations.log_metric("day", Path("x"))


@pytest.mark.parametrize("name", ["", None])
def test_a_parameter_or_tag_without_a_name_is_refused(name: Any) -> None:
    with pytest.raises(ValueError, match=f"Invalid parameter name `{name}`"):
        foundations.log_param(name, 1)
    with pytest.raises(ValueError, match=f"Invalid tag name `{name}`"):
        foundations.set_tag(name)


def test_what_is_no_mapping_is_refused() -> None:
    with pytest.raises(InvalidInput, match="parameters: int is no mapping"):
        foundations.log_params(5)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="metrics: list is no mapping"):
        foundations.log_metrics([1])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "words"), [(None, "None is no path"), ("", "'' is no path"), (__file__, "no directory")]
)
def test_a_directory_for_tensorboard_that_is_none_is_refused(path: Any, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        foundations.set_tensorboard_logdir(path)


@pytest.mark.parametrize(
    "value", [numpy.datetime64("2024-01-01", "ns"), numpy.timedelta64(5, "ns"), numpy.datetime64("NaT")]
)
def test_a_moment_or_a_duration_is_no_metric(value: Any) -> None:
    with pytest.raises(TypeError, match="log a duration in seconds, a moment as a parameter"):
        foundations.log_metric("x", value)


def test_moments_and_durations_are_flattened_as_values() -> None:
    given = {"at": numpy.datetime64("2024-01-01", "s"), "took": datetime.timedelta(seconds=2)}
    found = foundations.flatten_parameter_dictionary({"a": given})
    assert found == {"a_at": given["at"], "a_took": 2.0}
    days = numpy.array(["2024-01-01", "2024-01-02"], "datetime64[D]")
    assert list(foundations.flatten_parameter_dictionary({"days": days})) == ["days_0", "days_1"]


@pytest.mark.parametrize("wrong", [None, 3, [1], pytest])
def test_only_a_mapping_can_be_flattened(wrong: Any) -> None:
    with pytest.raises(InvalidInput, match="is no mapping; give names and values"):
        foundations.flatten_parameter_dictionary(wrong)


@pytest.mark.parametrize("wrong", [None, 3, b"x", ["a"]])
@pytest.mark.parametrize(
    "call",
    [
        foundations.save_artifact,
        lambda path: foundations.submit(job_directory=path if path is not None else 0, command=["x"]),
        lambda path: foundations.create_syncable_directory("key", 0 if path is None else path),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_path_is_refused_in_a_sentence(call: Callable[[Any], object], wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"is no path; give a text or a `pathlib.Path`\."):
        call(wrong)
