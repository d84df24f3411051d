"""What is said about a job as a whole: its tags and its project."""

from __future__ import annotations

import json
import logging
from typing import Any

from atlas_core.ids import check_project_name
from atlas_core.names import check_name
from atlas_core.values import dumps, plain
from foundations import run as _run

_log = logging.getLogger("foundations.tags")


def set_tag(key: str, value: Any = "") -> None:
    """Set a tag of the job; the same key again overwrites it, with a warning.

    Every value becomes text: `None`, `True` and numbers as Python writes them, lists and mappings as JSON.
    Raises `TypeError` for what has no such form, `ValueError` for a key that is empty or None, `InvalidInput` for one
    that is too long.

        foundations.set_tag("baseline")
        foundations.set_tag("data", "2024-05")
    """
    if key is None or key == "":
        raise ValueError(f"Invalid tag name `{key}`")
    name = check_name("tag", _unicode(str(key)))
    text = _unicode(_text(key, value))
    run = _run.require()
    if run is None:
        return
    if name in run.tags:
        _log.warning("Tag `%s` updated to `%s`", name, text)
    run.tags[name] = text
    run.record("tag", key=name, value=text)


def set_project_name(project_name: str = "default") -> None:
    """Move the job, with everything it logged, to another project. Raises `InvalidInput` for an impossible name.

    For example:

        foundations.set_project_name("digits")
    """
    name = check_project_name(project_name)
    if _run.current is not None:
        _run.current.record("project", name=name)
        _run.current.project = name


def _text(key: str, value: Any) -> str:
    try:
        simple = value.decode("utf-8", "replace") if isinstance(value, bytes) else plain(value)
    except TypeError as error:
        raise TypeError(f'Invalid tag with key="{key}" of type {type(value)}: {error}.') from None
    if isinstance(simple, (list, dict)):
        return json.dumps(simple, ensure_ascii=False) if _is_finite(simple) else dumps(simple)
    return str(simple)


def _unicode(text: str) -> str:
    """Return the text with a question mark for each half of a surrogate pair, which no file can hold."""
    return text.encode("utf-8", "replace").decode()


def _is_finite(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True
