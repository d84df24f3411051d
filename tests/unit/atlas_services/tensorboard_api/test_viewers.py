"""Which TensorBoards run. They are real processes that need not be ready: what they show is tested elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import util
from pathlib import Path

import pytest
from tests.redis_server import require

from atlas_core.errors import Conflict, ServerUnreachable
from atlas_services.tensorboard_api.viewers import Viewers

IDLE = 60.0


class Clock:
    """Time as the test says."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Shown:
    """Up to two TensorBoards."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.clock = Clock()
        self.viewers = Viewers(2, IDLE, self.clock)

    def show(self, name: str) -> None:
        logs = self.root / name / "runs"
        logs.mkdir(parents=True, exist_ok=True)
        self.viewers.show(name, logs, f"/tensorboard/{name}")

    @property
    def running(self) -> set[str]:
        return set(self.viewers.running())


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[Shown]:
    require(util.find_spec("tensorboard"), "TensorBoard")
    made = Shown(tmp_path)
    yield made
    made.viewers.close()
    assert made.running == set()


def test_a_selection_has_one_tensorboard(shown: Shown) -> None:
    shown.show("a")
    first = shown.viewers._running["a"]
    shown.show("a")
    assert shown.viewers._running["a"] is first


def test_one_that_nobody_asks_for_stops(shown: Shown) -> None:
    shown.show("a")
    shown.clock.now += IDLE - 1
    shown.show("b")
    shown.clock.now += 2
    shown.viewers.stop_idle()
    assert shown.running == {"b"}


def test_who_comes_takes_the_place_of_the_longest_idle(shown: Shown) -> None:
    shown.show("a")
    shown.clock.now += 1
    shown.show("b")
    shown.clock.now += 1
    shown.show("a")
    shown.clock.now += 20
    shown.show("c")
    assert shown.running == {"a", "c"}


def test_one_that_somebody_looks_at_is_not_stopped_for_another(shown: Shown) -> None:
    shown.show("a")
    shown.show("b")
    with pytest.raises(ServerUnreachable, match="2 TensorBoards are in use"):
        shown.show("c")
    assert shown.running == {"a", "b"}


def test_one_that_died_is_started_again(shown: Shown) -> None:
    shown.show("a")
    shown.viewers._running["a"].stop()
    assert shown.running == set()
    shown.show("a")
    assert shown.running == {"a"}


def test_without_tensorboard_one_is_told_how_to_install_it(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(util, "find_spec", lambda name: None)
    with pytest.raises(Conflict, match="-m pip install tensorboard"):
        shown.show("a")
