"""The storage that the settings name."""

from __future__ import annotations

from importlib import import_module

from atlas_core.errors import InvalidConfig
from atlas_core.settings import Settings
from atlas_services.storage import Storage
from atlas_services.storage.local import LocalStorage
from atlas_services.storage.tiers import Tiers


def open_object_store(settings: Settings) -> Storage | None:
    """Return the object store behind the disk, None where the settings name none.

    Raises `InvalidConfig` where what is needed to reach it is not installed.
    """
    if not settings.archive_store:
        return None
    try:
        import_module("s3fs")
        made: Storage = import_module("atlas_services.storage.object_store").ObjectStore.at(settings.archive_store)
    except ImportError as error:
        raise InvalidConfig(
            f"ATLAS_ARCHIVE_STORE: {settings.archive_store} cannot be reached without more packages; "
            f"run `pip install 'atlas-services[s3]'` ({error}).",
            field="ATLAS_ARCHIVE_STORE",
        ) from error
    return made


def open_storage(settings: Settings) -> Storage:
    """Return the disk, with the object store behind it if there is one. Connects to nothing before it is used."""
    remote = open_object_store(settings)
    return LocalStorage(settings.archive_root) if remote is None else Tiers(settings.archive_root, remote)
