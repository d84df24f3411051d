"""The tutorials run as they are written."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from tests.integration.stack import RunningStack

pytestmark = [pytest.mark.stack, pytest.mark.redis, pytest.mark.timeout(240)]

DOCS = Path(__file__).parents[2] / "docs"


def example(name: str, tmp_path: Path) -> Path:
    return Path(shutil.copytree(DOCS / "examples" / name, tmp_path / name))


def test_a_genetic_search_passes_its_population_on(stack: RunningStack, tmp_path: Path) -> None:
    project = example("genetic-search", tmp_path)
    ran = stack.python("search.py", "4", cwd=project)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    fitness = [float(value) for value in re.findall(r"fitness (-[\d.]+)", ran.stdout)]
    assert len(fitness) == 4
    assert fitness == sorted(fitness)  # the best of a generation is among the next one's
    rows = list(stack.rest.project_jobs("genetic-search"))[::-1]
    assert [row["parameters"]["parent"] for row in rows] == [None, *(row["job_id"] for row in rows[:-1])]


def test_a_search_in_rounds_learns_from_its_jobs(stack: RunningStack, tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    project = example("adaptive-search", tmp_path)
    ran = stack.python("search.py", "3", cwd=project)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    accuracy = [row["metrics"]["accuracy"] for row in stack.rest.project_jobs("adaptive-search")]
    assert len(accuracy) == 9
    again = stack.python("search.py", "3", cwd=project)
    assert again.stdout.count("has 3 jobs already") >= 1, again.stdout


@pytest.mark.parametrize("name", ["genetic-search", "adaptive-search"])
def test_the_page_shows_the_code_that_runs(name: str) -> None:
    page = (DOCS / "tutorials" / f"{name}.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    code = "".join(path.read_text() for path in sorted((DOCS / "examples" / name).glob("*.py")))
    shown = {line.strip().removesuffix("  # noqa: E402") for block in blocks for line in block.splitlines()}
    written = {line.strip() for line in code.splitlines()}
    arguments = ("for generation in", "for number in", "jobs = search.random")  # a number of a command's argument there
    assert sorted(line for line in shown - written if not line.startswith(arguments)) == []
