"""`foundations diff`."""

from __future__ import annotations

import io
import json
import tarfile
from typing import Any

import pytest
from tests.unit.atlas_cli.conftest import Foundations
from tests.unit.atlas_cli.scheduler_double import Job, SchedulerDouble


def bundle(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def tracked(bundle_id: str | None, rate: float, **packages: str) -> dict[str, Any]:
    return {
        "parameters": {"lr": rate, "depth": 3},
        "metrics": {"loss": {"last": rate * 2}},
        "spec": {"bundle_id": bundle_id, "command": ["main.py"]},
        "facts": {"interpreter": {"python": "3.11.7", "packages": packages}},
    }


@pytest.fixture(autouse=True)
def _jobs(scheduler: SchedulerDouble) -> None:
    scheduler.jobs = {"aaaa-1": Job(), "bbbb-1": Job()}
    scheduler.bundles = {
        "one": bundle(main=b"a = 1\nb = 2\n", gone=b"x\n", same=b"same", data=b"\0\1"),
        "other": bundle(main=b"a = 1\nb = 3\n", new=b"y\n", same=b"same", data=b"\0\2"),
    }
    scheduler.tracked = {
        "aaaa-1": {**tracked("one", 0.1, numpy="1.26", pandas="2.0"), "tags": {"gpu": "yes"}},
        "bbbb-1": tracked("other", 0.2, numpy="2.0", torch="2.2"),
    }


def test_what_differs_is_shown_as_a_unified_difference(foundations: Foundations) -> None:
    ended = foundations("diff", "aaaa", "bbbb")
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert lines[:2] == ["--- aaaa-1  p  completed", "+++ bbbb-1  p  completed"]
    for section, changes in {
        "@@ parameters @@": ["-lr: 0.1", "+lr: 0.2"],
        "@@ tags @@": ["-gpu: yes"],
        "@@ metrics @@": ["-loss: 0.2", "+loss: 0.4"],
        "@@ packages @@": ["-numpy: 1.26", "+numpy: 2.0", "-pandas: 2.0", "+torch: 2.2"],
        "--- a/main": ["+++ b/main", "@@ -1,2 +1,2 @@", " a = 1", "-b = 2", "+b = 3"],
        "--- a/gone": ["+++ /dev/null", "@@ -1 +0,0 @@", "-x"],
        "--- /dev/null": ["+++ b/new", "@@ -0,0 +1 @@", "+y"],
    }.items():
        begin = lines.index(section) + 1
        assert lines[begin : begin + len(changes)] == changes
    assert "data: changed, and no text." in lines
    assert "depth" not in ended.out and "same" not in ended.out


def test_json(foundations: Foundations) -> None:
    facts = json.loads(foundations("diff", "aaaa", "bbbb", "--json").out)
    assert facts["jobs"] == ["aaaa-1", "bbbb-1"]
    assert facts["parameters"] == {"lr": [[0.1], [0.2]]}
    assert facts["tags"] == {"gpu": [["yes"], []]}
    assert {name: each["kind"] for name, each in facts["source"].items()} == {
        "main": "changed",
        "gone": "removed",
        "new": "added",
        "data": "changed",
    }


def test_links_and_the_right_to_execute_are_compared(foundations: Foundations, scheduler: SchedulerDouble) -> None:
    for name, target, mode in (("one", "v1", 0o644), ("other", "v2", 0o755)):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
            link, tool = tarfile.TarInfo("latest"), tarfile.TarInfo("tool")
            link.type, link.linkname, tool.mode = tarfile.SYMTYPE, target, mode
            for info in (link, tool):
                tar.addfile(info)
        scheduler.bundles[name] = buffer.getvalue()
    lines = foundations("diff", "aaaa", "bbbb").out.splitlines()
    for first, *rest in (
        ("--- a/latest", "+++ b/latest", "@@ -1 +1 @@", "-v1", "+v2"),
        ("--- a/tool", "+++ b/tool", "@@ mode @@", "-100644", "+100755"),
    ):
        begin = lines.index(first) + 1
        assert lines[begin : begin + len(rest)] == rest


def test_equal_jobs_do_not_differ(foundations: Foundations, scheduler: SchedulerDouble) -> None:
    scheduler.tracked["bbbb-1"] = scheduler.tracked["aaaa-1"]
    assert foundations("diff", "aaaa-1", "bbbb-1").out == "The jobs do not differ.\n"


def test_source_that_is_gone_is_remarked_upon(foundations: Foundations, scheduler: SchedulerDouble) -> None:
    del scheduler.bundles["other"]
    ended = foundations("diff", "aaaa-1", "bbbb-1")
    assert ended.code == 0
    assert ended.out.endswith("The source cannot be compared: the server has removed what job bbbb-1 kept.\n")


def test_differences_are_coloured_where_that_is_asked_for(
    foundations: Foundations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[31m-lr: 0.1\x1b[0m" in foundations("diff", "aaaa-1", "bbbb-1").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in foundations("diff", "aaaa-1", "bbbb-1").out


def test_two_jobs_are_needed(foundations: Foundations) -> None:
    assert foundations("diff", "aaaa-1").code == 2
