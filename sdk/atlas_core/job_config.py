"""`job.config.yaml`: what a project says about its jobs, read when one is submitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from atlas_core.config import check_level, read_yaml, warn_unknown
from atlas_core.errors import AtlasError, InvalidConfig
from atlas_core.ids import check_project_name
from atlas_core.jobs import JobSpec
from atlas_core.resources import Resources

FILE_NAME = "job.config.yaml"

_KEYS = ("project_name", "log_level", "num_gpus", "ram", "cpus", "entrypoint", "params", "worker")
#: `args` is the original's name for the command of a job; the others are the specification's.
_WORKER_KEYS = ("image", "command", "args", "entrypoint", "working_dir", "environment", "volumes", "resources")


@dataclass(frozen=True)
class JobConfig:
    """The checked content of a `job.config.yaml`. None means that the file does not say."""

    project_name: str | None = None
    log_level: str | None = None
    num_gpus: int | None = None
    ram: float | None = None
    cpus: float | None = None
    entrypoint: tuple[str, ...] = ()
    params: Mapping[str, Any] | None = None
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
        resources = Resources.from_dict({key: data.get(key) for key in ("num_gpus", "ram", "cpus")})
        spec = JobSpec.from_dict({key: value for key, value in worker.items() if key in _WORKER_KEYS and key != "args"})
        top = JobSpec.from_dict(
            {"entrypoint": data.get("entrypoint"), "params": data.get("params"), "command": worker.get("args")}
        )
        overrides = {key: value for key, value in spec.to_dict().items() if key != "resources" and key in worker}
        if top.command:
            overrides["command"] = list(top.command)
        if worker.get("resources"):
            overrides["resources"] = spec.resources.to_dict()
        return cls(
            project_name=None if name is None else check_project_name(name),
            log_level=None if level is None else check_level(level, source),
            num_gpus=None if data.get("num_gpus") is None else resources.num_gpus,
            ram=resources.ram,
            cpus=resources.cpus,
            entrypoint=top.entrypoint,
            params=top.params,
            worker=overrides,
        )


def load_job_config(directory: Path) -> JobConfig:
    """Return the `job.config.yaml` in `directory`; a default one when there is no such file."""
    path = directory / FILE_NAME
    return JobConfig.from_dict(read_yaml(path), str(path)) if path.is_file() else JobConfig()
