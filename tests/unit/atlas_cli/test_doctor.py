"""`foundations doctor`: each thing that is wrong is named with its remedy."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import threading
from pathlib import Path
from typing import Any

import pytest
from tests.unit.atlas_cli.conftest import Foundations
from tests.unit.atlas_cli.scheduler_double import SchedulerDouble

_NODE = {"name": "lab", "engine": "process", "leader": True, "slots": 4, "gpus": []}


@pytest.fixture
def server(scheduler: SchedulerDouble, monkeypatch: pytest.MonkeyPatch) -> SchedulerDouble:
    """A server that is well, on a machine without Docker."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    services = {"rest_api": {"healthy": True, "problem": None, "seconds": 0.001}}
    scheduler.answers["health"] = [{"version": "0.1.0", "services": services}]
    scheduler.answers["nodes"] = [{"nodes": [_NODE]}]
    return scheduler


def look(foundations: Foundations, subject: str, *words: str) -> dict[str, Any]:
    """Return the finding whose subject begins so."""
    findings = json.loads(foundations("doctor", "--json", *words).out)["findings"]
    return next(dict(each) for each in findings if each["subject"].startswith(subject))


def test_where_all_is_well_it_says_so(foundations: Foundations, server: SchedulerDouble) -> None:
    ended = foundations("doctor")
    assert ended.code == 0
    assert f"ok       server: {server.url} answers in" in ended.out
    assert "ok       versions: client 0.1.0, server 0.1.0" in ended.out
    assert "ok       node lab: runs 4 jobs at a time as processes, gives out no GPUs" in ended.out
    assert "none at unix:///nowhere/docker.sock (No such file or directory)" in ended.out


def test_json_tells_the_same(foundations: Foundations, server: SchedulerDouble) -> None:
    told = json.loads(foundations("doctor", "--json").out)
    assert told["healthy"] is True
    assert {tuple(each) for each in told["findings"]} == {("subject", "state", "message", "remedy")}


def test_a_server_that_does_not_answer_is_a_problem(foundations: Foundations, server: SchedulerDouble) -> None:
    ended = foundations("doctor", "nowhere")
    assert ended.code == 3
    assert "problem  server: nothing answers at http://127.0.0.1:1" in ended.out
    assert "-> Start it with `atlas-server start`" in ended.out
    assert ended.out.endswith("found.\n")


def test_a_service_that_is_not_healthy_is_a_problem(foundations: Foundations, server: SchedulerDouble) -> None:
    broken = {"healthy": False, "problem": "Redis does not answer", "seconds": 2.0}
    server.answers["health"] = [{"version": "0.1.0", "services": {"rest_api": broken}}]
    found = look(foundations, "service rest_api")
    assert (found["state"], found["message"]) == ("problem", "Redis does not answer")
    assert found["remedy"]


@pytest.mark.parametrize(("version", "state"), [("0.1.7", "ok"), ("0.2.0", "warning"), ("1.0", "warning")])
def test_versions_that_do_not_fit_are_remarked_upon(
    foundations: Foundations, server: SchedulerDouble, version: str, state: str
) -> None:
    server.answers["health"][0]["version"] = version
    found = look(foundations, "versions")
    assert found["state"] == state
    assert state == "ok" or f"atlas-cli=={version}" in found["remedy"]


def test_the_address_of_a_single_service_is_remarked_upon(foundations: Foundations, server: SchedulerDouble) -> None:
    del server.answers["health"]
    found = look(foundations, "server")
    assert found["state"] == "warning"
    assert "port 5558" in found["remedy"]


def test_a_server_without_workers_or_leader_is_remarked_upon(foundations: Foundations, server: SchedulerDouble) -> None:
    server.answers["nodes"] = [{"nodes": [{**_NODE, "slots": 0, "leader": False}]}]
    assert look(foundations, "node lab")["message"] == "runs no jobs"
    assert look(foundations, "dispatch")["state"] == "warning"


class TestConfigurations:
    """The configuration files."""

    @pytest.fixture(autouse=True)
    def _server(self, server: SchedulerDouble) -> None:
        """Docker is not asked."""

    def test_a_missing_one_is_a_problem_with_the_file_to_write(
        self, foundations: Foundations, config_home: Path
    ) -> None:
        found = look(foundations, "submission config", "staging")
        assert found["state"] == "problem"
        assert str(config_home / "submission" / "staging.config.yaml") in found["remedy"]

    @pytest.mark.parametrize(
        ("text", "said"), [("scheduler_url: [", "no valid YAML"), ("worker: {}", "scheduler_url is missing")]
    )
    def test_one_that_cannot_be_used_is_a_problem(
        self, foundations: Foundations, config_home: Path, text: str, said: str
    ) -> None:
        path = config_home / "submission" / "scheduler.config.yaml"
        path.write_text(text)
        found = look(foundations, f"submission config {path}")
        assert found["state"] == "problem"
        assert said in found["message"]

    def test_a_key_that_nobody_reads_is_remarked_upon(self, foundations: Foundations, config_home: Path) -> None:
        path = config_home / "execution" / "default.config.yaml"
        path.write_text("server_ulr: http://lab:5558\n")
        found = look(foundations, f"execution config {path}")
        assert (found["state"], found["message"]) == ("warning", "nobody reads `server_ulr`")

    def test_one_in_the_working_directory_counts_first(self, foundations: Foundations) -> None:
        path = Path("config/submission/scheduler.config.yaml").absolute()
        path.parent.mkdir(parents=True)
        path.write_text("scheduler_url: http://127.0.0.1:1\n")
        assert look(foundations, f"submission config {path}")["message"] == "http://127.0.0.1:1"
        assert look(foundations, "server")["message"] == "nothing answers at http://127.0.0.1:1"


