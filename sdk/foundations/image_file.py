"""Pictures as PNG files, written by the standard library: from arrays of grey, of colours, with or without opacity."""

from __future__ import annotations

import struct
import zlib
from importlib import import_module
from pathlib import Path
from typing import Any

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER = struct.Struct(">IIBBBBB")
#: PNG's word for what a pixel holds, by the number of values: grey, grey and opacity, colour, colour and opacity.
_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
#: How hard to compress: most of what can be gained, in a third of the time.
_COMPRESSION = 4


def write_png(pixels: Any, path: Path) -> None:
    """Write what `pixels_of` returns as a picture. Raises `OSError`."""
    height, width, values = pixels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)  # each row says first that it is not filtered
    header = _HEADER.pack(width, height, 8, _COLOUR_TYPES[values], 0, 0, 0)
    with path.open("wb") as file:
        file.write(_SIGNATURE)
        for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(rows, _COMPRESSION)), (b"IEND", b"")):
            file.write(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)))


def pixels_of(image: Any) -> Any:
    """Return an array of height x width, or height x width x 1 to 4, with three dimensions and one byte a value.

    Whole numbers go from 0 to 255, other numbers from 0 to 1. Raises `TypeError` or `ValueError` for anything else, and
    `ImportError` without numpy.
    """
    array = _array(image)
    if array.ndim == 2:
        array = array[:, :, None]
    if array.ndim != 3 or array.shape[2] not in _COLOUR_TYPES or 0 in array.shape:
        raise ValueError(
            f"image: an array of shape {array.shape} is no picture; expected height x width, or height x width x "
            "1 to 4 with the values of a pixel last."
        )
    return _bytes(array)


def _array(image: Any) -> Any:
    if hasattr(image, "detach"):  # a tensor of torch, which may lie on a GPU
        image = image.detach().cpu()
    array = import_module("numpy").asarray(image)  # whoever has an array has it loaded
    if array.dtype.kind not in "biuf":
        raise TypeError(f"image: {type(image).__name__} is no picture; log an array of numbers, a PIL image or a path.")
    return array


def _bytes(array: Any) -> Any:
    low, high = array.min(), array.max()
    limit = 255 if array.dtype.kind in "iu" else 1
    if not (low >= 0 and high <= limit):  # written so that NaN is out of range
        raise ValueError(f"image: values from {low} to {high}; expected whole numbers from 0 to 255 or others up to 1.")
    return (array if limit == 255 else (array * 255.0).round()).astype("uint8")
