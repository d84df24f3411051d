"""Logging metrics: values that change while a job runs."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from time import time as _now
from typing import Any

from atlas_core.errors import InvalidInput
from atlas_core.names import check_name
from atlas_core.records import NO_STEP, operation_frame, point_frame, point_frames
from atlas_core.values import is_time, plain
from foundations import run as _run

#: Characters of a wrong value that are shown.
_SHOWN = 30
#: What to do with an array or a tensor.
_REMEDY = "; log one number of it with `.item()`, each with `.tolist()`, or all of it as a file with `save_artifact`"
#: What to do with a moment or a duration.
_TIME_REMEDY = "; log a duration in seconds, a moment as a parameter, and when a value was measured as `time`"
#: The end of the year 9999: the last second that a date can show.
_LATEST = 253402300799.0


def log_metric(key: str, value: Any, step: int | None = None, time: float | None = None) -> None:
    """Log a value, or each value of a list, under the name `key`.

    A value is a number, a bool, a text or a numpy scalar; NaN and infinity are kept. `time` is when it was measured, in
    seconds since the epoch; by default now. Raises `ValueError` for a name that is no text or a time that is none,
    `InvalidInput` for a name that is too long, and `TypeError` for any other value or step.

        for epoch in range(3):
            foundations.log_metric("accuracy", 0.9 + epoch / 100, step=epoch)
    """
    run = _run.current
    kind = type(value)
    has_plain_step = step is None or (type(step) is int and NO_STEP < step < -NO_STEP)
    if (
        (kind is float or kind is int)
        and run is not None
        and has_plain_step
        and time is None
        and type(key) is str
        and key
    ):
        # The common case, many times in a training loop, without further ado.
        frame = point_frame(key, value, _now(), step)
        if frame is not None:
            run.journal.append(frame)
            return
    _log_checked(key, value, step, time)


def log_metrics(metrics: Mapping[str, Any], step: int | None = None, time: float | None = None) -> None:
    """Log several metrics at once, all of them or, where one is wrong, none. Raises what `log_metric` raises;
    `InvalidInput` for what is no mapping.

    They reach the disk together, in a fraction of the time that one after the other takes.

        foundations.log_metrics({"loss": 0.31, "accuracy": 0.93}, step=1)
    """
    if not isinstance(metrics, Mapping):
        raise InvalidInput(f"metrics: {type(metrics).__name__} is no mapping; give names and values.")
    number = step if type(step) is int and NO_STEP < step < -NO_STEP else checked_step(step)
    moment = _now() if time is None else _checked_time(time)
    frames = point_frames(metrics, moment, number)
    if frames is None:
        checked = [_checked_frames(key, value, number, moment) for key, value in metrics.items()]
        frames = b"".join(chain.from_iterable(checked))
    run = _run.require()
    if run is not None and frames:
        run.journal.append(frames)


def _log_checked(key: str, value: Any, step: int | None, time: float | None) -> None:
    frames = _checked_frames(key, value, checked_step(step), _checked_time(time))
    run = _run.require()
    if run is not None:
        for frame in frames:
            run.journal.append(frame)


def _checked_frames(key: str, value: Any, step: int | None, moment: float) -> list[bytes]:
    if not isinstance(key, str) or not key or not _is_unicode(key):
        raise ValueError(f"Invalid metric name `{key}`")
    check_name("metric", key)
    values = [_checked(key, item, value) for item in (value if isinstance(value, list) else [value])]
    return [_frame(key, item, step, moment) for item in values]


def _frame(key: str, value: float | int | bool | str, step: int | None, moment: float) -> bytes:
    frame = None if isinstance(value, str) else point_frame(key, value, moment, step)
    if frame is not None:
        return frame
    place = {} if step is None else {"step": step}
    return operation_frame("metric", name=key, value=value, time=moment, **place)


def _checked(key: str, item: Any, value: Any) -> float | int | bool | str:
    """Return `item` as a plain scalar. Raises `TypeError` that shows the whole `value`."""
    if isinstance(item, (int, float, str)) or (hasattr(item, "item") and not is_time(item)):
        try:
            scalar = plain(item)
        except (TypeError, ValueError):
            scalar = None
        if isinstance(scalar, (bool, int, float, str)):
            return scalar
    shown = str(value)
    shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]} ..."
    raise TypeError(
        f'Invalid metric with key="{key}" of value={shown} with type {type(value)}. Value should be of type string or '
        f"number, or a list of strings / numbers{_remedy(item)}"
    )


def _remedy(item: Any) -> str:
    if is_time(item):
        return _TIME_REMEDY
    return _REMEDY if hasattr(item, "tolist") else ""


def checked_step(step: Any) -> int | None:
    """Return the step as a plain whole number. Raises `TypeError`."""
    if step is None:
        return None
    number = plain(step) if hasattr(step, "item") else step
    if isinstance(number, int) and not isinstance(number, bool) and NO_STEP < number < -NO_STEP:
        return number
    raise TypeError(f"Invalid step {step!r} with type {type(step)}. A step should be a whole number of 64 bits.")


def _checked_time(time: Any) -> float:
    if time is None:
        return _now()
    moment = plain(time) if hasattr(time, "item") else time
    if isinstance(moment, (int, float)) and not isinstance(moment, bool) and 0 <= moment <= _LATEST:
        return float(moment)
    raise ValueError(f"Invalid time {time!r}. A time should be a number of seconds since the epoch.")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True
