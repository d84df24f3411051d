"""Configuration files: `<name>.config.yaml` of type `execution` or `submission`.

`./config/<type>/<name>.config.yaml` in the working directory wins over the one below `$FOUNDATIONS_HOME/config`; an
empty local file falls through.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from atlas_core.errors import ConfigNotFound, InvalidConfig
from atlas_core.near_names import nearest
from atlas_core.settings import home_directory

_log = logging.getLogger("foundations.config")

SUFFIX = ".config.yaml"
#: Where a stack on this machine listens when nothing says otherwise: the proxy, in front of every service.
DEFAULT_URL = "http://127.0.0.1:5558"
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


@dataclass(frozen=True)
class ExecutionConfig:
    """Where a script that imports foundations reports to. The original's other keys are read and not needed."""

    server_url: str = DEFAULT_URL
    log_level: str = "INFO"

    #: Every key that the file may hold; those of the original among them.
    KEYS = ("server_url", "log_level", "results_config", "cache_config", "ssh_config")

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], source: str) -> ExecutionConfig:
        """Return the checked configuration; `source` names the file in errors."""
        warn_unknown(data, cls.KEYS, source)
        return cls(
            server_url=check_url(data.get("server_url", DEFAULT_URL), "server_url", source),
            log_level=check_level(data.get("log_level", "INFO"), source),
        )


@dataclass(frozen=True)
class SubmissionConfig:
    """Where jobs are submitted to. `scheduler_url` may be the scheduler's or, normally, the proxy's address."""

    name: str
    scheduler_url: str
    worker: Mapping[str, Any] = field(default_factory=dict)

    KEYS = (
        "scheduler_url",
        "worker",
        "job_deployment_env",
        "job_results_root",
        "working_dir_root",
        "job_store_dir_root",
        "container_config_root",
        "cache_config",
        "redis_url",
        "log_level",
    )

    @classmethod
    def from_dict(cls, name: str, data: Mapping[str, Any], source: str) -> SubmissionConfig:
        """Return the checked configuration; `source` names the file in errors."""
        warn_unknown(data, cls.KEYS, source)
        if "scheduler_url" not in data:
            raise InvalidConfig(
                f"{source}: scheduler_url is missing; give the server's address, such as {DEFAULT_URL}.",
                field="scheduler_url",
            )
        worker = data.get("worker") or {}
        if not isinstance(worker, Mapping):
            raise InvalidConfig(f"{source}: worker: expected keys and values, but got {worker!r}.", field="worker")
        return cls(name, check_url(data["scheduler_url"], "scheduler_url", source), dict(worker))


def load_execution_config(name: str = "default", cwd: Path | None = None) -> ExecutionConfig | None:
    """Return the execution configuration of that name, or None when there is no such file."""
    path = find_config("execution", name, cwd)
    return None if path is None else ExecutionConfig.from_dict(read_yaml(path), str(path))


def load_submission_config(name: str, cwd: Path | None = None) -> SubmissionConfig:
    """Return the submission configuration of that name. Raises `ConfigNotFound` or `InvalidConfig`."""
    path = find_config("submission", name, cwd)
    if path is None:
        raise ConfigNotFound(f"Could not find submission configuration with name: `{name}`", name=name)
    return SubmissionConfig.from_dict(name, read_yaml(path), str(path))


def find_config(kind: str, name: str, cwd: Path | None = None) -> Path | None:
    """Return the file that holds this configuration, by the lookup rule above."""
    local = (cwd or Path.cwd()) / "config" / kind / f"{name}{SUFFIX}"
    if local.is_file() and local.read_text().strip():
        return local
    home = config_directory(kind) / f"{name}{SUFFIX}"
    return home if home.is_file() else None


def list_configs(kind: str, cwd: Path | None = None) -> list[tuple[str, Path]]:
    """Return name and path of each configuration of this type that can be found by its name, by name."""
    places = (config_directory(kind), (cwd or Path.cwd()) / "config" / kind)
    names = {path.name[: -len(SUFFIX)] for place in places for path in place.glob(f"*{SUFFIX}")}
    found = ((name, find_config(kind, name, cwd)) for name in sorted(names))
    return [(name, path) for name, path in found if path is not None]


def config_directory(kind: str) -> Path:
    """Return the directory below `$FOUNDATIONS_HOME` that holds configurations of this type."""
    return home_directory() / "config" / kind


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping in a YAML file; an empty file is an empty mapping. Raises `InvalidConfig`."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f", line {where.line + 1}" if where else ""
        problem = getattr(error, "problem", None) or "it cannot be parsed"
        raise InvalidConfig(f"{path}{line}: this is no valid YAML: {problem}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidConfig(f"{path} cannot be read: {error}.") from error
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise InvalidConfig(f"{path}: expected keys and values, but the file holds {type(data).__name__}.")
    return {str(key): value for key, value in data.items()}


def warn_unknown(data: Mapping[str, Any], known: Collection[str], source: str) -> None:
    """Warn about each key that nobody reads, with the nearest known name."""
    for key in data:
        if key not in known:
            near = nearest(key, known)
            hint = f"did you mean `{near}`?" if near else f"known keys are {', '.join(sorted(known))}."
            _log.warning("%s: unknown key `%s` is ignored; %s", source, key, hint)


def check_url(value: object, key: str, source: str) -> str:
    """Return a URL with scheme and without the closing slash. Raises `InvalidConfig`."""
    if isinstance(value, str) and value.startswith(("http://", "https://")) and len(value) > len("https://"):
        return value.rstrip("/")
    raise InvalidConfig(f"{source}: {key}: {value!r} is no address; write it like {DEFAULT_URL}.", field=key)


def check_level(value: object, source: str) -> str:
    """Return a log level's name. Raises `InvalidConfig`."""
    if isinstance(value, str) and value.upper() in _LEVELS:
        return value.upper()
    raise InvalidConfig(f"{source}: log_level: {value!r} is none of {', '.join(_LEVELS)}.", field="log_level")
