"""Prepares the Python environment of a job that has a `requirements.txt`, once for all jobs that have the same one.

    environments/<key>/            a virtual environment; usable when it holds `.complete`
    environments/<key>.lock        held by whoever is building it

The key is the hash of everything that the result depends on. What goes to standard output is the job's log; the
interpreter's path goes to `<work>/interpreter`, and `<work>/dependencies_failed` says that an installation failed.

In the image of a container the packages of its interpreter belong to the job: an environment is added to them, and none
is made for what they satisfy already. Where jobs are processes, those packages are the server's and no job sees them.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from atlas_core.bundle import read_manifest
from atlas_services.worker import installer

#: What the SDK imports; the requirements may ask for any version of them.
SDK_NEEDS = ("requests", "PyYAML")

_RULE = "=" * 120
#: The last file of an environment to be made. It is as old as the last use.
COMPLETE = ".complete"
#: A requirement that is a file or directory of the project, or names one: `-r more.txt`, `./package`, `x @ file:...`.
_LOCAL = re.compile(r"^\s*(-[rce]|--(requirement|constraint|editable)|\.|/)|file:|\.whl\b|\.tar\.gz\b", re.MULTILINE)


@dataclass(frozen=True)
class Place:
    """Where environments are made, and whether the packages of the interpreter that makes them are the job's too."""

    environments: Path
    with_image: bool = False

    @property
    def packages(self) -> list[str]:
        """What environments made here have besides what is installed into them."""
        if not self.with_image:
            return []
        return sorted(f"{package.name}=={package.version}" for package in metadata.distributions())


def main(work: Path, place: Place) -> None:
    """Prepare the environment of the job in `work`, so that the job can go on in any case."""
    source = work / "job_source"
    _say(_RULE, "INFO: Installing user requirements...", _RULE)
    python = _prepare(source, place)
    if python is None:
        (work / "dependencies_failed").touch()
        _say(
            "ERROR: requirements.txt could not be installed (see above); the job goes on without what it asks for.",
        )
        python = _without_requirements(place)
    (work / "interpreter").write_text(f"{python}\n")
    _say(_RULE)


def key(requirements: str, project: str | None = None, packages: list[str] | None = None) -> str:
    """Return the name of the environment that holds `requirements`, beside the `packages` of an image.

    `project` is the hash of the project's files, for requirements that name some of them.
    """
    facts = [requirements, project, SDK_NEEDS, sys.version, sys.executable, packages or []]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]


def is_local(requirements: str) -> bool:
    """Whether what gets installed depends on other files of the project too."""
    return _LOCAL.search(requirements) is not None


def _prepare(source: Path, place: Place) -> Path | None:
    file = source / "requirements.txt"
    text = file.read_text(encoding="utf-8", errors="replace")
    local = is_local(text)
    target = place.environments / key(text, read_manifest(source).bundle_id if local else None, place.packages)
    if _is_usable(target):
        _say(f"INFO: Installed already: {_listed(text)}")
        return target / "bin" / "python"
    if place.with_image and not local and installer.satisfies(Path(sys.executable), file):
        _say(f"INFO: In the image already: {_listed(text)}")
        return Path(sys.executable)
    needs = () if place.with_image else SDK_NEEDS  # an image has them
    return _build(target, ["-r", str(file), *needs], source, place.with_image)


def _without_requirements(place: Place) -> Path:
    """Return the interpreter of a job whose requirements could not be installed: it has what the SDK needs."""
    found = None
    if not place.with_image:
        found = _build(place.environments / key(""), list(SDK_NEEDS), place.environments)
    return found or Path(sys.executable)


def _listed(requirements: str) -> str:
    lines = (line.strip() for line in requirements.splitlines())
    return ", ".join(line for line in lines if line and not line.startswith("#"))


def _build(target: Path, words: list[str], directory: Path, with_image: bool = False) -> Path | None:
    """Return the interpreter of the environment `target`, built now unless it is there; None when that failed."""
    python = target / "bin" / "python"
    with _lock(target):
        if _is_usable(target):
            return python
        shutil.rmtree(target, ignore_errors=True)  # half of one, left by a job that was killed
        created = installer.create_environment(sys.executable, target, with_image)
        if not created or not installer.install(python, words, directory):
            shutil.rmtree(target, ignore_errors=True)
            return None
        (target / COMPLETE).touch()
        return python


def _is_usable(target: Path) -> bool:
    """Whether the environment is there; notes that it is used, which keeps it from being removed."""
    try:
        os.utime(target / COMPLETE)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except PermissionError:  # another user's, and as good
        return (target / COMPLETE).exists()
    return True


def lock_file(target: Path) -> Path:
    """Return the file that is held by whoever makes or removes the environment `target`."""
    return Path(f"{target}.lock")


@contextlib.contextmanager
def _lock(target: Path) -> Iterator[None]:
    target.parent.mkdir(parents=True, exist_ok=True)
    with lock_file(target).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("INFO: Another job is installing the same requirements; waiting until it has.")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


if __name__ == "__main__":
    _parser = argparse.ArgumentParser("python -m atlas_services.worker.environment")
    _parser.add_argument("work", type=Path)
    _parser.add_argument("environments", type=Path)
    _parser.add_argument("--with-image", action="store_true")
    _options = _parser.parse_args()
    main(_options.work, Place(_options.environments, _options.with_image))
