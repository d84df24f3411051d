"""The line that a container has begun, as whoever is attached hears of it."""

from __future__ import annotations

import struct
import threading
from pathlib import Path

import pytest
from tests.scheduler_service import wait_for
from tests.scripted_engine import Answer, scripted_engine

from atlas_services.scheduler.engines import docker_unfinished
from atlas_services.scheduler.engines.docker_daemon import Daemon
from atlas_services.scheduler.engines.docker_unfinished import UnfinishedLine, UnfinishedLines

_CONTAINER = "c" * 64


def piece(stream: int, text: bytes) -> bytes:
    return struct.pack(">BxxxL", stream, len(text)) + text


class Attachments:
    """A container that writes the same few pieces to each who attaches, and goes on until it is let go."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces
        self.begun, self.ended = 0, 0
        self.goes_on = threading.Event()

    def __call__(self, answer: Answer, path: str) -> None:
        assert path == f"/containers/{_CONTAINER}/attach"
        self.begun += 1
        answer.send_response(200)
        answer.end_headers()
        for each in self.pieces:
            answer.wfile.write(each)
        self.goes_on.wait(60)
        answer.break_off()
        self.ended += 1


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        ([b"one\ntwo"], b"two"),
        ([b"one\ntwo", b" and more"], b"two and more"),
        ([b"one\ntwo\n"], b""),
        ([b"\r 10%|#", b"\r 20%|##"], b"\r 20%|##"),
        ([b"10%\r", b"20%\r"], b"\r20%\r"),
        ([b"\r 10%|#", b"\r100%\nnext"], b"next"),
        ([b"windows\r\n"], b""),
    ],
)
def test_a_line_is_told_as_it_looks_now(pieces: list[bytes], text: bytes) -> None:
    line = UnfinishedLine()
    for each in pieces:
        line.add(each)
    assert line.text == text


def test_what_the_log_has_of_an_endless_line_is_not_told_again() -> None:
    line = UnfinishedLine()
    for _ in range(10):
        line.add(b"." * 4096)
    assert line.text == b"." * (10 * 4096 % (16 * 1024))


def test_the_line_of_the_stream_that_wrote_last_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    container = Attachments(piece(1, b"asks: "), piece(2, b"\r 10%"), piece(2, b"\r 20%"))
    with scripted_engine(tmp_path, monkeypatch, container):
        with UnfinishedLines(Daemon()).watched(lambda: _CONTAINER) as line:
            wait_for(lambda: line() == b"\r 20%")
        container.goes_on.set()


def test_a_line_that_has_ended_leaves_that_of_the_other_stream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    container = Attachments(piece(2, b"\r 10%"), piece(1, b"half\n"))
    with scripted_engine(tmp_path, monkeypatch, container):
        with UnfinishedLines(Daemon()).watched(lambda: _CONTAINER) as line:
            wait_for(lambda: line() == b"\r 10%")
        container.goes_on.set()


def test_however_many_look_the_daemon_is_asked_once_and_only_while_somebody_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    container, before = Attachments(piece(1, b"begun")), threading.active_count()
    lines = UnfinishedLines(Daemon())
    with scripted_engine(tmp_path, monkeypatch, container):
        with lines.watched(lambda: _CONTAINER) as one, lines.watched(lambda: _CONTAINER) as other:
            wait_for(lambda: one() == other() == b"begun")
            assert container.begun == 1
        wait_for(lambda: not [each for each in threading.enumerate() if each.name.startswith("unfinished-")])
        container.goes_on.set()
    assert threading.active_count() <= before + 1


def test_a_container_is_found_once_there_is_one_and_found_again_after_it_broke_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docker_unfinished, "_PAUSE", 0.01)
    container, names = Attachments(piece(1, b"begun")), iter([None, None])
    with scripted_engine(tmp_path, monkeypatch, container):
        with UnfinishedLines(Daemon()).watched(lambda: next(names, _CONTAINER)) as line:
            wait_for(lambda: line() == b"begun")
            container.goes_on.set()
            wait_for(lambda: container.ended > 0)
            container.goes_on.clear()
            wait_for(lambda: line() == b"begun" and container.begun > 1)
        container.goes_on.set()


def test_the_container_of_another_attempt_is_looked_at_though_the_first_ones_attachment_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docker_unfinished, "_PAUSE", 0.01)
    second, let_go = "d" * 64, threading.Event()
    name = [_CONTAINER]

    def answer_each(answer: Answer, path: str) -> None:
        answer.send_response(200)
        answer.end_headers()
        answer.wfile.write(piece(1, b"second" if second in path else b"first"))
        let_go.wait(60)
        answer.break_off()

    with scripted_engine(tmp_path, monkeypatch, answer_each):
        with UnfinishedLines(Daemon()).watched(lambda: name[0]) as line:
            wait_for(lambda: line() == b"first")
            name[0] = second
            wait_for(lambda: line() == b"second")
        let_go.set()


def test_an_engine_that_refuses_is_no_fault_of_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = threading.Event()

    def refuse(answer: Answer, path: str) -> None:
        answer.say(409, {"message": f"container {_CONTAINER} is paused"})
        asked.set()

    lines = UnfinishedLines(Daemon())
    with scripted_engine(tmp_path, monkeypatch, refuse), lines.watched(lambda: _CONTAINER) as line:
        wait_for(lambda: line() == b"" and asked.is_set())
        assert line() == b""
