"""One embedded stack serves the tests that do not break it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.stack import RunningStack, running_stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """A running stack. A test that kills parts of it starts one of its own."""
    with running_stack(tmp_path_factory.mktemp("stack") / "home") as running:
        yield running


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project without requirements, for jobs that start at once."""
    directory = tmp_path / "small-project"
    directory.mkdir()
    return directory
