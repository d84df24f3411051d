"""A large artifact arrives however often the connection breaks, and is sent and stored once."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from tests.cutting_proxy import cutting_proxy
from tests.integration.stack import RunningStack

pytestmark = [pytest.mark.stack, pytest.mark.redis, pytest.mark.timeout(300)]

MB = 1024**2
SIZE = 300 * MB

SAVE = """
import foundations, os
from pathlib import Path
foundations.save_artifact("weights.bin", key=os.environ["KEY"])
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
foundations.log_metric("peak_mb", int(peak.split()[1]) / 1024)
"""


@pytest.fixture
def weights(project: Path) -> Path:
    """A file of 300 MB that no compression makes smaller."""
    block = hashlib.shake_256(project.name.encode()).digest(MB)
    path = project / "weights.bin"
    with path.open("wb") as file:
        for number in range(SIZE // MB):
            file.write(number.to_bytes(8, "big") + block[8:])
    return path


def stored(stack: RunningStack, project: str, key: str) -> tuple[dict[str, object], Path]:
    """Return what is recorded of the one artifact with this key, and where it lies."""
    for row in stack.rest.project_jobs(project):
        job = stack.rest.job(row["job_id"])
        for artifact in job["artifacts"]:
            if artifact["key"] == key:
                return job, stack.home / "job_data" / "archive" / job["job_id"] / artifact["path"]
    raise AssertionError(f"no artifact {key}")


def test_a_large_file_arrives_over_a_connection_that_breaks_and_is_sent_once(
    stack: RunningStack, project: Path, weights: Path
) -> None:
    (project / "train.py").write_text(SAVE)
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    with cutting_proxy(stack.port_base + 4, 70 * MB) as proxy:
        variables = {"FOUNDATIONS_SERVER_URL": proxy.url, "FOUNDATIONS_FLUSH_SECONDS": "120"}
        ran = stack.python("train.py", cwd=project, KEY="first", **variables)
        assert (ran.returncode, ran.stderr) == (0, ""), ran.stderr
        assert proxy.cuts >= 4
        assert SIZE < proxy.passed < SIZE + 40 * MB  # what was on its way when the connection broke is sent again
        job, path = stored(stack, project.name, "first")
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
        assert job["metrics"]["peak_mb"]["last"] < 120  # type: ignore[index]
        before = proxy.passed
        stack.python("train.py", cwd=project, KEY="again", **variables)
        assert proxy.passed - before < MB
    _, again = stored(stack, project.name, "again")
    assert again.stat().st_ino == path.stat().st_ino
