"""Projects."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from atlas_core.errors import Conflict, ProjectNotFound
from atlas_core.ids import now
from atlas_core.values import dumps, loads
from atlas_services.tracker import keys
from atlas_services.tracker.connection import Client, Pipeline


@dataclass(frozen=True)
class Project:
    """A project and when its first job came, in seconds since the epoch."""

    name: str
    creation_time: float


@dataclass(frozen=True)
class Note:
    """What somebody wrote about a project, and when, in seconds since the epoch."""

    time: float
    author: str
    message: str


@dataclass(frozen=True)
class Description:
    """A version of a project's description. `author` is "" where nobody knows; `time` in seconds since the epoch."""

    time: float
    author: str
    text: str


#: Versions of a description that are kept.
_VERSIONS = 100

#: KEYS: the projects, the jobs of one, what people said of it. ARGV: its name. Returns how many jobs keep it, or -1.
_DELETE = """
local jobs = redis.call('ZCARD', KEYS[2])
if jobs > 0 then return jobs end
if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then return -1 end
redis.call('DEL', unpack(KEYS, 3))
return 0
"""


class Projects:
    """Every project that ever had a job."""

    def __init__(self, client: Client) -> None:
        self._redis = client
        self._delete = client.register_script(_DELETE)

    def all(self) -> list[Project]:
        """Return every project, oldest first."""
        return [
            Project(name.decode(), time) for name, time in self._redis.zrange(keys.PROJECTS, 0, -1, withscores=True)
        ]

    def require(self, name: str) -> None:
        """Raise `ProjectNotFound` if there is no such project."""
        if self._redis.zscore(keys.PROJECTS, name) is None:
            raise _missing(name)

    def description(self, name: str) -> str:
        """Return the project's description, "" when there is none."""
        text = self._redis.hget(keys.project(name), "description")
        return text.decode() if text else ""

    def describe(self, name: str, text: str, author: str = "", replaces: str | None = None) -> None:
        """Set the project's description, and keep what it was before.

        Raises `ProjectNotFound`; or `Conflict` if the description is not what the writer began with, `replaces`.
        """
        self.require(name)
        version = dumps(asdict(Description(now(), author, text)))

        def change(pipe: Pipeline) -> None:
            if replaces is not None and self.description(name) != replaces:
                raise Conflict(f"Somebody described project `{name}` meanwhile; read it again before you save.")
            pipe.multi()
            pipe.hset(keys.project(name), "description", text)
            pipe.lpush(keys.project_descriptions(name), version)
            pipe.ltrim(keys.project_descriptions(name), 0, _VERSIONS - 1)

        self._redis.transaction(change, keys.project(name))

    def descriptions(self, name: str) -> list[Description]:
        """Return the versions of the project's description, newest first."""
        return [Description(**loads(stored)) for stored in self._redis.lrange(keys.project_descriptions(name), 0, -1)]

    def notes(self, name: str) -> list[Note]:
        """Return the notes on a project, oldest first."""
        return [Note(**loads(stored)) for stored in self._redis.lrange(keys.project_notes(name), 0, -1)]

    def add_note(self, name: str, note: Note) -> None:
        """Append a note. Raises `ProjectNotFound`."""
        self.require(name)
        self._redis.rpush(keys.project_notes(name), dumps(asdict(note)))

    def delete(self, name: str) -> None:
        """Remove a project that has no jobs, with what people said of it. Raises `ProjectNotFound`, or `Conflict`."""
        said = [of(name) for of in (keys.project, keys.project_notes, keys.project_descriptions, keys.project_views)]
        jobs = self._delete(keys=[keys.PROJECTS, keys.project_jobs(name), *said], args=[name])
        if jobs < 0:
            raise _missing(name)
        if jobs:
            raise Conflict(f"Project `{name}` has {jobs} jobs; delete them first.", project=name, jobs=jobs)


def _missing(name: str) -> ProjectNotFound:
    return ProjectNotFound(f"Project `{name}` does not exist!", project=name)
