"""Choosing a configuration by name, as scripts of the original do."""

from __future__ import annotations

from atlas_core.config import load_submission_config
from atlas_core.errors import ConfigNotFound
from atlas_core.settings import home_directory


def set_environment(environment_name: str) -> None:
    """Check that there is a configuration of this name, for submissions or for scripts.

    It changes nothing else: a script reports to its execution configuration, and `submit(scheduler_config=...)` names
    the one to submit to. Raises `ValueError` when there is none.
    """
    try:
        load_submission_config(environment_name)
    except ConfigNotFound:
        path = home_directory() / "config" / "execution" / f"{environment_name}.config.yaml"
        if not path.is_file():
            raise ValueError(
                f"No environment {environment_name} found, please set a valid deployment environment with "
                "foundations.set_environment"
            ) from None