class TestJournals:
    """What runs recorded and nobody has sent."""

    @pytest.fixture
    def journal(self, server: SchedulerDouble) -> Path:
        directory = Path(os.environ["FOUNDATIONS_HOME"]) / "journal" / "job-1"
        directory.mkdir(parents=True)
        (directory / f"w.{'0' * 20}").write_bytes(b"x" * 5000)
        (directory / "w.lock").touch()
        return directory

    def test_of_a_run_that_is_over_it_waits(self, foundations: Foundations, journal: Path) -> None:
        found = look(foundations, "journals")
        assert found["state"] == "warning"
        assert found["message"].startswith("5 kB of 1 run wait to be sent, the oldest for ")
        assert "`foundations sync`" in found["remedy"]

    def test_of_a_run_that_goes_on_nothing_waits(self, foundations: Foundations, journal: Path) -> None:
        with (journal / "w.lock").open("rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            assert look(foundations, "journals")["state"] == "ok"

    def test_it_counts_what_the_command_that_sends_it_counts(self, foundations: Foundations, journal: Path) -> None:
        spool = journal / "spool"
        spool.mkdir()
        (spool / "w.output").write_bytes(b"x" * 1000)
        (spool / "w.000000.data").write_bytes(b"x" * 2000)
        (spool / "w.000000.json").touch()
        (spool / "w.000001.data").write_bytes(b"x" * 9000)  # never announced, so it is not sent
        (journal / "job.json").write_text("{}")
        assert look(foundations, "journals")["message"].startswith("8 kB of 1 run wait")

    def test_what_was_refused_is_told_and_does_not_wait(self, foundations: Foundations, journal: Path) -> None:
        spool = journal / "spool"
        spool.mkdir()
        for path in journal.glob("w.*"):
            path.unlink()
        (spool / "w.000000.refused").touch()
        (spool / "w.refused").write_text('{"key": "a"}\n{"key": "b"}\n')
        found = look(foundations, "journals")
        assert found["message"] == "nothing waits to be sent; 3 files that runs saved were refused"
        assert found["state"] == "warning"
        assert found["remedy"].startswith("What was refused stands in the files `.refused` below ")
        assert "`foundations sync --retry-refused` offers it again" in found["remedy"]

    def test_too_much_that_waits_is_told(
        self, foundations: Foundations, journal: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("FOUNDATIONS_UNSENT_GB", "0.000001")
        assert "FOUNDATIONS_UNSENT_GB allows no more" in look(foundations, "journals")["remedy"]

    def test_looking_changes_nothing(self, foundations: Foundations, journal: Path) -> None:
        before = sorted(journal.iterdir())
        foundations("doctor")
        assert sorted(journal.iterdir()) == before


class TestDocker:
    """Docker, over a socket of this machine."""

    @pytest.mark.parametrize(("status", "state"), [(200, "ok"), (404, "warning")])
    def test_the_image_of_jobs_is_looked_for(
        self,
        foundations: Foundations,
        server: SchedulerDouble,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        status: int,
        state: str,
    ) -> None:
        monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/d.sock")
        monkeypatch.setenv("ATLAS_WORKER_IMAGE", "lab/worker:1")
        answers = [_http(200, b'{"Version": "27.1.0"}'), _http(status, b"{}")]
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(f"{tmp_path}/d.sock")
            listener.listen()
            thread = threading.Thread(target=_serve, args=(listener, answers))
            thread.start()
            findings = json.loads(foundations("doctor", "--json").out)["findings"]
            thread.join()
        docker, image = (each for each in findings if each["subject"] in {"Docker", "worker image"})
        assert (docker["state"], docker["message"].split()[0]) == ("ok", "27.1.0")
        assert (image["state"], image["message"].split()[0]) == (state, "lab/worker:1")


def _http(status: int, body: bytes) -> bytes:
    return b"HTTP/1.1 %d x\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)


def _serve(listener: socket.socket, answers: list[bytes]) -> None:
    for answer in answers:
        client, _ = listener.accept()
        with client:
            client.recv(4096)
            client.sendall(answer)
