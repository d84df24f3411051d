"""The source of a run: the small, visible files of its directory, packed as a bundle that is stored once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from atlas_core.bundle import Manifest, manifest_of, pack
from atlas_core.errors import AtlasError, InvalidInput
from atlas_core.ignore_rules import FILE_NAME, GitRules, IgnoreRules, wants_git
from foundations.spool import PART

#: A larger file is data. More than so much of everything is no project; then nothing is kept.
_LARGEST_FILE, _MAX_BYTES, _MAX_FILES = 1024**2, 20 * 1024**2, 2000


class _SourceRules(IgnoreRules):
    """The project's rules, and against what is hidden, large or a link besides."""

    def __init__(self, directory: Path, text: bytes, git: GitRules | None) -> None:
        super().__init__(text, git)
        self._directory = directory

    def ignores(self, path: str, is_directory: bool = False) -> bool:
        name = path.rpartition("/")[2]
        if name.startswith(".") and path != FILE_NAME:
            return True
        if super().ignores(path, is_directory):
            return True
        place = self._directory / path
        return not is_directory and (place.is_symlink() or place.stat().st_size > _LARGEST_FILE)


def take(directory: Path, target: Path) -> dict[str, Any]:
    """Pack the source below `directory` as `<target>.<id>` and return its `bundle_id`, `files` and `bytes`.

    Where that is not sensible the answer is `left_out`, a sentence. Raises `OSError`.
    """
    if directory in {Path.home(), Path(directory.anchor)}:
        return {"left_out": f"`{directory}` is no project's directory."}
    try:
        manifest = _manifest(directory)
    except AtlasError as error:
        return {"left_out": error.message}
    part = target.with_name(f"{target.name}{PART}")
    try:
        pack(manifest, part)
    except BaseException:  # such as a file that changes meanwhile: nobody would send a part, or remove it soon
        part.unlink(missing_ok=True)
        raise
    part.replace(target.with_name(f"{target.name}.{manifest.bundle_id}"))
    return {"bundle_id": manifest.bundle_id, "files": len(manifest.entries), "bytes": manifest.size}


def _manifest(directory: Path) -> Manifest:
    path = directory / FILE_NAME
    text = path.read_bytes() if path.is_file() else b""
    rules = _SourceRules(directory, text, GitRules(directory) if wants_git(text) else None)
    manifest = manifest_of(directory, rules, _MAX_BYTES, _MAX_FILES)
    if not manifest.entries:
        raise InvalidInput(f"`{directory}` holds no source.")
    return manifest
