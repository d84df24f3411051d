"""`python -m atlas_services.tensorboard_api.program PARENT OPTIONS...`: a TensorBoard that dies with its parent.

Services never import TensorBoard: this runs as a process of its own.
"""

from __future__ import annotations

import sys

from tensorboard import default, program
from tensorboard.plugins.projector.projector_plugin import ProjectorPlugin

from atlas_services.process_life import die_with_parent


def main(parent: int, options: list[str]) -> int:
    """Serve until SIGTERM; returns the exit status."""
    die_with_parent(parent)
    # The projector shows any file that a configuration beside the event files names, and jobs write both.
    plugins = [plugin for plugin in default.get_plugins() if not _is_projector(plugin)]
    server = program.TensorBoard(plugins)
    server.configure(["tensorboard", *options])
    return int(server.main() or 0)


def _is_projector(plugin: object) -> bool:
    return isinstance(plugin, type) and issubclass(plugin, ProjectorPlugin)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
