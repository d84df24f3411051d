"""Sound as WAV files of 16 bits, written by the standard library."""

from __future__ import annotations

import wave
from importlib import import_module
from pathlib import Path
from typing import Any

#: The largest sample of 16 bits.
_LOUDEST = 32767


def write_wav(samples: Any, rate: int, path: Path) -> None:
    """Write what `samples_of` returns as a sound of `rate` samples a second. Raises `OSError`."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1 if samples.ndim == 1 else samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())


def samples_of(samples: Any) -> Any:
    """Return an array of samples, or of samples x channels, with 16 bits a sample.

    Numbers go from -1 to 1; whole numbers must have 16 bits. Raises `TypeError` or `ValueError` for anything else, and
    `ImportError` without numpy.
    """
    if hasattr(samples, "detach"):  # a tensor of torch, which may lie on a GPU
        samples = samples.detach().cpu()
    array = import_module("numpy").asarray(samples)
    if array.dtype.kind != "f" and array.dtype.str[1:] != "i2":
        raise TypeError(
            f"samples: {type(samples).__name__} of {array.dtype} is no sound; log numbers from -1 to 1, whole numbers "
            "of 16 bits (int16), or a path."
        )
    if array.ndim not in (1, 2) or 0 in array.shape or (array.ndim == 2 and array.shape[1] > 255):
        raise ValueError(
            f"samples: an array of shape {array.shape} is no sound; expected samples, or samples x channels."
        )
    if array.dtype.kind != "f":
        return array.astype("<i2")
    if not (array.min() >= -1 and array.max() <= 1):  # written so that NaN is out of range
        raise ValueError(f"samples: values from {array.min()} to {array.max()}; expected numbers from -1 to 1.")
    return (array * _LOUDEST).round().astype("<i2")
