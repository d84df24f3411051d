"""Submitting a directory as a job.

Nothing is written into the directory and the process stays where it is, so several submissions may run at once and
share a directory. Parameters travel in the job's specification.
"""

from __future__ import annotations

import logging
import os
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Union

from atlas_core.bundle import Manifest, check_directory
from atlas_core.config import SubmissionConfig, load_submission_config
from atlas_core.errors import InvalidSpec
from atlas_core.ids import new_job_id
from atlas_core.job_config import JobConfig, load_job_config
from atlas_core.jobs import Submission
from atlas_core.log import configure_logging, logger
from atlas_core.resources import Resources
from foundations.deployment import Deployment
from foundations.given_path import given_path
from foundations.identity import job_of_process
from foundations.resources import chosen_resources
from foundations.submission_server import SubmissionServer

_log = logging.getLogger("foundations.submission")

Words = Union[str, Sequence[str], None]

#: What the caller says of these counts even if it is 0.
_SPEC_WISHES = ("image", "network", "priority", "time_limit", "retries")
_GPU_WISHES = ("gpu_memory", "gpu_model")


@dataclass(frozen=True)
class _Request:
    """What the caller of `submit` wants; None leaves it to the configuration."""

    scheduler_config: str | None = None
    job_directory: str | os.PathLike[str] | None = None
    project_name: str | None = None
    entrypoint: Words = None
    params: Mapping[str, Any] | None = None
    tags: Mapping[str, Any] | None = None
    num_gpus: int | None = None
    gpu_memory: float | None = None
    gpu_model: str | None = None
    ram: float | None = None
    cpus: float | None = None
    shm: float | None = None
    image: str | None = None
    network: str | None = None
    priority: int | None = None
    time_limit: float | str | None = None
    retries: int | Mapping[str, Any] | None = None
    stream_job_logs: bool | None = None
    command: Words = None

    @classmethod
    def of(cls, wishes: Mapping[str, Any]) -> _Request:
        """Return the request. Raises `TypeError` as a call with a wrong argument does."""
        for name in wishes:
            if name not in cls.__dataclass_fields__:
                raise TypeError(f"submit() got an unexpected keyword argument {name!r}")
        return cls(**wishes)

    @property
    def directory(self) -> Path:
        """The job directory, absolute."""
        given = Path() if self.job_directory is None else given_path("job_directory", self.job_directory)
        return Path(os.path.abspath(given))  # noqa: PTH100 - links keep their name

    def given(self, names: Iterable[str]) -> dict[str, Any]:
        """Return those of the wishes with these names that are none of None."""
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}


def submit(**wishes: Any) -> Deployment:
    """Submit a directory as a job and return a handle on the job.

    scheduler_config   name of the submission configuration (default: "scheduler")
    job_directory      what to send (default: the working directory)
    project_name       default: `job.config.yaml`, else in a job that job's project, else the directory's name
    command            what to run, such as ["main.py", "--epochs", "3"]
    entrypoint         what runs the command, instead of Python
    params             what `load_parameters` returns in the job
    tags               tags that the job has from the beginning
    num_gpus, ram, cpus          number of GPUs, GB of memory, CPU cores
    gpu_memory, gpu_model        what each GPU must have at least (GB), and a part of its name
    shm                          GB of shared memory (/dev/shm)
    image, network               the container's image, and the network that it joins
    priority           from -100 to 100; a higher one goes first (default: 0)
    time_limit         for each attempt: seconds, or text such as "90s" or "1h30m"
    retries            how often to try again after a failure, or {"limit": 3, "causes": ["oom", "engine_lost"]}
    stream_job_logs    print the job's log until it ends (default: no)

    Raises `TypeError` for any other argument, `ConfigNotFound`, `InvalidConfig`, `InvalidSpec` or `InvalidInput` for
    what cannot be used, `BundleTooLarge`, and `ServerUnreachable`.

        job = foundations.submit(command=["main.py"], params={"epochs": 3}, num_gpus=0)
        print(job.wait(), job.metrics())
    """
    request = _Request.of(wishes)
    deployment = _send(*_described(request))
    if request.stream_job_logs:
        deployment.stream_job_logs()
    return deployment


def stage(**wishes: Any) -> tuple[Submission, SubmissionServer, Manifest]:
    """Send a directory without queueing a job; return the job that it would be, the server, and what was sent.

    Takes what `submit` takes, and raises the same.
    """
    submission, directory, server = _described(_Request.of(wishes))
    bundle = server.bundle(directory)
    server.ensure(bundle)
    return _with_bundle(submission, bundle, server), server, bundle


