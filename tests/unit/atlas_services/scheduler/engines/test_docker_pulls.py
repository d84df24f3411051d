"""Pulls of images that do not go well, and streams that do not begin."""

from __future__ import annotations

import json
import threading
from functools import partial
from pathlib import Path

import pytest
from tests.scheduler_service import wait_for
from tests.scripted_engine import Answer, scripted_engine

from atlas_core.jobs import JobSpec
from atlas_core.settings import Settings
from atlas_core.states import Cause
from atlas_services.scheduler.archive import Archive
from atlas_services.scheduler.bundles import BundleStore
from atlas_services.scheduler.engines import (
    Assignment,
    Capacity,
    EngineAway,
    EngineFailure,
    docker_daemon,
    docker_images,
)
from atlas_services.scheduler.engines.docker import DockerEngine
from atlas_services.scheduler.engines.docker_daemon import Daemon
from atlas_services.scheduler.engines.docker_images import Images
from atlas_services.scheduler.engines.docker_network import ensure_network


class Registry:
    """What an engine does when it is told to pull. It has an image when one was pulled whole."""

    def __init__(self, *ways: str) -> None:
        self.ways = list(ways)
        self.has_image = False
        self.pulls = 0

    def __call__(self, answer: Answer, path: str) -> None:
        if path.endswith("/json"):
            answer.say(200, {}) if self.has_image else answer.say(404, {"message": "No such image"})
            return
        way = self.ways[min(self.pulls, len(self.ways) - 1)]
        self.pulls += 1
        if way == "silent":
            answer.hang()
            return
        answer.begin()
        answer.tell(_line({"status": "Pulling fs layer", "id": "aa"}))
        if way == "stall":
            answer.hang()
        elif way == "break":
            answer.break_off()
        else:
            if way != "whole":
                answer.tell(_line({"error": way}))
            self.has_image = way == "whole"
            answer.tell(b"")


def _line(step: dict[str, str]) -> bytes:
    return json.dumps(step).encode() + b"\r\n"


def pulls_under_way() -> int:
    return sum(thread.name == "image-pull" for thread in threading.enumerate())


def fetch(images: Images) -> bool:
    return images.fetch("lab/image:1", lambda line: None, lambda: False)


def fetch_in_vain(images: Images) -> None:
    """Want an image until a layer of it is on its way, and no more then."""
    began = threading.Event()
    threading.Timer(5, began.set).start()
    assert not images.fetch("lab/image:1", lambda line: began.set() if "aa" in line else None, began.is_set)


def test_a_pull_that_stalls_is_broken_off_with_the_last_job_and_begun_anew_for_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = Registry("stall", "whole")
    with scripted_engine(tmp_path, monkeypatch, registry):
        images = Images(Daemon())
        fetch_in_vain(images)
        wait_for(lambda: pulls_under_way() == 0, 10)
        assert fetch(images)
    assert registry.pulls == 2


def test_a_pull_goes_on_while_one_of_its_jobs_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registry, answers = Registry("stall"), [False]
    with scripted_engine(tmp_path, monkeypatch, registry):
        images, unwanted = Images(Daemon()), threading.Event()

        def wait() -> None:
            answers[0] = images.fetch("lab/image:1", lambda line: None, unwanted.is_set)

        other = threading.Thread(target=wait)
        other.start()
        wait_for(lambda: registry.pulls == 1)
        fetch_in_vain(images)
        assert pulls_under_way() == 1
        unwanted.set()
        other.join(10)
        wait_for(lambda: pulls_under_way() == 0, 10)
    assert (answers, registry.pulls) == ([False], 1)


@pytest.mark.parametrize("way", ["silent", "stall"])
def test_a_pull_that_is_silent_for_too_long_is_to_be_repeated(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docker_images, "_SILENCE", 0.5)
    with scripted_engine(tmp_path, monkeypatch, Registry(way, "whole")):
        images = Images(Daemon())
        with pytest.raises(EngineAway):
            fetch(images)
        assert fetch(images)


