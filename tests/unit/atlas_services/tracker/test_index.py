"""The index says what the documents say, whatever happens to jobs."""

from __future__ import annotations

import math
import struct
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atlas_core.records import operation_frame, point_frame
from atlas_core.states import Cause, JobStatus
from atlas_services.tracker import Tracker, keys, ordered
from atlas_services.tracker.reindex import reindex

TOKEN = "t"
VALUES: list[Any] = [0, 0.0, -0.0, 1, -3.5, math.nan, math.inf, -math.inf, True, False, None, "", "x", "x" * 99]
VALUES += [[], [1, 2], {"a": 1}, 2**53, 2**53 + 1, -(10**40), "ünï"]


def log(tracker: Tracker, job_id: str, *frames: bytes | None, project: str = "p", time: float = 100.0) -> None:
    """Log a run, or go on logging it."""
    applied = sum(int(end) for end in tracker.client.hvals(keys.journals(job_id)))
    start = b"" if applied else operation_frame("start", project=project, user="ann", time=time)
    data = start + b"".join(frame for frame in frames if frame)
    tracker.journals.apply(job_id, "w", applied, data, TOKEN, time)


def param(name: str, value: Any) -> bytes:
    return operation_frame("param", name=name, value=value)


def column(tracker: Tracker, name: str, project: str = "p") -> dict[str, Any]:
    """Return what a column says of each job that has a value in it."""
    reindex(tracker.client)
    table = tracker.index.read(project, [name, "a:creation_time"], ids=True)
    assert table is not None
    found = table.columns[name]
    return {} if found is None else {job: found.value(row) for row, job in table.ids.items() if found.has(row)}


def exact(value: Any) -> Any:
    """Return what tells every value from every other."""
    return (type(value).__name__, repr(value)) if not isinstance(value, float) else struct.pack("<d", value)


def test_every_value_comes_back_as_it_was_logged(tracker: Tracker) -> None:
    for number, value in enumerate(VALUES):
        log(tracker, f"job{number}", param("x", value), operation_frame("tag", key="x", value=value))
    log(tracker, "without")
    numbers = {value for value in VALUES if isinstance(value, int) and not isinstance(value, bool)}
    for name in ("p:x", "t:x"):
        found = column(tracker, name)
        assert found.keys() == {f"job{number}" for number in range(len(VALUES))}
        for number, value in enumerate(VALUES):
            wanted = float(value) if type(value) is int and value in numbers and abs(value) <= 2**53 else value
            assert exact(found[f"job{number}"]) == exact(wanted)


def test_a_metric_has_its_summary(tracker: Tracker) -> None:
    log(tracker, "a", *(point_frame("m", value, 1.0) for value in (3.0, 0.0, 5.0, 1.0)))
    log(tracker, "b", operation_frame("metric", name="m", value="text", time=1.0))
    log(tracker, "c")
    expected = {"last": 1.0, "min": 0.0, "max": 5.0, "first": 3.0, "count": 4.0}
    for statistic, value in expected.items():
        found = column(tracker, f"{statistic}:m:m")
        assert (set(found), found["a"]) == ({"a", "b"}, value)
    assert column(tracker, "count:m:m")["b"] == 1.0


def test_metrics_of_the_machine_are_not_in_the_index(tracker: Tracker) -> None:
    log(tracker, "a", point_frame("system.cpu", 3.0, 1.0))
    assert "m:system.cpu" not in tracker.index.names("p")


def test_the_life_of_a_job_is_in_the_index(tracker: Tracker) -> None:
    tracker.jobs.create("a", "p", JobStatus.QUEUED, 5.5, TOKEN, user="ann", mode="scheduled")
    tracker.jobs.transition("a", JobStatus.PENDING, 6.0)
    tracker.jobs.transition("a", JobStatus.RUNNING, 7.0, start_time=7.0)
    tracker.jobs.transition("a", JobStatus.FAILED, 9.0, completed_time=9.0, cause=Cause.EXIT_CODE)
    tracker.jobs.update("a", cause=Cause.USER_CODE)
    names = ("status", "user", "mode", "cause", "creation_time", "start_time", "completed_time")
    assert [column(tracker, f"a:{name}")["a"] for name in names] == [
        "failed",
        "ann",
        "scheduled",
        "user_code",
        5.5,
        7.0,
        9.0,
    ]