def _described(request: _Request) -> tuple[Submission, Path, SubmissionServer]:
    """Return the job, its directory, and where it is to go."""
    if not logger.handlers:
        configure_logging()
    directory = request.directory
    check_directory(directory)
    config = load_submission_config(request.scheduler_config or "scheduler", directory)
    job_config = load_job_config(directory)
    if job_config.log_level is not None:
        configure_logging(job_config.log_level)
    submission = _submission(request, job_config, config)
    _warn_about_command(submission.spec.command, submission.spec.entrypoint, directory)
    return submission, directory, SubmissionServer.at(config.scheduler_url)


def _submission(request: _Request, job_config: JobConfig, config: SubmissionConfig) -> Submission:
    """Return the checked job; the caller's word counts before the project's, and that before the configuration's."""
    general = JobConfig.from_dict({"worker": config.worker}, f"submission configuration `{config.name}`").worker
    spec = _merged(general, job_config.worker)
    chosen = {
        "command": _words("command", request.command),
        "entrypoint": _words("entrypoint", request.entrypoint) or list(job_config.entrypoint),
        "params": request.params or job_config.params,
    }
    spec.update({name: value for name, value in chosen.items() if value})
    spec.update({**job_config.terms, **request.given(_SPEC_WISHES)})
    spec["resources"] = _resources(
        request.given(Resources.__dataclass_fields__),
        chosen_resources(),
        job_config.resources,
        job_config.worker.get("resources") or {},
        general.get("resources") or {},
    )
    project = request.project_name or job_config.project_name or _project_of_job() or request.directory.name
    parent = job_of_process(os.environ)
    metadata = {"project_name": project, "username": "", "tags": request.tags, "parent": parent}
    body = {"job_id": new_job_id(), "spec": spec, "metadata": metadata}
    submission = Submission.from_dict(body)
    submission.check_names()
    return replace(submission, owner=_owner())


def _owner() -> tuple[int, int] | None:
    """Return who runs this process, where there are such numbers."""
    return (os.getuid(), os.getgid()) if hasattr(os, "getuid") else None


def _project_of_job() -> str | None:
    """Return the project of the job that this process belongs to; its directory has a name that says nothing."""
    return os.environ.get("FOUNDATIONS_PROJECT_NAME") if os.environ.get("FOUNDATIONS_JOB_ID") else None


def _merged(general: Mapping[str, Any], special: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**general, **special}
    for name in ("environment", "volumes"):
        if name in general and name in special:
            merged[name] = {**general[name], **special[name]}
    return merged


def _resources(*sources: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the sources want together; an earlier one counts before a later one.

    One that wants no GPU makes void what later ones want of a GPU.
    """
    wanted: dict[str, Any] = {}
    for source in reversed(sources):
        given = {name: value for name, value in source.items() if value is not None}
        if given.get("num_gpus") == 0:
            wanted = {name: value for name, value in wanted.items() if name not in _GPU_WISHES}
        wanted.update(given)
    return wanted


def _words(name: str, value: Words) -> Any:
    try:
        return shlex.split(value) if isinstance(value, str) else value
    except ValueError as error:  # such as a quotation that does not end
        raise InvalidSpec(f"{name}: {value!r} cannot be split into words: {error}; give a list.", field=name) from None


def _warn_about_command(command: Sequence[str], entrypoint: Sequence[str], directory: Path) -> None:
    if not command:
        _log.warning("No command was specified.")
    elif not entrypoint and not command[0].startswith("-") and not (directory / command[0]).exists():
        _log.warning(
            "Hey, seems like your command '%s' is not an existing file in your current directory. If it is found "
            "where the job runs, all is well; if not, the job will fail.",
            command[0],
        )


def _with_bundle(submission: Submission, bundle: Manifest, server: SubmissionServer) -> Submission:
    return replace(submission, user=server.user_name(), spec=replace(submission.spec, bundle_id=bundle.bundle_id))


def _send(submission: Submission, directory: Path, server: SubmissionServer) -> Deployment:
    _log.info("Job submission started. Ctrl-C to cancel.")
    bundle = server.bundle(directory)
    whole = _with_bundle(submission, bundle, server)
    server.ensure(bundle)
    server.submit(whole, bundle)
    _log.info("Job submitted with ID '%s' in project '%s'.", whole.job_id, whole.project)
    return Deployment(whole.job_id, whole.project, server.scheduler, server.rest)
