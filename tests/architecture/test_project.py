"""Facts that stand in several places agree, and the project speaks of itself alone."""

from __future__ import annotations

import re
import subprocess
from importlib import import_module, metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VERSION = (ROOT / "VERSION").read_text().strip()

#: Addresses of package registries and absolute paths of somebody's machine do not belong into files that others use.
_FOREIGN = re.compile(r"registry\.npmjs\.org|files\.pythonhosted\.org|/work/main")


@pytest.mark.parametrize("name", ["foundations-sdk", "atlas-cli", "atlas-services"])
def test_the_distributions_carry_the_version_of_the_project(name: str) -> None:
    assert metadata.version(name) == VERSION


def test_the_sdk_needs_two_libraries() -> None:
    lines = [line for line in metadata.requires("foundations-sdk") or [] if "extra ==" not in line]
    needed = {re.split(r"[<>=~ ]", line)[0].lower() for line in lines}
    assert needed == {"requests", "pyyaml"}


def test_the_public_names_of_the_sdk_are_all_there() -> None:
    foundations = import_module("foundations")
    assert len(set(foundations.__all__)) == len(foundations.__all__)
    missing = [name for name in foundations.__all__ if not hasattr(foundations, name)]
    assert missing == []


def test_no_tracked_file_names_a_registry_or_a_path_of_a_machine() -> None:
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [ROOT / line for line in listing.splitlines() if not line.endswith("test_project.py")]
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in files
        if path.is_file() and (match := _FOREIGN.search(path.read_text(errors="ignore")))
    ]
    assert found == []


def test_the_images_carry_the_version_of_the_project() -> None:
    files = sorted(ROOT.glob("docker-compose*.yml"))
    tags = {tag for file in files for tag in re.findall(r"image: atlas-[a-z-]+:(\S+)", file.read_text())}
    assert tags == {VERSION}
