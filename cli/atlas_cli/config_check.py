"""The configuration files: which are there, which count, and what is wrong in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from atlas_cli.finding import OK, PROBLEM, WARNING, Finding
from atlas_core.config import (
    DEFAULT_URL,
    SUFFIX,
    ExecutionConfig,
    SubmissionConfig,
    config_directory,
    find_config,
    list_configs,
    read_yaml,
)
from atlas_core.errors import InvalidConfig

_EXECUTION = "default"


def check_configs(scheduler_config: str) -> Iterator[Finding]:
    """Yield a finding for each file, and for each that is missing and needed."""
    for kind, name in (("submission", scheduler_config), ("execution", _EXECUTION)):
        used = find_config(kind, name)
        if used is None:
            yield _missing(kind, name)
        there = {path for _, path in list_configs(kind)}.union(config_directory(kind).glob(f"*{SUFFIX}"))
        for path in ([] if used is None else [used]) + sorted(there - {used}):
            yield _look(kind, path, path == used)


def _missing(kind: str, name: str) -> Finding:
    path = config_directory(kind) / f"{name}{SUFFIX}"
    if kind == "execution":
        return Finding("execution config", f"none; scripts report to {DEFAULT_URL}")
    return Finding(
        "submission config",
        f"there is no `{name}`, so jobs cannot be submitted",
        PROBLEM,
        f"`atlas-server start` makes one for this machine; for another write `scheduler_url: ADDRESS` to {path}.",
    )


def _look(kind: str, path: Path, is_used: bool) -> Finding:
    subject = f"{kind} config {path}"
    keys = SubmissionConfig.KEYS if kind == "submission" else ExecutionConfig.KEYS
    try:
        data = read_yaml(path)
        url = _url(kind, path, {key: value for key, value in data.items() if key in keys})
    except InvalidConfig as error:
        sentence = error.message.removeprefix(f"{path}: ").removeprefix(str(path)).lstrip(", ")
        return Finding(subject, sentence, PROBLEM if is_used else WARNING, "Correct the file, or remove it.")
    unknown = [key for key in data if key not in keys]
    if unknown:
        named = ", ".join(f"`{key}`" for key in unknown)
        return Finding(subject, f"nobody reads {named}", WARNING, f"Known keys are {', '.join(sorted(keys))}.")
    return Finding(subject, f"{url}{'' if is_used else ' (not in use now)'}", OK)


def _url(kind: str, path: Path, data: dict[str, Any]) -> str:
    """Return the address in a configuration. Raises `InvalidConfig`."""
    if kind == "submission":
        return SubmissionConfig.from_dict(path.name.removesuffix(SUFFIX), data, str(path)).scheduler_url
    return ExecutionConfig.from_dict(data, str(path)).server_url
