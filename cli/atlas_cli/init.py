"""`foundations init`: create the sample project."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import click

from atlas_cli.options import debug_option, json_option
from atlas_cli.outcome import CommandFailed
from atlas_cli.output import Terminal
from atlas_core.errors import InvalidInput
from atlas_core.ids import check_project_name

#: The project as it is copied. Installers may compile the Python files that they find here.
TEMPLATE = Path(__file__).parent / "templates" / "project"
_IGNORED = shutil.ignore_patterns("__pycache__")

_NEXT_STEPS = """
  cd {name}
  pip install -r requirements.txt               once, to run it in this terminal
  python main.py                                train here, tracked
  foundations submit scheduler . main.py        train as a job
  python search.py                              train eight variants as jobs, find the best

README.md says what each file is."""


@click.command()
@click.argument("project-name")
@json_option
@debug_option
@click.pass_obj
def init(terminal: Terminal, project_name: str) -> None:
    """Create the sample project PROJECT_NAME in a new directory of that name.

    \b
    foundations init my-project
    """
    target = Path(_check_name(project_name))
    if target.exists() or target.is_symlink():
        raise CommandFailed(f"Error: project directory for `{project_name}` already exists", "conflict")
    create_project(target)
    terminal.show(
        f"Success: New Foundations project `{project_name}` created!\n{_NEXT_STEPS.format(name=project_name)}",
        {"project": project_name, "path": str(target.absolute())},
    )


def create_project(target: Path) -> None:
    """Copy the sample project to the new directory `target`, whole or not at all. Raises `CommandFailed`."""
    try:
        _copy(target)
    except OSError as error:
        raise CommandFailed(f"Error: cannot create `{target}`: {error.strerror}", "invalid_input") from error


def _check_name(name: str) -> str:
    if "\\" in name or name.startswith(("-", ".")):
        raise InvalidInput(
            f"project_name: {name!r} cannot name a project's directory; start it with a letter or digit and use no "
            "slash.",
            field="project_name",
        )
    return check_project_name(name)


def _copy(target: Path) -> None:
    """Copy the template to a directory beside the target, then give it its name: it exists whole or not at all."""
    with tempfile.TemporaryDirectory(prefix=".foundations-init-", dir=".") as folder:
        copy = Path(folder) / target.name
        shutil.copytree(TEMPLATE, copy, ignore=_IGNORED)
        copy.rename(target)
