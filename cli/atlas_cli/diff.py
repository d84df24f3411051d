"""`foundations diff`: in what two jobs differ."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import click

from atlas_cli.completed import complete_words
from atlas_cli.job_source import FileDifference, source_differences
from atlas_cli.options import debug_option, json_option
from atlas_cli.output import Terminal
from atlas_cli.scheduler import Scheduler, config_and_names

_COLOURS = {"-": "red", "+": "green", "@": "cyan"}
_ABSENT = object()

#: Of each section name -> the two values; a name that one of the jobs lacks has `_ABSENT` there.
Differences = dict[str, dict[str, tuple[Any, Any]]]


@click.command()
@click.argument(
    "words", nargs=-1, required=True, metavar="[SCHEDULER-CONFIG] JOB-ID JOB-ID", shell_complete=complete_words
)
@json_option
@debug_option
@click.pass_obj
def diff(terminal: Terminal, words: tuple[str, ...]) -> None:
    """Show in what the second job differs from the first: what it was asked, what it logged, its packages, its source.

    \b
    foundations diff 0d5c 7f2a
    foundations diff staging 0d5c 7f2a --json
    """
    config, texts = config_and_names(words, 2, "two jobs")
    scheduler = Scheduler(config)
    one, other = (scheduler.tracked(scheduler.find(text)[0]) for text in texts)
    sections = _differences(one, other)
    files, remark = source_differences(scheduler.client, one, other)
    terminal.show(None, _facts(one, other, sections, files, remark))
    if not terminal.json:
        differ = any(sections.values()) or files
        lines = list(_lines(one, other, sections, files)) if differ else ["The jobs do not differ."]
        for line in [*lines, f"The source cannot be compared: {remark}"] if remark else lines:
            colour = _COLOURS.get(line[:1])
            terminal.say(line if colour is None else terminal.coloured(line, colour))


def _differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> Differences:
    sides = (_sections(one), _sections(other))
    return {name: _changed(sides[0][name], sides[1][name]) for name in sides[0]}


def _sections(job: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    spec, facts = job.get("spec") or {}, job.get("facts") or {}
    interpreter, git, machine = (facts.get(name) or {} for name in ("interpreter", "git", "machine"))
    gpus = machine.get("gpus") or []
    return {
        "job": {
            "project": job["project"],
            "user": job["user"],
            "status": job["status"],
            "cause": job["cause"],
            "command": spec.get("command"),
            "image": spec.get("image"),
            "resources": spec.get("resources"),
            "git commit": git.get("commit"),
            "git changes": git.get("is_dirty"),
            "python": interpreter.get("python"),
            "gpus": [gpu.get("model", gpu.get("name")) if isinstance(gpu, Mapping) else gpu for gpu in gpus],
        },
        "parameters": job["parameters"],
        "tags": job["tags"],
        "metrics": {name: summary["last"] for name, summary in job["metrics"].items()},
        "artifacts": {artifact["key"]: artifact.get("sha256") for artifact in job["artifacts"]},
        "packages": interpreter.get("packages") or {},
    }


def _changed(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    pairs = {name: (one.get(name, _ABSENT), other.get(name, _ABSENT)) for name in [*one, *other]}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _lines(
    one: Mapping[str, Any], other: Mapping[str, Any], sections: Differences, files: Mapping[str, FileDifference]
) -> Iterator[str]:
    yield f"--- {_title(one)}"
    yield f"+++ {_title(other)}"
    for section, changed in sections.items():
        if changed:
            yield f"@@ {section} @@"
        for name, (before, after) in changed.items():
            if before is not _ABSENT:
                yield f"-{name}: {_text(before)}"
            if after is not _ABSENT:
                yield f"+{name}: {_text(after)}"
    for name, difference in files.items():
        yield ""
        yield from difference.lines or [f"{name}: {difference.kind}, and no text."]


def _title(job: Mapping[str, Any]) -> str:
    return f"{job['job_id']}  {job['project']}  {job['status']}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _facts(
    one: Mapping[str, Any],
    other: Mapping[str, Any],
    sections: Differences,
    files: Mapping[str, FileDifference],
    remark: str | None,
) -> dict[str, Any]:
    """Return the differences for programs: of each name a list of none or one value of each job."""
    return {
        "jobs": [one["job_id"], other["job_id"]],
        **{
            section: {name: [[] if value is _ABSENT else [value] for value in pair] for name, pair in changed.items()}
            for section, changed in sections.items()
        },
        "source": {name: {"kind": each.kind, "diff": "\n".join(each.lines)} for name, each in files.items()},
        "source_remark": remark,
    }
