"""The example in the docstring of each public name runs as it stands there."""

from __future__ import annotations

import inspect
import textwrap

import pytest
from tests.unit.foundations.conftest import Script
from tests.unit.foundations.submission_double import SubmissionDouble

import foundations

#: Names that are no functions or classes, and so have no docstring of their own.
VALUES = {"__version__"}
#: Classes that users do not name, and what makes an object of them.
MADE_BY = {"Deployment": "submit", "SyncableDirectory": "create_syncable_directory"}
#: What an example may stand on.
LIBRARIES, NEEDED = ("matplotlib", "numpy", "pandas"), {"get_metrics_for_all_jobs": "pandas"}


def example(name: str) -> str:
    """Return the indented end of a docstring."""
    lines = (inspect.getdoc(getattr(foundations, name)) or "").split("\n")
    start = len(lines)
    while start and (not lines[start - 1] or lines[start - 1].startswith("    ")):
        start -= 1
    return textwrap.dedent("\n".join(lines[start:])).strip()


@pytest.mark.parametrize("name", sorted(set(foundations.__all__) - VALUES))
def test_the_example_of_a_public_name_runs_without_a_server(
    name: str, script: Script, double: SubmissionDouble
) -> None:
    code = example(name)
    assert MADE_BY.get(name, name) in code
    for library in LIBRARIES:
        if library in code or NEEDED.get(name) == library:
            pytest.importorskip(library)
    prepare(script, double)
    ended = script.run(f"import foundations\n\n{code}\n")
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stderr


def prepare(script: Script, double: SubmissionDouble) -> None:
    """Give the script a project of two jobs, and a server to submit to; what it logs stays on this machine."""
    script.environment.update(FOUNDATIONS_MODE="offline", MPLBACKEND="Agg")
    (script.folder / "main.py").write_text("print('hello')\n")
    for kind, content in {
        "execution/default": f"results_config:\n  server_url: {double.url}\n",
        "submission/scheduler": f"scheduler_url: {double.url}\n",
    }.items():
        path = script.home / "config" / f"{kind}.config.yaml"
        path.parent.mkdir(parents=True)
        path.write_text(content)
    script.environment["FOUNDATIONS_SERVER_URL"] = double.url
    facts = {"user": "ada", "creation_time": 1.6e9, "start_time": 1.6e9, "completed_time": 1.7e9}
    outcome = {"status": "completed", "parameters": {"rate": 0.1}, "metrics": {"accuracy": 0.9}, "tags": {}}
    double.rows = [{**facts, **outcome, "job_id": f"job-{number}"} for number in (1, 2)]
    double.outcome = lambda submission: {**outcome, "tags": submission["metadata"]["tags"]}
    double.facts = {**facts, **outcome, "metrics": {"accuracy": {"last": 0.9}}}
