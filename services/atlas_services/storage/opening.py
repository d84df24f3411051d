"""The storage that the settings name."""

from __future__ import annotations

from atlas_core.settings import Settings
from atlas_services.storage import Storage
from atlas_services.storage.local import LocalStorage


def open_object_store(settings: Settings) -> Storage | None:
    """Return the object store behind the disk, if there is one."""
    return None


def open_storage(settings: Settings) -> Storage:
    """Return it. Connects to nothing before it is used."""
    return LocalStorage(settings.archive_root)
