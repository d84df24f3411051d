"""Zstandard, where it is at hand: in Python itself from 3.14 on, before that in the package `backports.zstd`.

A quarter of the time that gzip takes, and on several cores at once: the threads are the library's own, so this also
works while the interpreter ends. Where there is none of both, bundles are gzipped.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from typing import Any, Callable

from atlas_core.forward_file import Piece

#: How a Zstandard file begins.
ZSTD_MARK = b"\x28\xb5\x2f\xfd"
_PLACES = ("compression.zstd", "backports.zstd")
#: Level 1 is the fastest that still shrinks as gzip does.
_LEVEL = 1
#: Threads: more would wait for the disk that the files come from. Fewer than two would compress in the caller's.
_LEAST_THREADS, _MOST_THREADS = 2, 4
#: A reader needs 2 to the power of this many bytes: what no level up to 19 exceeds.
_WINDOW = 23
#: Bytes that come out at a time.
_PIECE = 1024 * 1024


@cache
def zstd() -> Any:
    """Return the module, or None where there is none."""
    for name in _PLACES:
        try:
            return import_module(name)
        except ImportError:
            continue
    return None


def zstd_file(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a Zstandard file of these bytes, as it is made. Any number of cores makes the same file of them."""
    module = zstd()
    threads = max(_LEAST_THREADS, min(os.cpu_count() or 1, _MOST_THREADS))
    names = module.CompressionParameter
    threads = min(threads, names.nb_workers.bounds()[1])  # none, where the library was built without
    options = {names.compression_level: _LEVEL, names.checksum_flag: 1, names.nb_workers: threads}
    packer = module.ZstdCompressor(options=options)
    for block in blocks:
        if packed := packer.compress(block):
            yield packed
    yield packer.flush()


def unzstd(data: Piece, following: Callable[[], Piece]) -> Iterator[bytes]:
    """Yield what stands in a Zstandard file that begins with `data` and goes on with what `following` returns.

    It is one frame, as `zstd_file` makes it: each of many tiny ones would cost far more than its bytes. Raises
    `EOFError` when it ends too early, `ValueError` when it is damaged, goes on, wants too much memory, or cannot be
    read here.
    """
    module = zstd()
    if module is None:
        raise ValueError("it is compressed by Zstandard, which Python reads with the package `backports.zstd`")
    try:
        frame = module.ZstdDecompressor(options={module.DecompressionParameter.window_log_max: _WINDOW})
        yield from _content(frame, data, following)
    except module.ZstdError as error:
        raise ValueError(str(error)) from error
    if frame.unused_data or following():
        raise ValueError("it goes on after its only Zstandard frame")


def _content(frame: Any, data: Piece, following: Callable[[], Piece]) -> Iterator[bytes]:
    while True:
        if out := frame.decompress(data, _PIECE):
            yield out
        if frame.eof:
            return
        data = following() if frame.needs_input else b""
        if frame.needs_input and not data:
            raise EOFError("it ends too early")
