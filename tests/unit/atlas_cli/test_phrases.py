"""Facts in few words."""

from __future__ import annotations

from typing import Any

import pytest

from atlas_cli.phrases import duration, needs, short_ids, size


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h 00 min"),
        (7500, "2 h 05 min"),
        (86400 * 3 + 3600 * 4.5, "3 d 4 h"),
    ],
)
def test_a_duration_is_said_in_its_largest_units(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("resources", "words"),
    [
        ({"num_gpus": 0, "ram": None, "cpus": None}, ""),
        ({"num_gpus": 1}, "1 GPU"),
        ({"num_gpus": 2, "gpu_memory": 40.0}, "2 GPUs with 40 GB"),
        ({"num_gpus": 2, "gpu_model": "A100", "gpu_memory": 80.0, "ram": 16.0}, "2 x A100 80 GB, 16 GB RAM"),
        ({"num_gpus": 0, "cpus": 0.5, "shm": 2.0}, "0.5 CPUs, 2 GB shm"),
        ({"num_gpus": 0, "cpus": 1.0}, "1 CPU"),
    ],
)
def test_what_a_job_needs_is_compact(resources: dict[str, Any], words: str) -> None:
    assert needs(resources) == words


def test_an_id_is_as_long_as_it_must_be_to_name_one_job() -> None:
    assert short_ids(["0d5c9a1e-1111", "0d5c9a1e-2222", "7f2a0000-3333", "night", "night-2026"]) == {
        "0d5c9a1e-1111": "0d5c9a1e-1",
        "0d5c9a1e-2222": "0d5c9a1e-2",
        "7f2a0000-3333": "7f2a0000",
        "night": "night",
        "night-2026": "night-20",
    }
    assert short_ids([]) == {}


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (5000, "5 kB"),
        (3_400_000, "3.4 MB"),
        (80 * 10**9, "80 GB"),
        (2e15, "2e+03 TB"),
    ],
)
def test_a_size_is_told_in_its_largest_unit(amount: float, text: str) -> None:
    assert size(amount) == text