@pytest.mark.parametrize("way", ["break", "context canceled"])
def test_a_pull_that_the_engine_breaks_off_as_it_goes_away_is_to_be_repeated(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted_engine(tmp_path, monkeypatch, Registry(way, "whole")):
        images = Images(Daemon())
        with pytest.raises(EngineAway):
            fetch(images)
        assert fetch(images)


def test_a_pull_that_is_refused_fails_the_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        scripted_engine(tmp_path, monkeypatch, Registry("no space left on device")),
        pytest.raises(EngineFailure, match=r"404 Client Error.*no space left on device") as caught,
    ):
        fetch(Images(Daemon()))
    assert caught.value.cause is Cause.IMAGE_PULL


def test_a_stream_that_does_not_begin_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker_daemon, "_OPENING", 0.5)
    with (
        scripted_engine(tmp_path, monkeypatch, lambda answer, path: answer.hang()),
        pytest.raises(EngineAway, match="does not answer"),
        Daemon().stream("/events"),
    ):
        pass


def test_a_stream_that_has_begun_may_be_silent_for_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker_daemon, "_OPENING", 0.3)

    def tell_late(answer: Answer, path: str) -> None:
        answer.begin()
        answer.server.gone.wait(1)
        answer.tell(b"late\n")
        answer.tell(b"")

    with scripted_engine(tmp_path, monkeypatch, tell_late), Daemon().stream("/events") as stream:
        assert list(stream.lines()) == [b"late"]


def test_a_job_that_is_prepared_again_in_a_later_term_is_waited_for_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings.from_environment({"FOUNDATIONS_HOME": str(tmp_path / "home")})
    registry, ends = Registry("stall"), list[str]()
    spec = JobSpec(image="lab/image:1", entrypoint=("true",))
    with scripted_engine(tmp_path, monkeypatch, lambda answer, path: _pull_or_hang(registry, answer, path)):
        bundles, archive = BundleStore(settings.bundle_store, 1, 1), Archive(settings.archive_root)
        engine = DockerEngine(settings, Capacity(1), bundles, archive, lambda job_id: "token")

        def prepare() -> None:
            engine.prepare(Assignment("job-1", "digits", "ada", spec))
            ends.append("ended")

        preparations = [threading.Thread(target=prepare) for _ in range(2)]
        for number, each in enumerate(preparations, start=1):
            each.start()
            wait_for(partial(_says, archive.log("job-1"), "pulling it", number))
        preparations[0].join(10)
        assert ends == ["ended"]
        engine.cancel("job-1")
        preparations[1].join(10)
        assert ends == ["ended"] * 2
        engine.close()


def _says(log: Path, words: str, times: int) -> bool:
    return log.exists() and log.read_text().count(words) == times


def _pull_or_hang(registry: Registry, answer: Answer, path: str) -> None:
    if path.startswith("/images/"):
        registry(answer, path)
    else:
        answer.hang()


def test_a_network_that_is_gone_as_soon_as_it_is_made_is_to_be_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forget(answer: Answer, path: str) -> None:
        if path == "/networks":
            answer.say(200, [])
        elif path == "/networks/create":
            answer.say(201, {"Id": "1"})
        else:
            answer.say(404, {"message": "no such network"})

    with (
        scripted_engine(tmp_path, monkeypatch, forget),
        pytest.raises(EngineAway, match="The network jobs was removed"),
    ):
        ensure_network(Daemon(), "jobs")


def test_of_several_networks_of_one_name_the_oldest_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = {"atlas.network": ""}
    networks = [
        {"Name": "jobs", "Id": "late", "Created": "2026-01-02T00:00:00Z", "Labels": labels},
        {"Name": "jobs", "Id": "early", "Created": "2026-01-01T00:00:00Z", "Labels": labels},
        {"Name": "jobs", "Id": "foreign", "Created": "2026-01-03T00:00:00Z", "Labels": None},
        {"Name": "jobs-of-others", "Id": "other", "Created": "2026-01-03T00:00:00Z", "Labels": labels},
    ]
    removed = list[str]()

    def tell(answer: Answer, path: str) -> None:
        if path == "/networks":
            answer.say(200, networks)
        elif answer.command == "DELETE":
            removed.append(path)
            answer.say(200, None)
        else:
            answer.say(400, {"message": "network jobs is ambiguous (2 matches found on name)"})

    with scripted_engine(tmp_path, monkeypatch, tell):
        assert ensure_network(Daemon(), "jobs")["Id"] == "early"
    assert removed == ["/networks/late"]
