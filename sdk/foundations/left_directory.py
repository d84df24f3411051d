"""What was left of a synced directory when its run ended, sent afterwards: as long as the files are still those."""

from __future__ import annotations

import json
import logging
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from atlas_core.errors import InvalidInput, ServerError
from foundations.identity import Identity
from foundations.local_tree import LocalFile, LocalTree
from foundations.plain_file import plain_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from atlas_core.client import ArchiveClient

_log = logging.getLogger("foundations.syncable_directory")


def send_left_directory(note: Path, archive: ArchiveClient, identity: Identity) -> None:
    """Send what `note` names. A file that is another one by now is left out, with a warning.

    Raises `AtlasError` or `OSError`; `ValueError` or `KeyError` for a damaged note.
    """
    with plain_file(note) as file:
        left = json.loads(file.read())
    root, folder = Path(left["root"]), str(left["folder"])
    present = LocalTree(root).files() if root.is_dir() else {}
    wanted = {name: facts for name, facts in left["files"].items() if _is_same(present.get(name), facts)}
    if len(wanted) < len(left["files"]):
        lost = len(left["files"]) - len(wanted)
        _log.warning(
            "%d files of `%s` are no longer what job `%s` had; they are not sent.", lost, root, identity.job_id
        )
    change = {"files": wanted, "removed": left["removed"]}
    missing = archive.change_synced(identity.job_id, folder, change, identity.token)
    if missing:
        store_objects(archive, identity, {file.sha256: file for file in present.values()}, missing)
        if archive.change_synced(identity.job_id, folder, change, identity.token):
            raise ServerError(f"the files of `{root}` change while they are sent.")
    if left["is_temporary"]:
        import_module("shutil").rmtree(root, ignore_errors=True)


def store_objects(
    archive: ArchiveClient, identity: Identity, files: Mapping[str, LocalFile], missing: Sequence[str]
) -> None:
    """Store those of the `files`, by their hashes, that are missing in the archive. Raises `AtlasError`, `OSError`."""
    for digest in missing:
        if digest in files:
            content = files[digest].open()
            try:
                archive.put(identity.job_id, f"synced_objects/{digest}", content, digest, identity.token)
            except InvalidInput as error:
                _log.debug("`%s` changed while it was sent: %s", files[digest].path, error)
            finally:
                if not isinstance(content, bytes):
                    content.close()


def _is_same(file: LocalFile | None, facts: Mapping[str, object]) -> bool:
    return file is not None and file.sha256 == facts["sha256"]
