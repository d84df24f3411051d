"""A directory that holds the SDK and nothing else, for the PYTHONPATH of jobs.

A job must be able to import foundations, but must see nothing else of what the server has installed.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

_PACKAGES = ("atlas_core", "foundations")


def sdk_directory(environments: Path) -> Path:
    """Return the directory below `environments`, made of links to the SDK's packages; made if missing."""
    packages = {name: _location(name) for name in _PACKAGES}
    name = hashlib.sha256("\n".join(map(str, packages.values())).encode()).hexdigest()[:16]
    directory = environments / f"sdk-{name}"
    directory.mkdir(parents=True, exist_ok=True)
    for package, location in packages.items():
        with suppress(FileExistsError):
            (directory / package).symlink_to(location)
    return directory


def _location(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"The package {package} is not installed beside the server.")
    return Path(next(iter(spec.submodule_search_locations))).resolve()
