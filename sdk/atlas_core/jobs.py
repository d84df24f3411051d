"""What a job is: its states, why it ended, what it asks for.

The state machine of a job is drawn here and nowhere else; the tracker enforces it.

    queued ──> pending ──> running ──> completed
      │          │            └──────> failed
      └──────────┴────────────────────> failed

A job of execution mode (`python main.py`) is born `running`. A job that was closed for a missing heartbeat opens again
when its journal arrives late: what the journal says is the truth.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from atlas_core.errors import InvalidSpec
from atlas_core.ids import check_bundle_id, check_job_id, check_project_name
from atlas_core.values import plain


class JobStatus(str, Enum):
    """Where a job is in its life."""

    QUEUED = "queued"
    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"

    @property
    def is_finished(self) -> bool:
        """Whether the job has ended, well or badly."""
        return self in (JobStatus.COMPLETED, JobStatus.FAILED)

    @property
    def is_waiting(self) -> bool:
        """Whether the job has not begun to run."""
        return self in (JobStatus.QUEUED, JobStatus.PENDING)


class Cause(str, Enum):
    """Why a job failed."""

    USER_CODE = "user_code"
    EXIT_CODE = "exit_code"
    STOPPED_BY_USER = "stopped_by_user"
    OOM = "oom"
    IMAGE_PULL = "image_pull"
    DEPENDENCY_INSTALL = "dependency_install"
    TIMEOUT = "timeout"
    ENGINE_LOST = "engine_lost"
    LOST_HEARTBEAT = "lost_heartbeat"
    INVALID_SPEC = "invalid_spec"


#: From each state, the states that may follow.
TRANSITIONS: dict[JobStatus, frozenset[JobStatus]] = {
    JobStatus.QUEUED: frozenset({JobStatus.PENDING, JobStatus.FAILED}),
    JobStatus.PENDING: frozenset({JobStatus.RUNNING, JobStatus.QUEUED, JobStatus.FAILED}),
    JobStatus.RUNNING: frozenset({JobStatus.COMPLETED, JobStatus.FAILED}),
    JobStatus.COMPLETED: frozenset(),
    JobStatus.FAILED: frozenset(),
}

#: What may follow `failed` when its cause is `lost_heartbeat`.
REOPENED = frozenset({JobStatus.RUNNING, JobStatus.COMPLETED, JobStatus.FAILED})


def sources(target: JobStatus) -> list[JobStatus]:
    """Return the states from which a job may go to `target`."""
    return [status for status, following in TRANSITIONS.items() if target in following]


@dataclass(frozen=True)
class Resources:
    """What a job needs while it runs: whole GPUs, GB of memory, CPU cores. None leaves it to the server."""

    num_gpus: int = 0
    ram: float | None = None
    cpus: float | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Resources:
        """Return the checked resources; raises `InvalidSpec`. `num_gpus: null` means none."""
        return cls(
            num_gpus=_check_gpus(data.get("num_gpus")),
            ram=_check_amount("ram", "GB", data.get("ram")),
            cpus=_check_amount("cpus", "cores", data.get("cpus")),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the form that crosses the wire."""
        return {"num_gpus": self.num_gpus, "ram": self.ram, "cpus": self.cpus}


