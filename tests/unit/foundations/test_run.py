"""What importing the package does, and when it does nothing."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.unit.foundations.conftest import Script
from tests.unit.foundations.journal_server import JournalServer

import foundations
from foundations.identity import Identity
from foundations.run import Run


def project(server: JournalServer) -> str:
    (start,) = server.operations(server.only_job, "start")
    return str(start["project"])


def test_every_public_name_exists_and_is_listed() -> None:
    assert all(getattr(foundations, name) is not None for name in foundations.__all__)
    assert set(foundations.__all__) <= set(dir(foundations))
    assert foundations.__version__[0].isdigit()


def test_importing_leaves_the_heavy_libraries_alone(script: Script) -> None:
    code = """
        import foundations, sys
        print(sorted({"requests", "yaml", "pandas", "numpy", "importlib.metadata"} & set(sys.modules)))
    """
    script.environment["FOUNDATIONS_COMMAND_LINE"] = "True"
    assert script.run(code).stdout == "[]\n"


def test_the_project_is_the_working_directory(tracked: Script, server: JournalServer) -> None:
    tracked.run("import foundations")
    assert project(server) == "my-project"


def test_the_environment_names_project_and_user(tracked: Script, server: JournalServer) -> None:
    tracked.environment.update(PROJECT_NAME="from-environment", FOUNDATIONS_USER="ada")
    tracked.run("import foundations")
    assert project(server) == "from-environment"
    assert server.operations(server.only_job, "start")[0]["user"] == "ada"


def test_an_impossible_project_name_becomes_a_possible_one(tracked: Script, server: JournalServer) -> None:
    tracked.environment["FOUNDATIONS_PROJECT_NAME"] = "a/b"
    ended = tracked.run("import foundations")
    assert "recorded in project `a-b`" in ended.stdout
    assert project(server) == "a-b"


def test_an_impossible_job_id_is_not_tracked(tracked: Script, server: JournalServer) -> None:
    tracked.environment["FOUNDATIONS_JOB_ID"] = "../../etc"
    ended = tracked.run("import foundations\nfoundations.log_metric('a', 1)")
    assert "The script is not tracked: job_id: '../../etc' is no job id" in ended.stdout
    assert (ended.returncode, ended.stderr, server.records) == (0, "", {})


def test_a_module_of_the_user_is_tracked(tracked: Script, server: JournalServer) -> None:
    package = tracked.folder / "mine"
    package.mkdir()
    (package / "__init__.py").write_text("import foundations\n")
    (package / "train.py").write_text("import sys\nsys.exit(2)\n")
    assert tracked.run_python("-m", "mine.train", "-m", "foundations").returncode == 2
    (end,) = server.operations(server.only_job, "end")
    assert (end["status"], end["exit_code"]) == ("failed", 2)


def test_our_own_modules_are_not_tracked(tracked: Script, server: JournalServer) -> None:
    for words in (["-m", "foundations.sync"], ["-mfoundations.sync"], ["-Im", "foundations.sync"]):
        assert tracked.run_python(*words).returncode == 0
    assert (server.requests, tracked.journals) == (0, [])


def test_the_package_runs_as_the_command(tracked: Script, server: JournalServer) -> None:
    pytest.importorskip("atlas_cli")
    ended = tracked.run_python("-m", "foundations", "--version")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert (server.requests, tracked.journals) == (0, [])


def test_a_command_is_not_tracked(tracked: Script, server: JournalServer) -> None:
    tracked.environment["FOUNDATIONS_COMMAND_LINE"] = "True"
    tracked.run("import foundations")
    assert (server.requests, tracked.journals) == (0, [])


def test_the_configuration_says_where_records_go(tracked: Script, server: JournalServer) -> None:
    url = tracked.environment.pop("FOUNDATIONS_SERVER_URL")
    config = tracked.folder / "config" / "execution"
    config.mkdir(parents=True)
    (config / "default.config.yaml").write_text(f"server_url: {url}\nlog_level: ERROR\n")
    tracked.run("import foundations, os\nos.chdir('/')\nfoundations.log_metric('a', 1.0)")
    assert server.values(server.only_job, "a") == [1.0]


def test_a_run_without_a_server_is_recorded_for_the_default_one(script: Script) -> None:
    del script.environment["FOUNDATIONS_SERVER_URL"]
    script.environment["FOUNDATIONS_FLUSH_SECONDS"] = "0"
    assert script.run("import foundations").returncode == 0
    (journal,) = script.journals
    identity = json.loads((journal / "job.json").read_text())
    assert (identity["project"], identity["mode"]) == ("my-project", "execution")
    assert len(identity["token"]) >= 40


def test_a_home_that_cannot_be_made_is_one_line(script: Script) -> None:
    script.home.write_text("a file")
    code = """
        import foundations
        foundations.log_metric("a", 1.0)
        foundations.save_artifact("train.py")
        foundations.set_tag("b")
    """
    ended = script.run(code)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.count("the run goes on") == 2  # for the records, and for the artifact


@pytest.mark.parametrize(
    "hindrance",
    [
        "import pathlib, sys; sys.argv = [pathlib.Path('train.py')]",
        "import pathlib\ndef fail(*_): raise RuntimeError('no home')\npathlib.Path.cwd = fail",
        'import threading\ndef fail(*_): raise RuntimeError("can\'t start new thread")\nthreading.Thread.start = fail',
    ],
)
def test_importing_raises_nothing_whatever_is_amiss(script: Script, hindrance: str) -> None:
    script.environment["FOUNDATIONS_FLUSH_SECONDS"] = "0"
    ended = script.run_python("-c", f"{hindrance}\nimport foundations\nprint('trained')")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "trained\n" in ended.stdout


def test_the_server_is_found_out_once_however_many_threads_ask(
    tmp_path: Path,
) -> None:
    config = tmp_path / "config" / "execution"
    config.mkdir(parents=True)
    (config / "default.config.yaml").write_text("server_url: http://127.0.0.1:9\n")
    identity = Identity.from_environment({}, tmp_path)
    run = Run(identity, tmp_path / "home", tmp_path, owns=False, sends=True)
    together = threading.Barrier(8)
    found: list[str] = []

    def ask() -> None:
        together.wait()
        found.append(run.server_url())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["http://127.0.0.1:9"] * 8
    run.journal.begin()  # only now is there a directory
    directory = tmp_path / "home" / "journal" / identity.job_id
    assert Identity.load(directory).server_url == "http://127.0.0.1:9"
    run.finish()


def test_an_identity_is_saved_by_several_at_once(tmp_path: Path) -> None:
    identity = Identity.from_environment({}, tmp_path)
    together = threading.Barrier(4)

    def save() -> None:
        together.wait()
        for _ in range(100):
            identity.save(tmp_path)

    with ThreadPoolExecutor(4) as pool:
        for saved in [pool.submit(save) for _ in range(4)]:
            saved.result()
    assert Identity.load(tmp_path) == identity
    assert [path.name for path in tmp_path.iterdir()] == ["job.json"]


def test_a_synced_directory_can_be_the_first_that_asks_for_the_server(tracked: Script, server: JournalServer) -> None:
    url = tracked.environment.pop("FOUNDATIONS_SERVER_URL")
    config = tracked.folder / "config" / "execution"
    config.mkdir(parents=True)
    (config / "default.config.yaml").write_text(f"server_url: {url}\n")
    code = """
        import foundations, uuid
        foundations.create_syncable_directory("d", "d", source_job_id=str(uuid.uuid4()))
    """
    ended = tracked.run(code)
    assert (ended.returncode, ended.stderr) == (0, "")
