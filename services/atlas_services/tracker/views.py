"""Named views: what people call a choice of filter, order and columns of a project's table, for all who look at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from atlas_core.errors import Conflict, ProjectNotFound
from atlas_core.values import dumps, loads
from atlas_services.tracker import keys
from atlas_services.tracker.connection import Client

#: Views of a project, at most: a list that people choose from.
MOST_VIEWS = 200

#: KEYS: the projects, the views of one. ARGV: its name, the view's name, the view, the most there may be. Returns 1, or
#: 0 where there are too many, or -1 without such a project.
_KEEP = """
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return -1 end
local is_new = redis.call('HEXISTS', KEYS[2], ARGV[2]) == 0
if is_new and redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[4]) then return 0 end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
return 1
"""


@dataclass(frozen=True)
class View:
    """A view. `search` is what the page's address says of it; `time` is of the last change, in seconds since 1970."""

    name: str
    search: Mapping[str, str]
    author: str
    time: float


class Views:
    """The views of every project."""

    def __init__(self, client: Client) -> None:
        self._redis = client
        self._keep = client.register_script(_KEEP)

    def all(self, project: str) -> list[View]:
        """Return the views of a project, in the order of their names."""
        stored = self._redis.hvals(keys.project_views(project))
        return sorted((View(**loads(each)) for each in stored), key=lambda view: (view.name.casefold(), view.name))

    def keep(self, project: str, view: View) -> None:
        """Keep a view, in place of one with its name. Raises `ProjectNotFound`, or `Conflict` if there are too many."""
        kept = self._keep(
            keys=[keys.PROJECTS, keys.project_views(project)],
            args=[project, view.name, dumps(asdict(view)), MOST_VIEWS],
        )
        if kept < 0:
            raise ProjectNotFound(f"Project `{project}` does not exist.", project=project)
        if not kept:
            raise Conflict(f"Project `{project}` has {MOST_VIEWS} views, the most there can be; delete one first.")

    def remove(self, project: str, name: str) -> None:
        """Forget a view, if there is one with this name."""
        self._redis.hdel(keys.project_views(project), name)
