"""Names of what jobs log, in paths of routes."""

from __future__ import annotations

from werkzeug.routing import PathConverter


class NameConverter(PathConverter):
    """Takes any text that a name can be: also one that begins with a slash or has several lines, as no path does."""

    regex = "(?s:.+?)"
    part_isolating = False
