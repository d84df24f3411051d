"""A search submits its trials, waits for them, and knows the best."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from tests.unit.foundations.submission_double import SubmissionDouble

from atlas_core.errors import InvalidInput
from foundations import search_jobs
from foundations.search import Search, SearchJobs, choice, integers, uniform


@pytest.fixture
def project(tmp_path: Path, double: SubmissionDouble, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(search_jobs, "_PAUSE", 0.01)
    folder, config = tmp_path / "digits", Path(os.environ["FOUNDATIONS_HOME"], "config", "submission")
    for each in (folder, config):
        each.mkdir(parents=True, exist_ok=True)
    (folder / "main.py").write_text("print('hello')\n")
    (config / "scheduler.config.yaml").write_text(f"scheduler_url: {double.url}\n")
    return folder


def submitted(project: Path, search: Search, count: int, **wishes: Any) -> SearchJobs:
    return search.random(count).submit(job_directory=project, command=["main.py"], **wishes)


def scored(submission: dict[str, Any]) -> dict[str, Any]:
    return {"status": "completed", "metrics": {"score": submission["spec"]["params"]["a"]}}


def test_a_thousand_jobs_share_one_bundle_and_are_asked_for_at_once(project: Path, double: SubmissionDouble) -> None:
    jobs = submitted(project, Search({"a": uniform(0, 1)}), 1000, params={"epochs": 3}).wait(timeout=60)
    assert len(jobs) == len(jobs.jobs) == len(double.submissions) == 1000
    assert {each["spec"]["params"]["epochs"] for each in double.submissions} == {3}
    once = ("PUT", "HEAD", "GET /api/v2beta/auth/verify", "GET /api/v3")
    assert [double.count(words) for words in once] == [1, 1, 1, 1]


def test_each_job_carries_the_search_and_its_number(project: Path, double: SubmissionDouble) -> None:
    jobs = submitted(project, Search({"a": uniform(0, 1)}, name="first"), 2, tags={"by": "me"})
    tags = [each["metadata"]["tags"] for each in double.submissions]
    assert tags == [{"by": "me", "search": jobs.search_id, "trial": number} for number in "12"]


def test_the_best_is_the_one_with_the_highest_or_lowest_number(project: Path, double: SubmissionDouble) -> None:
    double.outcome = scored
    jobs = submitted(project, Search({"a": uniform(0, 1)}, seed=1), 20).wait(timeout=60)
    values = [trial.params["a"] for trial in jobs]
    best = jobs.best("score")
    assert (best.params["a"], jobs.best("score", mode="min").params["a"]) == (max(values), min(values))
    assert best.job is not None
    assert best.job.job_id == double.submissions[best.number - 1]["job_id"]
    with pytest.raises(KeyError, match="has logged a number as 'loss'"):
        jobs.best("loss")
    with pytest.raises(InvalidInput, match="mode: 'most'"):
        jobs.best("score", mode="most")


def test_what_is_no_number_is_not_the_best(project: Path, double: SubmissionDouble) -> None:
    values: list[Any] = ["NaN", 3, "Infinity", "text", 2]
    double.outcome = lambda each: {
        "status": "completed",
        "metrics": {"score": values[int(each["metadata"]["tags"]["trial"]) - 1]},
    }
    assert submitted(project, Search({"a": uniform(0, 1)}), 5).wait(timeout=60).best("score").number == 2


def test_no_more_jobs_are_there_at_once_than_was_said(project: Path, double: SubmissionDouble) -> None:
    active: list[int] = []
    asked: dict[str, int] = {}

    def outcome(submission: dict[str, Any]) -> dict[str, Any]:
        seen = asked[submission["job_id"]] = asked.get(submission["job_id"], 0) + 1
        return {"status": "completed" if seen > 2 else "running"}

    double.outcome = outcome
    jobs = submitted(project, Search({"a": uniform(0, 1)}), 7, at_once=2)
    assert len(double.submissions) == 2
    original = jobs.submit_next

    def submit_next() -> None:
        original()
        active.append(sum(trial.job is not None and not trial.is_finished for trial in jobs))

    jobs.submit_next = submit_next  # type: ignore[method-assign]
    jobs.wait(timeout=60)
    assert len(double.submissions) == 7
    assert max(active) == 2


def test_a_named_search_takes_up_its_jobs_and_submits_what_is_missing_or_failed(
    project: Path, double: SubmissionDouble
) -> None:
    search = Search({"a": uniform(0, 1)}, name="first")
    double.outcome = lambda each: {
        "status": "failed" if each["metadata"]["tags"]["trial"] == "2" and len(double.submissions) < 4 else "completed"
    }
    before = submitted(project, search, 3).wait(timeout=60)
    again = submitted(project, search, 5).wait(timeout=60)
    assert [each["metadata"]["tags"]["trial"] for each in double.submissions] == ["1", "2", "3", "2", "4", "5"]
    assert [trial.job and trial.job.job_id for trial in again][::2] == [
        double.submissions[index]["job_id"] for index in (0, 2, 5)
    ]
    assert [trial.params for trial in again[:3]] == [trial.params for trial in before]
    submitted(project, Search({"a": uniform(0, 2)}, name="first"), 1)
    assert len(double.submissions) == 7


def test_a_trial_whose_answer_was_lost_is_submitted_once(project: Path, double: SubmissionDouble) -> None:
    jobs = submitted(project, Search({"a": uniform(0, 1)}), 3, at_once=1)
    double.lose_answers = 2
    jobs.wait(timeout=60)
    assert [each["metadata"]["tags"]["trial"] for each in double.submissions] == ["1", "2", "3"]
    assert [job.job_id for job in jobs.jobs] == [each["job_id"] for each in double.submissions]


def test_a_bundle_that_is_removed_during_a_search_is_sent_again(project: Path, double: SubmissionDouble) -> None:
    jobs = submitted(project, Search({"a": uniform(0, 1)}), 2, at_once=1)
    double.bundles.clear()
    jobs.wait(timeout=60)
    assert (len(double.submissions), double.count("PUT")) == (2, 2)


def test_a_table_has_a_row_for_each_trial(project: Path, double: SubmissionDouble) -> None:
    double.outcome = scored
    jobs = Search({"a": integers(1, 2), "b": choice(["x", "y"])}).grid().submit(job_directory=project, at_once=3)
    table = jobs.table()
    assert list(table.columns) == ["trial", "job_id", "status", "a", "b", "score"]
    assert list(table["status"].fillna("none yet")) == [*["completed"] * 3, "none yet"]
    assert list(table["score"])[:3] == [1, 1, 2]


def test_waiting_has_an_end(project: Path, double: SubmissionDouble) -> None:
    double.outcome = lambda _: {"status": "running"}
    with pytest.raises(TimeoutError, match=r"3 jobs of search .* have not ended within 0\.05 seconds"):
        submitted(project, Search({"a": uniform(0, 1)}), 3).wait(timeout=0.05)


def test_a_stopped_search_submits_no_more(project: Path, double: SubmissionDouble) -> None:
    double.outcome = lambda _: {"status": "running"}
    jobs = submitted(project, Search({"a": uniform(0, 1)}), 3, at_once=2)
    jobs.stop()
    double.outcome = lambda _: {"status": "failed"}
    jobs.wait(timeout=60)
    assert double.count("POST /api/v3/jobs/") == 2
    assert len(double.submissions) == 2


def test_a_job_that_moved_to_another_project_is_found(project: Path, double: SubmissionDouble) -> None:
    jobs = submitted(project, Search({"a": uniform(0, 1)}), 1)
    double.submissions.clear()
    double.facts = {"status": "completed", "metrics": {"score": {"last": 5}}}
    assert jobs.wait(timeout=60).best("score").metrics == {"score": 5}


def test_a_number_of_jobs_is_one_or_more(project: Path) -> None:
    with pytest.raises(InvalidInput, match="at_once: 0 is no number of jobs"):
        submitted(project, Search({"a": uniform(0, 1)}), 1, at_once=0)
