"""Importing defines and does nothing; and who may import whom is checked by a tool that notices a breach."""

from __future__ import annotations

import os
import pkgutil
import re
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("atlas_core", "foundations", "atlas_cli", "atlas_services")

_PROBE = """
import os, socket, sys, threading

def descriptors():
    paths = [f'/proc/self/fd/{{name}}' for name in os.listdir('/proc/self/fd')]
    return {{os.readlink(path) for path in paths if os.path.exists(path)}}

def refuse(*args, **kwargs):
    raise AssertionError('a socket was used')

socket.socket.connect = socket.socket.bind = refuse
before = descriptors() if sys.platform == 'linux' else set()
import {module}
after = descriptors() if sys.platform == 'linux' else set()
assert threading.active_count() == 1, threading.enumerate()
assert after == before, after - before
"""


def modules() -> list[str]:
    names = []
    for name in PACKAGES:
        package = import_module(name)
        names += [name, *(found.name for found in pkgutil.walk_packages(package.__path__, f"{name}."))]
    # Importing one of the integrations imports its library, which need not be there.
    left_out = (".templates", ".integrations.")
    return sorted(
        name for name in names if not name.endswith("__main__") and not any(each in name for each in left_out)
    )


@pytest.mark.parametrize("package", PACKAGES)
def test_importing_every_module_starts_no_thread_and_opens_no_file(package: str, tmp_path: Path) -> None:
    mine = [name for name in modules() if name.split(".")[0] == package]
    probe = _PROBE.format(module=", ".join(mine))
    environment = {**os.environ, "FOUNDATIONS_COMMAND_LINE": "True", "FOUNDATIONS_HOME": str(tmp_path / "home")}
    result = subprocess.run([sys.executable, "-c", probe], env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout == ""
    assert not (tmp_path / "home").exists()


def test_the_import_rules_hold_and_a_breach_is_reported(tmp_path: Path) -> None:
    for folder in ("sdk", "cli", "services"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    assert "0 broken" in check_imports(tmp_path)
    planted = tmp_path / "sdk" / "atlas_core" / "ids.py"
    planted.write_text(planted.read_text() + "\nfrom atlas_services import tracker\n")
    assert "atlas_core.ids -> atlas_services" in check_imports(tmp_path)


def check_imports(root: Path) -> str:
    paths = os.pathsep.join(str(root / folder) for folder in ("sdk", "cli", "services"))
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": paths}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True).stdout


def test_no_service_loads_pickles() -> None:
    loading = re.compile(r"^\s*(import|from) (c?pickle|dill|shelve|marshal)\b", re.MULTILINE)
    files = [*(ROOT / "services").rglob("*.py"), *(ROOT / "sdk" / "atlas_core").rglob("*.py")]
    assert len(files) > 200
    assert [str(path) for path in files if loading.search(path.read_text())] == []