def test_a_job_that_moves_takes_its_row_along(tracker: Tracker) -> None:
    log(tracker, "a", param("x", "text"), param("y", 1), point_frame("m", 3.0, 1.0))
    log(tracker, "a", operation_frame("project", name="q"))
    assert column(tracker, "p:x", "q") == {"a": "text"}
    assert column(tracker, "last:m:m", "q") == {"a": 3.0}
    assert tracker.index.names("p") == {}
    log(tracker, "a", param("x", 2))
    assert column(tracker, "p:x", "q") == {"a": 2.0}


def test_what_nobody_has_any_more_leaves_nothing_behind(tracker: Tracker) -> None:
    log(tracker, "a", param("x", "text"), point_frame("m", 3.0, 1.0), operation_frame("tag", key="t", value="v" * 99))
    tracker.jobs.remove_tag("a", "t")
    assert "t:t" not in tracker.index.names("p")
    log(tracker, "a", operation_frame("end", status="completed", exit_code=0, time=101.0))
    tracker.jobs.delete("a", 200.0)
    assert [key for key in tracker.client.keys("*index*") if key != keys.INDEX_WHOLE.encode()] == []


def test_jobs_that_are_older_than_the_index_are_taken_in(tracker: Tracker) -> None:
    log(tracker, "a", param("x", 1), point_frame("m", 3.0, 1.0))
    for key in tracker.client.keys(f"{keys.INDEX_PREFIX}*"):
        tracker.client.delete(key)
    tracker.client.hdel(keys.job("a"), keys.ROW)
    log(tracker, "a", param("y", 2))
    assert tracker.index.read("p", ["p:x"]) is None
    reindex(tracker.client)
    assert column(tracker, "p:x") == {"a": 1.0}
    assert column(tracker, "p:y") == {"a": 2.0}
    assert column(tracker, "last:m:m") == {"a": 3.0}


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["param", "tag", "untag", "metric", "move", "delete"]),
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["x", "y:z"]),
        st.sampled_from(VALUES),
    ),
    max_size=30,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_the_index_and_the_documents_agree_whatever_happens(tracker: Tracker, steps: list[Any]) -> None:
    tracker.client.flushall()
    generation = dict.fromkeys("abc", 0)
    for action, short, name, value in steps:
        job = f"{short}{generation[short]}"
        if action == "delete":
            log(tracker, job, operation_frame("end", status="completed", exit_code=0, time=101.0))
            tracker.jobs.delete(job, 200.0)
            generation[short] += 1
            continue
        log(tracker, job)
        if action == "untag":
            tracker.jobs.remove_tag(job, name)
        elif action == "move":
            log(tracker, job, operation_frame("project", name="q:1" if value else "p"))
        elif action == "metric":
            log(tracker, job, operation_frame("metric", name=name, value=value, time=1.0))
        else:
            key = "name" if action == "param" else "key"
            log(tracker, job, operation_frame(action, **{key: name, "value": value}))
    for project in ("p", "q:1"):
        for kind, make in (("p", keys.params), ("t", keys.tags)):
            for name in ("x", "y:z"):
                stored = {job: ordered.in_order(tracker.client.hgetall(make(job))) for job in ids(tracker, project)}
                wanted = {job: repr(_double(values[name])) for job, values in stored.items() if name in values}
                found = {job: repr(value) for job, value in column(tracker, f"{kind}:{name}", project).items()}
                assert found == wanted
                assert tracker.index.names(project).get(f"{kind}:{name}", 0) == len(wanted)
    if not any(ids(tracker, project) for project in ("p", "q:1")):
        assert tracker.client.keys("*index1:[a-v]*") == []


def ids(tracker: Tracker, project: str) -> list[str]:
    return tracker.jobs.ids_of_project(project)


def _double(value: Any) -> Any:
    return float(value) if type(value) is int and abs(value) <= 2**53 else value
