"""Whatever dies around a training that logs: every point arrives once, and nothing is raised into it.

$ATLAS_KILL_SECONDS says how long the network is cut and the disk is full: some seconds here, a minute to be sure.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.integration.stack import running_stack
from tests.kill_logging import METRICS, kill_everything, small_disk

pytestmark = pytest.mark.timeout(1200)

SECONDS = float(os.environ.get("ATLAS_KILL_SECONDS", "5"))


@pytest.mark.parametrize("is_full", [False, True], ids=["disk has room", "disk is full"])
def test_every_point_arrives_once_whatever_dies(tmp_path: Path, is_full: bool) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    with ExitStack() as opened:
        try:
            disk = opened.enter_context(small_disk(tmp_path / "disk")) if is_full else None
        except OSError as error:
            pytest.skip(f"no disk of its own can be mounted: {error}")
        found = kill_everything(opened.enter_context(running_stack(tmp_path / "home")), folder, disk, SECONDS)
    assert found.raised == 0
    assert len(set(found.counts)) == 1
    assert found.counts[0] >= found.logged > 0
    assert found.hashes == found.expected
    assert len(found.hashes) == METRICS
