"""What a job asks for, and how it is submitted.

Everything that is given is checked here, on both sides of the wire: an error names the field, the value and the remedy.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from atlas_core.errors import InvalidInput, InvalidSpec
from atlas_core.ids import check_bundle_id, check_job_id, check_project_name
from atlas_core.names import check_name
from atlas_core.quantities import check_count, check_duration
from atlas_core.resources import Resources
from atlas_core.retries import Retries
from atlas_core.values import from_wire, plain, to_wire

#: Priorities go from minus this to this; a larger one goes first.
HIGHEST_PRIORITY = 100
#: The user of jobs where nobody logs in.
NOBODY = "CE User"
#: No reference to an image is longer: a registry, a path, a tag or a digest.
_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,511}")
#: Under these names a submission says whose it is; the numbers have 32 bits, of which the last means "nobody".
_OWNER = ("uid", "gid")
_LARGEST_ID = 2**32 - 2


@dataclass(frozen=True)
class JobSpec:
    """What to run. An allow-list: nothing else of a container or process can be asked for.

    `command` is run by the image's entrypoint (Python) unless `entrypoint` replaces it. `params` becomes the file
    `foundations_job_parameters.json` in the job's working directory. `network` is a Docker network that the job joins
    instead of the server's own. `time_limit` is in seconds and holds for each attempt.
    """

    bundle_id: str | None = None
    command: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()
    image: str | None = None
    working_dir: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    volumes: Mapping[str, Any] = field(default_factory=dict)
    network: str | None = None
    params: Mapping[str, Any] | None = None
    resources: Resources = field(default_factory=Resources)
    priority: int = 0
    time_limit: float | None = None
    retries: Retries = field(default_factory=Retries)

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
            image=_check_image(fields.get("image")),
            working_dir=_check_text("working_dir", fields.get("working_dir")),
            environment=_check_environment(fields.get("environment")),
            volumes=_check_mapping("volumes", fields.get("volumes") or {}),
            network=_check_text("network", fields.get("network")),
            params=None if params is None else _check_params(params),
            resources=Resources.from_dict(_check_mapping("resources", fields.get("resources") or {})),
            priority=_check_priority(fields.get("priority")),
            time_limit=check_duration("time_limit", fields.get("time_limit")),
            retries=Retries.from_value(fields.get("retries")),
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
            "network": self.network,
            "resources": self.resources.to_dict(),
            "priority": self.priority,
            "time_limit": self.time_limit,
            "retries": self.retries.to_value(),
        }
        spec = {name: value for name, value in parts.items() if value}
        return spec if self.params is None else {**spec, "params": to_wire(plain(dict(self.params)))}


@dataclass(frozen=True)
class Submission:
    """A job on its way to the queue.

    `owner` is who submits, as user id and group id of the submitting machine: files of the job are to belong to them.
    `tags` are those that the job has from the beginning; `parent` is the job that submits it, if one does.
    """

    job_id: str
    project: str
    user: str
    spec: JobSpec
    owner: tuple[int, int] | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    parent: str | None = None

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
            user=_check_text("metadata.username", metadata.get("username")) or NOBODY,
            spec=JobSpec.from_dict({**spec, "resources": resources}),
            owner=_check_owner(metadata),
            tags=_check_tags(metadata.get("tags") or {}),
            parent=_check_parent(metadata.get("parent")),
        )

    def check_names(self) -> None:
        """Raise `InvalidSpec` if the name of a parameter or tag is too long. One that is stored already may be."""
        for kind, names in (("params", self.spec.params or ()), ("metadata.tags", self.tags)):
            for name in names:
                try:
                    check_name(kind, str(name))
                except InvalidInput as error:
                    raise InvalidSpec(error.message, field=kind) from None

    def to_dict(self) -> dict[str, Any]:
        """Return the body of POST /queued_jobs."""
        more: dict[str, Any] = {} if self.owner is None else dict(zip(_OWNER, self.owner))
        if self.tags:
            more["tags"] = dict(self.tags)
        if self.parent is not None:
            more["parent"] = self.parent
        return {
            "job_id": self.job_id,
            "spec": self.spec.to_dict(),
            "metadata": {"project_name": self.project, "username": self.user, **more},
            "gpu_spec": {"num_gpus": self.spec.resources.num_gpus},
        }


def _check_image(value: object) -> str | None:
    image = _check_text("image", value)
    if image is None or (_IMAGE.fullmatch(image) and not image.endswith((":", "/", "@")) and "::" not in image):
        return image
    raise InvalidSpec(
        f"image: {image[:100]!r} is no name of an image; give one such as registry/team/image:tag.", field="image"
    )


def _check_priority(value: object) -> int:
    if value is None:
        return 0
    return check_count("priority", "priority", value, least=-HIGHEST_PRIORITY, most=HIGHEST_PRIORITY)


def _check_owner(metadata: Mapping[str, Any]) -> tuple[int, int] | None:
    """Return user id and group id; clients that know none send neither."""
    if all(metadata.get(name) is None for name in _OWNER):
        return None
    uid, gid = (
        check_count(f"metadata.{name}", "number of a user or group", metadata.get(name), most=_LARGEST_ID)
        for name in _OWNER
    )
    return uid, gid


def _check_parent(value: object) -> str | None:
    try:
        return None if value is None else check_job_id(value)
    except InvalidInput:
        raise InvalidSpec(
            f"metadata.parent: {str(value)[:100]!r} is no job's id; name the job that submits this one, or none.",
            field="metadata.parent",
        ) from None


def _check_tags(value: object) -> dict[str, str]:
    tags = _check_mapping("metadata.tags", value)
    for key, text in tags.items():
        if not isinstance(key, str) or not key or not _is_text(text):
            raise InvalidSpec(
                f"metadata.tags: {key!r} with {text!r} is no tag; expected a name with a text.", field="metadata.tags"
            )
    return {key: str(text) for key, text in tags.items()}


def _is_text(value: object) -> bool:
    try:
        return isinstance(plain(value), (str, int, float))
    except (TypeError, ValueError, RecursionError):
        return False


def _check_params(value: object) -> Mapping[str, Any]:
    """Return parameters with NaN and infinity as floats, however they came."""
    params = _check_mapping("params", value)
    for name, each in params.items():
        try:
            plain(each)
        except (TypeError, ValueError, RecursionError) as error:
            remedy = "give a text, a number, a bool, None, or a list or mapping of these"
            raise InvalidSpec(f"params.{name}: {error}; {remedy}.", field=f"params.{name}") from None
    return {name: from_wire(each) for name, each in params.items()}


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
        if not isinstance(name, str) or not name or "=" in name or "\x00" in name:
            remedy = "use letters, digits and underscores"
            raise InvalidSpec(f"environment: {name!r} cannot name a variable; {remedy}.", field="environment")
        if isinstance(text, (Mapping, list, tuple)) or "\x00" in f"{text}":
            raise InvalidSpec(f"environment: {text!r} cannot be the value of {name}; give text.", field="environment")
        if text is not None:
            checked[name] = str(text)
    return checked
