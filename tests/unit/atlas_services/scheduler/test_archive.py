"""The archive, as far as the scheduler writes it."""

from __future__ import annotations

import os
from pathlib import Path

from atlas_services.scheduler.archive import Archive


def test_a_sentence_of_ours_stands_in_the_log(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.append_log("job", "It went wrong.")
    archive.append_log("job", "Again.", "WARNING")
    assert archive.log("job").read_text() == "Foundations ERROR: It went wrong.\nFoundations WARNING: Again.\n"


def test_a_log_that_cannot_be_written_keeps_no_job_from_ending(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.log("job").parent.mkdir(parents=True)
    archive.log("job").symlink_to(os.devnull.replace("null", "full"))
    archive.append_log("job", "The disk is full.")
