"""How much of the machine one project and one user may hold at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from atlas_core.errors import InvalidConfig

_SCOPES = ("project", "user")
_NAMED = ("projects", "users")
_KEYS = ("jobs", "gpus")


@dataclass(frozen=True)
class Limit:
    """At most so many active jobs, and so many GPUs held by them. None is no limit."""

    jobs: int | None = None
    gpus: int | None = None


@dataclass(frozen=True)
class Limits:
    """The limit of each project and of each user, and of those that are named in particular. Default: none."""

    project: Limit = field(default_factory=Limit)
    user: Limit = field(default_factory=Limit)
    projects: Mapping[str, Limit] = field(default_factory=dict)
    users: Mapping[str, Limit] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, data: object) -> Limits:
        """Return the checked limits.

            {"project": {"jobs": 4}, "user": {"gpus": 2}, "projects": {"vision": {"jobs": 8}}, "users": {...}}

        A named project or user has the general limit in what is not said of it; `null` lifts it. Raises
        `InvalidConfig` naming the key, the value and the remedy.
        """
        parts = _mapping("limits", data)
        _only("limits", parts, (*_SCOPES, *_NAMED))
        project, user = (_limit(f"limits.{scope}", parts.get(scope), Limit()) for scope in _SCOPES)
        return cls(
            project=project,
            user=user,
            projects=_named("limits.projects", parts.get("projects"), project),
            users=_named("limits.users", parts.get("users"), user),
        )

    def of_project(self, name: str) -> Limit:
        """Return the limit of a project."""
        return self.projects.get(name, self.project)

    def of_user(self, name: str) -> Limit:
        """Return the limit of a user."""
        return self.users.get(name, self.user)


def _named(key: str, data: object, general: Limit) -> dict[str, Limit]:
    return {str(name): _limit(f"{key}.{name}", limit, general) for name, limit in _mapping(key, data).items()}


def _limit(key: str, data: object, general: Limit) -> Limit:
    parts = _mapping(key, data)
    _only(key, parts, _KEYS)
    jobs, gpus = (_count(f"{key}.{name}", parts[name]) if name in parts else getattr(general, name) for name in _KEYS)
    return Limit(jobs, gpus)


def _count(key: str, value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InvalidConfig(f"{key}: {value!r} is no limit; give a whole number, 0 or more, or null.", field=key)
    return value


def _mapping(key: str, value: object) -> Mapping[str, object]:
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return value
    raise InvalidConfig(f"{key}: expected an object (key: value), but got {value!r}.", field=key)


def _only(key: str, parts: Mapping[str, object], known: tuple[str, ...]) -> None:
    for name in parts:
        if name not in known:
            raise InvalidConfig(f"{key}.{name}: there is no such key; use {', '.join(known)}.", field=f"{key}.{name}")
