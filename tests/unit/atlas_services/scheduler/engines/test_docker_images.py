"""What images are called, and what is said of one that cannot be had."""

from __future__ import annotations

import pytest

from atlas_services.scheduler.engines.docker_images import _Progress, default_image, full_name


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        (None, "atlas-worker:1"),
        ("", "atlas-worker:1"),
        ("python", "python:latest"),
        ("python:3.11", "python:3.11"),
        ("lab:5000/team/image", "lab:5000/team/image:latest"),
        ("lab:5000/team/image:2", "lab:5000/team/image:2"),
        ("image@sha256:" + "0" * 64, "image@sha256:" + "0" * 64),
        ("us.gcr.io/dessa-atlas/worker", "atlas-worker:1"),
        ("us.gcr.io/dessa-atlas/worker:latest", "atlas-worker:1"),
        ("us.gcr.io/dessa-atlas/worker-gpu:0.1", "atlas-worker:1"),
        ("us.gcr.io/dessa-atlas/workers", "us.gcr.io/dessa-atlas/workers:latest"),
    ],
)
def test_the_name_of_an_image_is_completed(asked: str | None, name: str) -> None:
    assert full_name(asked, "atlas-worker:1") == name


def test_our_image_is_that_of_this_version() -> None:
    assert default_image().startswith("atlas-worker:")


def test_a_pull_is_told_in_few_lines() -> None:
    progress = _Progress()
    steps = [{"status": "Pulling from library/python", "id": "3.11"}]
    steps += [{"status": "Pulling fs layer", "id": "aa"}, {"status": "Waiting", "id": "aa"}]
    moving = [
        {"status": "Downloading", "id": "aa", "progressDetail": {"current": done * 1_000_000, "total": 1_000_000_000}}
        for done in range(1000)
    ]
    lines = [progress.line(step, 100.0) for step in steps]
    lines += [progress.line(step, 100 + number / 100) for number, step in enumerate(moving)]
    lines += [
        progress.line({"status": "Pull complete", "id": "aa"}, 111),
        progress.line({"status": "Status: new"}, 111),
    ]
    assert [line for line in lines if line] == [
        "INFO: 3.11: Pulling from library/python",
        "INFO: aa: Pulling fs layer",
        "INFO: 0 of 1000 MB",
        "INFO: 300 of 1000 MB",
        "INFO: 600 of 1000 MB",
        "INFO: 900 of 1000 MB",
        "INFO: aa: Pull complete",
        "INFO: Status: new",
    ]
