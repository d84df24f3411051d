"""The copy of a container's output, when something comes in between."""

from __future__ import annotations

import struct
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from tests.scheduler_service import wait_for
from tests.scripted_engine import Answer, scripted_engine

from atlas_services.scheduler.engines import EngineAway, docker_log
from atlas_services.scheduler.engines.docker_daemon import Daemon
from atlas_services.scheduler.engines.docker_log import LogCopy
from atlas_services.scheduler.engines.output_file import OutputFile

_LINES = [b"line %d\n" % number for number in range(50)]
_CONTAINER = "c" * 64


def tell_output(answer: Answer, path: str) -> None:
    """Tell what a container wrote that has ended."""
    answer.begin()
    for line in _LINES:
        answer.tell(struct.pack(">BxxxL", 1, len(line)) + line)
    answer.tell(b"")


class Held(OutputFile):
    """A log whose writer is held up before one of its writes, until it is let go."""

    def __init__(self, path: Path, at: int) -> None:
        super().__init__(path)
        self.writes_left, self.reached, self.goes_on = at, threading.Event(), threading.Event()

    def write_at(self, position: int, piece: memoryview) -> tuple[int, int]:
        self.writes_left -= 1
        if self.writes_left == 0:
            self.reached.set()
            self.goes_on.wait(30)
        return super().write_at(position, piece)


class Full(OutputFile):
    """A log on a disk that is full for the first of its writes."""

    def __init__(self, path: Path, refusals: int) -> None:
        super().__init__(path)
        self.refusals = refusals

    def write_at(self, position: int, piece: memoryview) -> tuple[int, int]:
        if self.refusals:
            self.refusals -= 1
            raise OSError(28, "No space left on device")
        return super().write_at(position, piece)


def copy_to(log: Callable[[], OutputFile], start: int = 0, has_ended: Callable[[], bool] = lambda: True) -> LogCopy:
    return LogCopy(Daemon(), _CONTAINER, log, start, has_ended, lambda: None)


def test_a_copy_that_was_paused_and_goes_on_beside_its_successor_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "output.log"
    path.write_bytes(b"INFO: pulled\n")
    held = Held(path, at=20)
    with scripted_engine(tmp_path, monkeypatch, tell_output):
        paused, successor = copy_to(lambda: held, 13), copy_to(partial(OutputFile, path), 13)
        paused.start()
        assert held.reached.wait(10)
        successor.start()
        successor.join(10)
        held.goes_on.set()
        paused.join(10)
    assert path.read_bytes() == b"INFO: pulled\n" + b"".join(_LINES)


def test_a_sentence_about_the_job_is_not_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, sentence = tmp_path / "output.log", b"Foundations ERROR: it is closed.\n"
    held = Held(path, at=20)
    with scripted_engine(tmp_path, monkeypatch, tell_output):
        copy = copy_to(lambda: held)
        copy.start()
        assert held.reached.wait(10)
        with path.open("ab") as log:
            log.write(sentence)
        held.goes_on.set()
        copy.join(10)
    assert path.read_bytes() == b"".join(_LINES[:19]) + sentence + b"".join(_LINES[19:])


def test_the_end_of_the_output_is_not_lost_while_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docker_log, "_SILENCE", 0.3)
    monkeypatch.setattr(docker_log, "_PAUSE", 0.1)
    path = tmp_path / "output.log"
    with scripted_engine(tmp_path, monkeypatch, tell_output):
        copy = copy_to(lambda: Full(path, refusals=10))
        copy.start()
        copy.note_end()
        copy.join(20)
    assert path.read_bytes() == b"".join(_LINES)


def test_the_end_of_the_output_is_not_lost_while_the_engine_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docker_log, "_SILENCE", 0.3)
    monkeypatch.setattr(docker_log, "_PAUSE", 0.1)
    questions = [0]

    def tell_at_last(answer: Answer, path: str) -> None:
        if questions[0] < 10:
            answer.break_off()
        else:
            tell_output(answer, path)

    def has_ended() -> bool:
        questions[0] += 1
        if questions[0] < 10:
            raise EngineAway
        return True

    path = tmp_path / "output.log"
    with scripted_engine(tmp_path, monkeypatch, tell_at_last):
        copy = copy_to(partial(OutputFile, path), has_ended=has_ended)
        copy.start()
        copy.note_end()
        copy.join(20)
    assert path.read_bytes() == b"".join(_LINES)


def test_the_end_of_the_output_is_not_lost_while_a_busy_engine_lets_wait_for_its_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docker_log, "_SILENCE", 0.3)
    asked, goes_on = threading.Event(), threading.Event()

    def tell_late(answer: Answer, path: str) -> None:
        asked.set()
        goes_on.wait(30)
        tell_output(answer, path)

    path = tmp_path / "output.log"
    with scripted_engine(tmp_path, monkeypatch, tell_late):
        copy = copy_to(partial(OutputFile, path))
        copy.start()
        assert asked.wait(10)
        copy.note_end()
        assert not copy._finished.wait(2)  # several times the silence after which it would be given up
        goes_on.set()
        copy.join(20)
    assert path.read_bytes() == b"".join(_LINES)


def test_output_that_neither_comes_nor_ends_is_given_up_after_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docker_log, "_SILENCE", 0.3)

    def tell_nothing(answer: Answer, path: str) -> None:
        answer.begin()
        answer.hang()

    with scripted_engine(tmp_path, monkeypatch, tell_nothing):
        copy = copy_to(partial(OutputFile, tmp_path / "output.log"))
        copy.start()
        copy.note_end()
        wait_for(lambda: not copy.is_alive(), 10)


@pytest.mark.parametrize("status", [404, 409])
def test_the_output_of_a_container_that_was_removed_is_waited_for_no_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr(docker_log, "_PAUSE", 0.1)

    def refuse(answer: Answer, path: str) -> None:
        answer.say(status, {"message": "the container is gone"})

    with scripted_engine(tmp_path, monkeypatch, refuse):
        copy = copy_to(partial(OutputFile, tmp_path / "output.log"))
        copy.note_end()
        copy.start()
        wait_for(lambda: not copy.is_alive(), 20)
