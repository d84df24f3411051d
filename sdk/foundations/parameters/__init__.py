"""Logging and loading parameters: what a job was given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from atlas_core.errors import InvalidInput
from atlas_core.names import check_name
from atlas_core.values import is_time, plain
from foundations import run as _run

#: Where the parameters of a submitted job lie, in its working directory.
FILE_NAME = "foundations_job_parameters.json"


def log_param(key: str, value: Any) -> None:
    """Log a parameter; the same key again overwrites it. Lists and mappings are kept as they are, dates become texts,
    durations seconds.

    Raises `TypeError` for a value that JSON cannot hold, `ValueError` for a name that is empty or None, and
    `InvalidInput` for one that is too long.

        foundations.log_param("learning_rate", 0.01)
    """
    name, value = _name(key), _plain(key, value)
    run = _run.require()
    if run is not None:
        run.record("param", name=name, value=value)


def log_params(parameters: Mapping[str, Any]) -> None:
    """Log each parameter of a mapping, flattened. Raises what `log_param` raises, and `InvalidInput` for no mapping.

    For example:

        foundations.log_params({"optimizer": {"name": "adam", "betas": [0.9, 0.999]}})
    """
    for key, value in flatten_parameter_dictionary(parameters).items():
        log_param(key, value)


def load_parameters(log_parameters: bool = True) -> dict[str, Any]:
    """Return the parameters that the job was submitted with, and log them flattened.

    Without the file, or with an empty one, there are none. Raises `ValueError` when the file is no JSON object.

        params = {"epochs": 3, **foundations.load_parameters()}
        for epoch in range(params["epochs"]):
            foundations.log_metric("epoch", epoch)
    """
    path = Path(FILE_NAME)
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    parameters = _parse(text) if text.strip() else {}
    if log_parameters:
        log_params(parameters)
    return parameters


def flatten_parameter_dictionary(parameters: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return the mapping with nested values under joined keys: `{"a": {"b": [1]}}` becomes `{"a_b_0": 1}`.

    An empty mapping or list becomes None. Raises `TypeError` for a value that is neither scalar nor has a length, and
    `InvalidInput` for no mapping.

        flat = foundations.flatten_parameter_dictionary({"layers": [64, 32], "optimizer": {"name": "adam"}})
        assert flat == {"layers_0": 64, "layers_1": 32, "optimizer_name": "adam"}
    """
    if not isinstance(parameters, Mapping):
        raise InvalidInput(f"parameters: {type(parameters).__name__} is no mapping; give names and values.")
    flat: dict[Any, Any] = {}
    for key, value in parameters.items():
        flat.update(_flatten(key, value))
    return flat


def _flatten(key: Any, value: Any) -> dict[Any, Any]:
    if value is None or isinstance(value, (str, int, float, bool)) or _is_scalar(value):
        return {key: value}
    if isinstance(value, PathLike) or (is_time(value) and not hasattr(value, "__len__")):
        return {key: _plain(key, value)}
    if not hasattr(value, "__len__"):
        raise TypeError(f'Invalid parameter with key="{key}": object of type {type(value).__name__!r} has no len()')
    if len(value) == 0:
        return {key: None}
    items = value.items() if isinstance(value, Mapping) else enumerate(value)
    return flatten_parameter_dictionary({f"{key}_{name}": item for name, item in items})


def _is_scalar(value: Any) -> bool:
    """Whether this is a numpy scalar or the like."""
    return getattr(value, "shape", None) == ()


def _plain(key: Any, value: Any) -> Any:
    try:
        return plain(value)
    except TypeError as error:
        raise TypeError(
            f'Invalid parameter with key="{key}" of type {type(value)}: {error}. Log a text, a number, a bool, '
            "None, or a list or mapping of these."
        ) from None
    except RecursionError as error:
        raise ValueError(f'Invalid parameter with key="{key}": Circular reference detected') from error


def _name(key: Any) -> str:
    if key is None or key == "":
        raise ValueError(f"Invalid parameter name `{key}`")
    return check_name("param", str(key).encode("utf-8", "replace").decode())


def _parse(text: str) -> dict[str, Any]:
    try:
        parameters = json.loads(text)
    except ValueError as error:
        raise ValueError(f"`{FILE_NAME}` is no valid JSON: {error}.") from error
    if not isinstance(parameters, dict):
        raise ValueError(f"`{FILE_NAME}` holds {type(parameters).__name__}; expected an object of names and values.")
    return parameters
