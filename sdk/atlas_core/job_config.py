"""`job.config.yaml`: what a project says about its jobs, read when one is submitted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from atlas_core.config import check_level, read_yaml, warn_unknown
from atlas_core.errors import AtlasError, InvalidConfig, InvalidSpec
from atlas_core.ids import check_project_name
from atlas_core.jobs import JobSpec
from atlas_core.resources import Resources

FILE_NAME = "job.config.yaml"

#: What a job may use, and on which terms it waits and is tried again; all may also stand in `worker`.
_RESOURCES = tuple(Resources.__dataclass_fields__)
_TERMS = ("priority", "time_limit", "retries")
_KEYS = ("project_name", "log_level", *_RESOURCES, *_TERMS, "entrypoint", "params", "worker")
#: What `worker` may hold of a specification. `args` is the original's name for the command of a job.
_SPEC_KEYS = ("image", "network", "command", "entrypoint", "working_dir", "environment", "volumes")
_WORKER_KEYS = (*_SPEC_KEYS, "args", *_TERMS, "resources")


@dataclass(frozen=True)
class JobConfig:
    """The checked content of a `job.config.yaml`. None, and what is in no mapping, is what the file does not say.

    `resources` and `terms` hold values as they stand in the file: `terms` are priority, time limit and retries.
    """

    project_name: str | None = None
    log_level: str | None = None
    entrypoint: tuple[str, ...] = ()
    params: Mapping[str, Any] | None = None
    resources: Mapping[str, Any] = field(default_factory=dict)
    terms: Mapping[str, Any] = field(default_factory=dict)
    worker: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], source: str = FILE_NAME) -> JobConfig:
        """Return the checked configuration; warns about unknown keys. Raises `InvalidConfig` naming file and key."""
        warn_unknown(data, _KEYS, source)
        worker = data.get("worker") or {}
        if not isinstance(worker, Mapping):
            raise InvalidConfig(f"{source}: worker: expected keys and values, but got {worker!r}.", field="worker")
        warn_unknown(worker, _WORKER_KEYS, f"{source}: worker")
        try:
            return cls._checked(data, worker, source)
        except InvalidConfig:
            raise
        except AtlasError as error:
            raise InvalidConfig(f"{source}: {error.message}", **error.details) from error

    @classmethod
    def _checked(cls, data: Mapping[str, Any], worker: Mapping[str, Any], source: str) -> JobConfig:
        name, level = data.get("project_name"), data.get("log_level")
        top = JobSpec.from_dict({"entrypoint": data.get("entrypoint"), "params": data.get("params")})
        return cls(
            project_name=None if name is None else check_project_name(name),
            log_level=None if level is None else check_level(level, source),
            entrypoint=top.entrypoint,
            params=top.params,
            resources=_resources(_given(data, _RESOURCES)),
            terms=_terms(data),
            worker=_worker(worker),
        )


def _worker(worker: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `worker` says of a specification, checked."""
    words = {**_given(worker, _SPEC_KEYS), **({"command": worker["args"]} if worker.get("args") else {})}
    spec = JobSpec.from_dict(words).to_dict()
    resources = worker.get("resources")
    if resources is not None and not isinstance(resources, Mapping):
        raise InvalidSpec(f"worker.resources: expected keys and values, but got {resources!r}.", field="resources")
    more = {"resources": _resources(resources)} if resources else {}
    return {**{name: spec[name] for name in words if name in spec}, **_terms(worker), **more}


def _terms(data: Mapping[str, Any]) -> dict[str, Any]:
    given = _given(data, _TERMS)
    JobSpec.from_dict(given)
    return given


def _resources(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the resources that are named, checked. How many GPUs the job gets may be said elsewhere."""
    given = {name: value for name, value in data.items() if value is not None}
    checked = Resources.from_dict({"num_gpus": 1, **given})
    return {name: getattr(checked, name) for name in given}


def _given(data: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: data[name] for name in names if data.get(name) is not None}


def load_job_config(directory: Path) -> JobConfig:
    """Return the `job.config.yaml` in `directory`; a default one when there is no such file."""
    path = directory / FILE_NAME
    return JobConfig.from_dict(read_yaml(path), str(path)) if path.is_file() else JobConfig()
