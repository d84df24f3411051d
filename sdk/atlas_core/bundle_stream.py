"""A large bundle as it is sent: packed a piece at a time, while the server takes the piece before.

What does not shrink is sent as it is, and then its length is known before it is packed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from atlas_core.bundle import Entry, Manifest, archive_size, tar_pieces
from atlas_core.gzip_blocks import in_blocks, paced_members, shrinks
from atlas_core.known_hashes import LEAST
from atlas_core.zstd_stream import zstd, zstd_file

#: The archive of a project of which this part does not shrink is not compressed at all.
_DENSE = 0.9


class BundleStream:
    """A bundle, to be packed each time that somebody iterates over it.

    It is a plain archive where hardly anything would shrink. Else it is compressed: by Zstandard where that is at hand,
    or by gzip as far as that does not hold up who takes the pieces. Raises as `pack` does.
    """

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._is_plain = _is_dense(manifest)

    @property
    def size(self) -> int | None:
        """How many bytes it has, where that is known before it is packed."""
        return archive_size(self._manifest) if self._is_plain else None

    def pieces(self, advance: Callable[[int], object] = int) -> Iterator[bytes]:
        """Yield it. `advance` is told how many more bytes of files are in."""
        archive = in_blocks(tar_pieces(self._manifest, advance))
        if self._is_plain:
            return archive
        return paced_members(archive) if zstd() is None else zstd_file(archive)


def _is_dense(manifest: Manifest) -> bool:
    """Whether nearly all of it would not shrink: pictures, weights and archives."""
    large = [entry for entry in manifest.entries if entry.size >= LEAST]
    if sum(entry.size for entry in large) < _DENSE * manifest.size:
        return False
    return sum(entry.size for entry in large if not shrinks(_sample(entry))) > _DENSE * manifest.size


def _sample(entry: Entry) -> bytes:
    with entry.source.open("rb") as file:
        file.seek(entry.size // 2)
        return file.read(LEAST // 2)