@dataclass(frozen=True)
class JobSpec:
    """What to run. An allow-list: nothing else of a container or process can be asked for.

    `command` is run by the image's entrypoint (Python) unless `entrypoint` replaces it. `params` becomes the file
    `foundations_job_parameters.json` in the job's working directory.
    """

    bundle_id: str | None = None
    command: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()
    image: str | None = None
    working_dir: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    volumes: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] | None = None
    resources: Resources = field(default_factory=Resources)

    @classmethod
    def from_dict(cls, data: object) -> JobSpec:
        """Return the checked specification; raises `InvalidSpec` naming the field, the value and the remedy."""
        fields = _check_mapping("spec", data)
        bundle_id = fields.get("bundle_id")
        params = fields.get("params")
        return cls(
            bundle_id=None if bundle_id is None else check_bundle_id(bundle_id),
            command=_check_words("command", fields.get("command")),
            entrypoint=_check_words("entrypoint", fields.get("entrypoint")),
            image=_check_text("image", fields.get("image")),
            working_dir=_check_text("working_dir", fields.get("working_dir")),
            environment=_check_environment(fields.get("environment")),
            volumes=_check_mapping("volumes", fields.get("volumes") or {}),
            params=None if params is None else _check_mapping("params", params),
            resources=Resources.from_dict(_check_mapping("resources", fields.get("resources") or {})),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the form that crosses the wire; what is not set is left out."""
        parts = {
            "bundle_id": self.bundle_id,
            "command": list(self.command),
            "entrypoint": list(self.entrypoint),
            "image": self.image,
            "working_dir": self.working_dir,
            "environment": dict(self.environment),
            "volumes": dict(self.volumes),
            "resources": self.resources.to_dict(),
        }
        spec = {name: value for name, value in parts.items() if value}
        return spec if self.params is None else {**spec, "params": plain(dict(self.params))}


@dataclass(frozen=True)
class Submission:
    """A job on its way to the queue."""

    job_id: str
    project: str
    user: str
    spec: JobSpec

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Submission:
        """Return the checked submission from the body of POST /queued_jobs; raises `InvalidSpec`.

        GPUs may be asked for in `gpu_spec`, as the original's clients do, or in `spec.resources`.
        """
        metadata = _check_mapping("metadata", data.get("metadata"))
        spec = dict(_check_mapping("spec", data.get("spec")))
        gpu_spec = _check_mapping("gpu_spec", data.get("gpu_spec") or {})
        resources = dict(_check_mapping("spec.resources", spec.get("resources") or {}))
        if gpu_spec.get("num_gpus") is not None:
            resources.setdefault("num_gpus", gpu_spec["num_gpus"])
        return cls(
            job_id=check_job_id(data.get("job_id")),
            project=check_project_name(metadata.get("project_name")),
            user=_check_text("metadata.username", metadata.get("username")) or "CE User",
            spec=JobSpec.from_dict({**spec, "resources": resources}),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the body of POST /queued_jobs."""
        return {
            "job_id": self.job_id,
            "spec": self.spec.to_dict(),
            "metadata": {"project_name": self.project, "username": self.user},
            "gpu_spec": {"num_gpus": self.spec.resources.num_gpus},
        }


def _check_gpus(value: object) -> int:
    if value is None:
        return 0
    if isinstance(value, str):
        try:
            value = int(value)
        except ValueError:
            value = value or "''"
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InvalidSpec(
            f"num_gpus: {value!r} is no number of GPUs; give a whole number, 0 or more.", field="num_gpus"
        )
    return value


def _check_amount(name: str, unit: str, value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            value = value or "''"
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= sys.float_info.max:
        raise InvalidSpec(f"{name}: {value!r} is no amount; give a number of {unit} greater than zero.", field=name)
    return float(value)


def _check_mapping(name: str, value: object) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    raise InvalidSpec(f"{name}: expected an object (key: value), but got {value!r}.", field=name)


def _check_text(name: str, value: object) -> str | None:
    if value is None or (isinstance(value, str) and "\x00" not in value):
        return value or None
    raise InvalidSpec(f"{name}: expected text, but got {value!r}.", field=name)


def _check_words(name: str, value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    words = [value] if isinstance(value, str) else value
    if isinstance(words, (list, tuple)) and all(isinstance(word, (str, int, float)) for word in words):
        texts = tuple(str(word) for word in words)
        if not any("\x00" in text for text in texts):
            return texts
    raise InvalidSpec(f"{name}: expected a list of words, but got {value!r}.", field=name)


def _check_environment(value: object) -> dict[str, str]:
    if isinstance(value, (list, tuple)):  # docker's other form: NAME=value
        value = dict(str(line).partition("=")[::2] for line in value)
    environment = _check_mapping("environment", value or {})
    checked = {}
    for name, text in environment.items():
        if not isinstance(name, str) or not name or "=" in name or "\x00" in f"{name}{text}":
            raise InvalidSpec(f"environment: {name!r} cannot name a variable.", field="environment")
        if text is not None:
            checked[name] = str(text)
    return checked
