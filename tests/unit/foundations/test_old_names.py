"""What scripts of the original import."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from tests.unit.foundations.conftest import Script
from tests.unit.foundations.journal_server import JournalServer

import foundations
from foundations import gone
from foundations.config import set_environment
from foundations.parameters import generate_random_parameters as search


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("job_metrics", ["log_metric"]),
        ("job_parameters", ["log_param", "log_params", "load_parameters", "flatten_parameter_dictionary"]),
        ("projects", ["set_tag", "set_project_name", "get_metrics_for_all_jobs", "_get_metrics_for_all_jobs"]),
        ("submission", ["submit"]),
        ("artifacts", ["save_artifact"]),
        ("constants", ["deployment_queued", "deployment_running", "deployment_completed", "deployment_error"]),
        ("config", ["set_environment"]),
    ],
)
def test_the_modules_of_the_original_hold_their_names(module: str, names: list[str]) -> None:
    found = import_module(f"foundations.{module}")
    assert getattr(foundations, module) is found
    assert all(getattr(found, name) is not None for name in names)
    assert foundations.DeploymentWrapper is foundations.Deployment


def test_what_is_gone_says_what_to_do_instead() -> None:
    with pytest.raises(AttributeError, match=r"foundations\.redis_connection` is gone: jobs no longer speak to Redis"):
        foundations.redis_connection  # noqa: B018
    with pytest.raises(ImportError, match=r"foundations\.config_manager` is gone: configuration is read"):
        exec("from foundations import config_manager")
    with pytest.raises(ImportError, match="cannot import name 'nonsense'"):
        exec("from foundations import nonsense")
    assert not hasattr(foundations, "default_executor")


def test_everything_that_is_gone_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "python.md").read_text()
    table = page.split("#### What is gone\n")[1].split("\n## ")[0]
    assert [name for name in gone._REASONS if f"`{name}`" not in table] == []


def test_the_current_job_has_its_names(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations
        foundations.set_project_name("elsewhere")
        job = foundations.current_foundations_job()
        print(job.job_id, job.project_name, job.is_in_running_job(), foundations.foundations_job == job)
    """
    tracked.environment["FOUNDATIONS_USER"] = "ada"
    assert tracked.run(code).stdout == f"{server.only_job} elsewhere True True\n"


def test_outside_of_a_job_the_current_one_has_no_names() -> None:
    job = foundations.current_foundations_job()
    assert (job.job_id, job.is_in_running_job()) == (None, False)


def test_an_environment_that_is_not_configured_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOUNDATIONS_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="No environment local found"):
        set_environment("local")
    path = tmp_path / "config" / "execution" / "local.config.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("log_level: INFO\n")
    set_environment("local")


def test_random_parameters_lie_in_their_space() -> None:
    pytest.importorskip("numpy")
    space = {
        "lr": {"min": 0.1, "max": 0.2},
        "layers": {"min": 1, "max": 2, "min_count": 1, "max_count": 4},
        "name": "a",
    }
    for _ in range(20):
        drawn = search.generate_random_parameters(space)
        assert 0.1 <= drawn["lr"] <= 0.2
        assert 1 <= len(drawn["layers"]) <= 3
        assert drawn["name"] == "a"
    with pytest.raises(TypeError, match="space"):
        search.generate_random_parameters([])  # type: ignore[arg-type]
