"""The SDK runs where its users train: nothing in it asks for a newer Python than it says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: What a newer Python has, and the SDK uses only where it is there.
GUARDED = ("sys.monitoring",)


def test_the_sdk_needs_no_newer_python_than_it_says() -> None:
    vermin = Path(sys.executable).with_name("vermin")
    if not vermin.exists():
        pytest.skip("vermin is not installed")
    declared = re.search(r'requires-python = ">=(3\.\d+)"', (ROOT / "sdk" / "pyproject.toml").read_text())
    assert declared is not None
    options = ["--no-tips", "--no-parse-comments", "-vvv", f"-t={declared[1]}-"]
    options += [word for name in GUARDED for word in ("--exclude", name)]
    checked = subprocess.run([vermin, *options, ROOT / "sdk"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout[-2000:]
