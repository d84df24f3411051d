"""`python -m foundations` is the command `foundations`."""

from __future__ import annotations

import sys
from importlib import metadata
from typing import Any


def main() -> None:
    """Run the command that is installed under the name of this package; without one, exit with a sentence."""
    scripts: Any = metadata.entry_points()
    # Python 3.9 answers with a mapping of groups.
    group = scripts.select(group="console_scripts") if hasattr(scripts, "select") else scripts["console_scripts"]
    command = next((each for each in group if each.name == "foundations"), None)
    if command is None:
        sys.exit("The command line is not installed; install it with `pip install atlas-cli`.")
    command.load()()


if __name__ == "__main__":
    main()
