"""What holds for every command: JSON, examples, and an answer instead of a traceback."""

from __future__ import annotations

import json
from collections.abc import Iterator

import click
import pytest
from tests.unit.atlas_cli.conftest import Foundations

from atlas_cli.main import foundations as program
from atlas_cli.server import atlas_server


def commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    """Yield every command that does something, by all its words."""
    context = click.Context(group, info_name=path)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        words = f"{path} {name}"
        if isinstance(command, click.Group):
            yield from commands(command, words)
        if not isinstance(command, click.Group) or (command.params and name == "queue"):
            yield words, command


EVERY = [*commands(program, "foundations"), *commands(atlas_server, "atlas-server")]
_each = pytest.mark.parametrize(("words", "command"), EVERY, ids=[words for words, _ in EVERY])


def test_there_are_as_many_commands_as_it_seems() -> None:
    assert len(EVERY) > 25


@_each
def test_every_command_takes_json(words: str, command: click.Command) -> None:
    names = {option for parameter in command.params for option in parameter.opts}
    assert "--json" in names or words == "foundations completion"


@_each
def test_the_help_of_every_command_shows_examples(words: str, command: click.Command) -> None:
    text = command.get_help(click.Context(command, info_name=words))
    first, *rest = words.split()
    shown = text.split("Options:")[0].split("\n\n", 1)[1]
    examples = [line.split() for line in shown.splitlines() if first in line.split()]
    assert any(set(rest) <= set(example) for example in examples)


@_each
def test_every_parameter_has_help(words: str, command: click.Command) -> None:
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    assert [option.name for option in options if not option.help] == []


def test_a_group_without_a_command_shows_what_there_is(foundations: Foundations) -> None:
    ended = foundations("schedule")
    assert ended.code == 0
    assert "Usage: foundations schedule" in ended.out and "pause" in ended.out


def test_info_tells_programs_all_without_more_words(foundations: Foundations) -> None:
    assert set(json.loads(foundations("info", "--json").out)) == {"submission", "execution"}
