"""What jobs left, sent as it is packed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from flask import Flask

from atlas_services.scheduler.archive import Archive
from atlas_services.scheduler.left_file_routes import left_file_routes


def test_an_answer_that_cannot_be_whole_breaks_off(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    large = archive.artifacts("job-1") / "large"
    large.parent.mkdir(parents=True)
    large.write_bytes(os.urandom(4 * 1024 * 1024))
    app = Flask("test")
    app.register_blueprint(left_file_routes(archive))
    answer = app.test_client().get("/job_bundle/job-1", buffered=False)
    chunks = answer.iter_encoded()
    next(chunks)
    os.truncate(large, 0)
    with pytest.raises(OSError, match="unexpected end of data"):
        list(chunks)
    answer.close()
