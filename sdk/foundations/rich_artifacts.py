"""Artifacts that are to be looked at: figures, pictures, sounds and tables.

Each becomes a file of a kind that programs know, and its record says what it is. With `step`, it is one of a series.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, Callable

from foundations import run as _run
from foundations.artifacts import check_source, keep, warn
from foundations.audio_file import samples_of, write_wav
from foundations.image_file import pixels_of, write_png
from foundations.metrics import checked_step
from foundations.table_file import table_of, write_table

#: Ways of storing colour that a PNG has.
_PNG_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I;16"})


def log_figure(figure: Any, key: str, step: int | None = None) -> None:
    """Save a figure: of matplotlib as a PNG file, of plotly as a JSON file that can be shown as it was.

    A part of a figure that knows its `figure`, such as the axes, stands for all of it, and so does `pyplot`. Raises
    `TypeError` for what is no figure, and `ValueError` for a key that is none.

        from matplotlib import pyplot

        pyplot.plot([3, 2, 1])
        foundations.log_figure(pyplot, "loss")
    """
    _check_key(key)
    if hasattr(figure, "to_plotly_json") and hasattr(figure, "to_json"):
        _save(lambda path: _write_text(path, figure.to_json()), ".plotly.json", key, step, "figure")
        return
    draw = getattr(figure, "savefig", None) or getattr(getattr(figure, "figure", None), "savefig", None)
    if not callable(draw):
        raise TypeError(f"figure: {type(figure).__name__} is no figure of matplotlib or plotly.")
    _save(lambda path: draw(path, format="png", bbox_inches="tight"), ".png", key, step, "figure")


def log_image(image: Any, key: str, step: int | None = None) -> None:
    """Save a picture: an array of numpy or torch, of height x width or height x width x 1 to 4; a PIL image; or a file.

    Whole numbers go from 0 to 255, other numbers from 0 to 1. Raises `TypeError` or `ValueError` for anything else and
    for a key that is none, `OSError` for a file that cannot be read, and `ImportError` without numpy.

        import numpy

        foundations.log_image(numpy.random.rand(28, 28), "digit", step=1)
    """
    _check_key(key)
    if _is_path(image):
        _save_file(image, key, step, "image")
    elif hasattr(image, "save") and hasattr(image, "mode"):
        whole = image if image.mode in _PNG_MODES else image.convert("RGB")
        _save(lambda path: whole.save(path, format="PNG"), ".png", key, step, "image")
    else:
        pixels = pixels_of(image)
        _save(lambda path: write_png(pixels, path), ".png", key, step, "image")


def log_audio(samples: Any, key: str, rate: int | None = None, step: int | None = None) -> None:
    """Save a sound: samples of numpy or torch, of one channel or of samples x channels, at `rate` a second; or a file.

    Numbers go from -1 to 1; whole numbers must have 16 bits. Raises `TypeError` or `ValueError` for anything else and
    for a key that is none, `OSError` for a file that cannot be read, and `ImportError` without numpy.

        import numpy

        foundations.log_audio(numpy.sin(numpy.arange(8000) / 5), "tone", rate=8000)
    """
    _check_key(key)
    if _is_path(samples):
        _save_file(samples, key, step, "audio")
        return
    if isinstance(rate, bool) or not isinstance(rate, int) or not 0 < rate < 2**31:
        raise ValueError(f"rate: {rate!r} is no number of samples a second, such as 44100.")
    array, frequency = samples_of(samples), rate
    _save(lambda path: write_wav(array, frequency, path), ".wav", key, step, "audio")


def log_table(table: Any, key: str, step: int | None = None) -> None:
    """Save a table: a data frame of pandas or polars, a list of mappings, or a mapping of columns.

    It becomes a CSV file, or a Parquet file if the key ends with `.parquet`. Raises `TypeError` or `ValueError` for
    anything else, and `ImportError` for Parquet without a library that writes it.

        foundations.log_table([{"digit": 3, "errors": 12}, {"digit": 8, "errors": 31}], "errors.csv")
    """
    _check_key(key)
    whole = table_of(table)
    _save(lambda path: write_table(whole, path), ".parquet" if key.endswith(".parquet") else ".csv", key, step, "table")


def _save(make: Callable[[Path], None], suffix: str, key: str, step: int | None, kind: str) -> None:
    """Save the file that `make` writes at the path that it is given; outside of a job it is not made."""
    number = checked_step(step)
    if _run.current is None:
        keep(Path(), key, number, {})
        return
    try:
        with tempfile.TemporaryDirectory(prefix="foundations-") as folder:
            path = Path(folder, _filename(key, suffix))
            make(path)
            keep(path, key, number, {"kind": kind})
    except OSError as error:
        warn(key, error)


def _save_file(source: Any, key: str, step: int | None, kind: str) -> None:
    number, path = checked_step(step), Path(source)
    check_source(path)
    keep(path, key, number, {"kind": kind})


def _check_key(key: Any) -> None:
    if not isinstance(key, str) or not key.strip():
        raise ValueError(f"key: {key!r} cannot name an artifact; give it a text.")


def _filename(key: str, suffix: str) -> str:
    name = key.replace("/", "_").replace("\\", "_").replace("\0", "_")
    return name if name.lower().endswith(suffix.lower()) and name != suffix else f"{name[:200]}{suffix}"


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _is_path(thing: Any) -> bool:
    return isinstance(thing, (str, os.PathLike))
