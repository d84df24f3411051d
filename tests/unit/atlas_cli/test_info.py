"""`foundations info`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.unit.atlas_cli.conftest import Foundations


def test_without_an_option_it_prints_its_usage(foundations: Foundations) -> None:
    assert foundations("info").out == "usage: foundations info [--env ENV]\n"


def test_nothing_is_found_in_a_new_home(foundations: Foundations) -> None:
    ended = foundations("info", "--env")
    assert (ended.code, ended.out) == (0, "No environments available\n")


def test_each_kind_has_its_section(foundations: Foundations, config_home: Path) -> None:
    path = config_home / "submission" / "scheduler.config.yaml"
    path.write_text("scheduler_url: http://127.0.0.1:5558\n")
    lines = foundations("info", "--env").out.splitlines()
    assert lines[:2] == ["", "submission configs:"]
    assert lines[-2:] == ["execution configs:", "No execution environments available"]
    rows = [line.split() for line in lines]
    assert ["env_name", "env_path"] in rows
    assert ["scheduler", str(path)] in rows


def test_of_the_execution_configurations_only_the_default_counts(foundations: Foundations, config_home: Path) -> None:
    for name in ("default", "other"):
        (config_home / "execution" / f"{name}.config.yaml").write_text("")
    ended = foundations("info", "--env")
    assert "default" in ended.out
    assert "other" not in ended.out


def test_a_long_path_is_not_cut_where_nobody_looks_at_a_terminal(foundations: Foundations, config_home: Path) -> None:
    name = "a-very-long-name-" * 10
    path = config_home / "submission" / f"{name}.config.yaml"
    path.write_text("")
    assert str(path) in foundations("info", "--env").out


def test_one_environment_can_be_named(foundations: Foundations, config_home: Path) -> None:
    for name in ("scheduler", "staging"):
        (config_home / "submission" / f"{name}.config.yaml").write_text("")
    ended = foundations("info", "--env", "staging")
    assert ended.code == 0
    assert "staging" in ended.out
    assert "scheduler" not in ended.out
    facts = json.loads(foundations("info", "--json", "--env", "staging").out)
    assert [each["env_name"] for each in facts["submission"]] == ["staging"]
    missing = foundations("info", "--env", "lab")
    assert (missing.code, missing.out) == (1, "Error: there is no environment `lab`; there are scheduler, staging.\n")


def test_the_json_answer_lists_both_kinds(foundations: Foundations, config_home: Path) -> None:
    path = config_home / "submission" / "scheduler.config.yaml"
    path.write_text("")
    ended = foundations("info", "--env", "--json")
    assert json.loads(ended.out) == {"submission": [{"env_name": "scheduler", "env_path": str(path)}], "execution": []}


def test_a_projects_own_configuration_is_shown_in_the_place_of_that_below_the_home(
    foundations: Foundations, config_home: Path
) -> None:
    below_home, here = config_home / "submission", Path("config", "submission").absolute()
    for folder in (below_home, here):
        folder.mkdir(parents=True, exist_ok=True)
    for path in (below_home / "a", below_home / "b", here / "b", here / "c"):
        path.with_name(f"{path.name}.config.yaml").write_text("scheduler_url: http://127.0.0.1:5558\n")
    (here / "a.config.yaml").touch()  # an empty one counts for nothing
    facts = json.loads(foundations("info", "--json").out)["submission"]
    assert {fact["env_name"]: Path(fact["env_path"]).parent for fact in facts} == {
        "a": below_home,
        "b": here,
        "c": here,
    }
