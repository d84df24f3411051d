"""Prepares the Python environment of a job that has a `requirements.txt`, once for all jobs that have the same one.

    environments/<key>/            a virtual environment; usable when it holds `.complete`
    environments/<key>.lock        held by whoever is building it

The key is the hash of everything that the result depends on. What goes to standard output is the job's log; the
interpreter's path goes to `<work>/interpreter`, and `<work>/dependencies_failed` says that an installation failed.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from atlas_core.bundle import read_manifest
from atlas_services.worker import installer

#: What the SDK imports; the requirements may ask for any version of them.
SDK_NEEDS = ("requests", "PyYAML")

_RULE = "=" * 120
_COMPLETE = ".complete"
#: A requirement that is a file or directory of the project, or names one: `-r more.txt`, `./package`, `x @ file:...`.
_LOCAL = re.compile(r"^\s*(-[rce]|--(requirement|constraint|editable)|\.|/)|file:|\.whl\b|\.tar\.gz\b", re.MULTILINE)


def main(work: Path, environments: Path) -> None:
    """Prepare the environment of the job in `work`, so that the job can go on in any case."""
    source = work / "job_source"
    _say(_RULE, "INFO: Installing user requirements...", _RULE)
    python = _prepare(source, environments)
    if python is None:
        (work / "dependencies_failed").touch()
        _say(
            "ERROR: requirements.txt could not be installed (see above); the job goes on without what it asks for.",
        )
        python = _sdk_only(environments) or Path(sys.executable)
    (work / "interpreter").write_text(f"{python}\n")
    _say(_RULE)


def key(requirements: str, project: str | None = None) -> str:
    """Return the name of the environment that holds `requirements`.

    `project` is the hash of the project's files, for requirements that name some of them.
    """
    facts = [requirements, project, SDK_NEEDS, sys.version, sys.executable]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]


def is_local(requirements: str) -> bool:
    """Whether what gets installed depends on other files of the project too."""
    return _LOCAL.search(requirements) is not None


def _prepare(source: Path, environments: Path) -> Path | None:
    file = source / "requirements.txt"
    text = file.read_text(encoding="utf-8", errors="replace")
    project = read_manifest(source).bundle_id if is_local(text) else None
    target = environments / key(text, project)
    if (target / _COMPLETE).exists():
        wanted = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
        _say(f"INFO: Installed already: {', '.join(wanted)}")
        return target / "bin" / "python"
    return _build(target, ["-r", str(file), *SDK_NEEDS], source)


def _sdk_only(environments: Path) -> Path | None:
    return _build(environments / key(""), list(SDK_NEEDS), environments)


def _build(target: Path, words: list[str], directory: Path) -> Path | None:
    """Return the interpreter of the environment `target`, built now unless it is there; None when that failed."""
    python = target / "bin" / "python"
    with _lock(target):
        if (target / _COMPLETE).exists():
            return python
        shutil.rmtree(target, ignore_errors=True)  # half of one, left by a job that was killed
        if not installer.create_environment(sys.executable, target) or not installer.install(python, words, directory):
            shutil.rmtree(target, ignore_errors=True)
            return None
        (target / _COMPLETE).touch()
        return python


@contextlib.contextmanager
def _lock(target: Path) -> Iterator[None]:
    target.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{target}.lock").open("a") as file:
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
    main(Path(sys.argv[1]), Path(sys.argv[2]))
