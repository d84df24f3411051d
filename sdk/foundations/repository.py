"""The state of the repository that a script stands in, as git tells it in a process of its own."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from foundations.detached import start_detached

#: Bytes of a difference that are kept, and seconds that git may take.
_DIFF, _PATIENCE = 200_000, 15.0
#: Seconds between two looks whether it has answered: the first, and the longest.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.2
#: Nothing that the repository's configuration names is run, and nothing is locked. Each answer ends with a zero byte;
#: that about changes with a dot besides, if there is one. All of them appear in one step.
_QUESTIONS = f"""
ask() {{ git -c core.fsmonitor=false --no-optional-locks "$@"; }}
cd "$1" && {{
    ask rev-parse HEAD; printf '\\0'
    ask symbolic-ref --short -q HEAD; printf '\\0'
    ask status --porcelain --untracked-files=normal && printf .; printf '\\0'
    ask diff --no-ext-diff --no-textconv HEAD | head -c {_DIFF + 1}
}} >"$2.part"
mv "$2.part" "$2"
"""


def ask_git(directory: Path, answer: Path) -> bool:
    """Have git's answers about `directory` written to the file `answer`; False where there is no repository.

    Raises `OSError`.
    """
    places = (directory, *directory.parents)
    if "GIT_DIR" not in os.environ and not any((place / ".git").exists() for place in places):
        return False
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_EXTERNAL")}
    environment.update(LC_ALL="C", FOUNDATIONS_COMMAND_LINE="True")
    start_detached(["/bin/sh", "-c", _QUESTIONS, "sh", str(directory), str(answer)], environment)
    return True


def git_answer(answer: Path) -> dict[str, Any] | None:
    """Wait for the file `answer` and remove it; return commit, branch and what differs from the commit.

    None when git takes too long, or knows no commit. Raises `OSError`.
    """
    deadline, pause = time.monotonic() + _PATIENCE, _FIRST_PAUSE
    while not answer.exists():
        if time.monotonic() > deadline:
            return None
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
    text = answer.read_bytes().decode("utf-8", "replace")
    answer.unlink()
    commit, branch, changes, diff = (text.split("\0", 3) + [""] * 3)[:4]
    if not commit.strip():
        return None
    return {
        "commit": commit.strip(),
        "branch": branch.strip() or None,
        "is_dirty": len(changes) > 1 if changes.endswith(".") else None,
        "diff": diff[:_DIFF],
        "diff_is_cut": len(diff) > _DIFF,
    }
