"""Images: what a job's is called, and how it comes onto this machine, once for all jobs that wait for it."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from typing import Any

from docker.errors import APIError
from docker.utils import parse_repository_tag

from atlas_core.states import Cause
from atlas_services.scheduler.engines import EngineAway, EngineFailure
from atlas_services.scheduler.engines.docker_daemon import Daemon, Stream, sentence_of

#: Images that the original's clients ask for. They are no more; ours does their work.
_OLD = re.compile(r"us\.gcr\.io/dessa-atlas/worker(-gpu)?([:@].*)?")
#: What is told of each layer when it comes to this.
_MILESTONES = frozenset({"Pulling fs layer", "Download complete", "Pull complete", "Already exists"})
#: Seconds between two lines about how far it is.
_BETWEEN = 3.0
#: Seconds between two looks whether a job is wanted still; news come at once.
_LOOK = 1.0
#: Seconds without a word after which a pull is given up and begun anew. A daemon says nothing while it checks a layer.
_SILENCE = 600.0
#: What a daemon says of a pull when it is about to go.
_CANCELLED = "context canceled"


def default_image() -> str:
    """Return our own worker image, of the version of this server."""
    return f"atlas-worker:{version('atlas-services')}"


def full_name(asked: str | None, default: str) -> str:
    """Return the image, with its tag, that a job gets which asks for `asked`."""
    name = asked or default
    if _OLD.fullmatch(name):
        name = default
    _, tag = parse_repository_tag(name)  # a port of a registry is no tag
    return name if tag else f"{name}:latest"


@dataclass
class _Pull:
    """An image on its way: what was said, how it ended, and how many jobs wait for it."""

    news: threading.Condition = field(default_factory=threading.Condition)
    lines: list[str] = field(default_factory=list)
    waiting: int = 0
    is_over: bool = False
    failure: Exception | None = None
    stream: Stream | None = None

    def has_more_than(self, told: int) -> bool:
        """Whether there is news beyond the first lines."""
        return self.is_over or len(self.lines) > told

    def cut(self) -> None:
        """Break it off, as nobody waits for it any more; one that has not begun to answer ends when it does."""
        if self.stream is not None:
            self.stream.cut()


class Images:
    """The images of one daemon."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        self._pulls: dict[str, _Pull] = {}
        self._lock = threading.Lock()

    def has(self, image: str) -> bool:
        """Whether it is on this machine. Raises `EngineAway`."""
        return self._daemon.find(lambda client: client.inspect_image(image)) is not None

    def fetch(self, image: str, say: Callable[[str], None], unwanted: Callable[[], bool]) -> bool:
        """Have the image on this machine; False when it came to be unwanted meanwhile.

        `say` is given a line now and then. Raises `EngineFailure`, or `EngineAway`.
        """
        if self.has(image):
            return True
        say(f"INFO: The image {image} is not on this machine; pulling it.")
        pull = self._join(image)
        try:
            arrived = _watch(pull, say, unwanted)
        finally:
            self._leave(image, pull)
        if not arrived:
            return False
        if isinstance(pull.failure, EngineAway):
            raise pull.failure
        if pull.failure is not None:
            raise _unavailable(image, pull.failure) from pull.failure
        say(f"INFO: The image {image} is here.")
        return True

    def _join(self, image: str) -> _Pull:
        """Return the pull that is under way, or a new one; counted as one more that waits for it."""
        with self._lock:
            pull = self._pulls.get(image)
            if pull is not None:
                pull.waiting += 1
                return pull
            pull = self._pulls[image] = _Pull(waiting=1)  # before it runs, for it ends where nobody waits
            threading.Thread(target=self._run, args=(image, pull), name="image-pull", daemon=True).start()
            return pull

    def _leave(self, image: str, pull: _Pull) -> None:
        """Count one less that waits for it. One that nobody waits for may stall: whoever comes later begins anew."""
        with self._lock:
            pull.waiting -= 1
            if pull.waiting:
                return
            self._drop(image, pull)
        pull.cut()

    def _drop(self, image: str, pull: _Pull) -> None:
        if self._pulls.get(image) is pull:
            del self._pulls[image]

    def _run(self, image: str, pull: _Pull) -> None:
        try:
            self._pull(image, pull)
        except Exception as error:  # the jobs that wait for it say what it was
            pull.failure = error
        with self._lock:
            self._drop(image, pull)
        with pull.news:
            pull.is_over = True
            pull.news.notify_all()

    def _pull(self, image: str, pull: _Pull) -> None:
        progress = _Progress()
        with self._daemon.pull(image, _SILENCE) as stream:
            pull.stream = stream
            if pull.waiting == 0:  # before there was anything to cut
                return
            for text in stream.lines():
                step = json.loads(text)
                if "error" in step:
                    raise _failure_of(str(step["error"]))
                line = progress.line(step, time.monotonic())
                if line:
                    with pull.news:
                        pull.lines.append(line)
                        pull.news.notify_all()
        if not self.has(image):  # an engine that goes away may end what it tells as if it had done
            raise EngineAway(f"The pull of the image {image} broke off.")


class _PullRefused(Exception):
    """Raised when the daemon gives a pull up after it began."""


def _failure_of(said: str) -> Exception:
    return EngineAway(f"The Docker engine broke a pull off: {said}") if _CANCELLED in said else _PullRefused(said)


class _Progress:
    """Makes few lines of the thousands of steps that the daemon tells."""

    def __init__(self) -> None:
        self._told = 0.0
        self._layers: dict[str, tuple[int, int]] = {}

    def line(self, step: Mapping[str, Any], moment: float) -> str | None:
        """Return a line about a step, None when it is not worth one."""
        status, layer = str(step.get("status", "")), str(step.get("id", ""))
        detail = step.get("progressDetail") or {}
        if detail.get("total"):
            self._layers[layer] = (int(detail.get("current") or 0), int(detail["total"]))
            return self._summary(moment)
        if layer and status not in _MILESTONES and not status.startswith("Pulling from"):
            return None
        return f"INFO: {layer}: {status}" if layer else f"INFO: {status}"

    def _summary(self, moment: float) -> str | None:
        if moment < self._told + _BETWEEN:
            return None
        self._told = moment
        current, total = (sum(part) / 1e6 for part in zip(*self._layers.values(), strict=True))
        return f"INFO: {current:.0f} of {total:.0f} MB"


def _watch(pull: _Pull, say: Callable[[str], None], unwanted: Callable[[], bool]) -> bool:
    """Tell what is said of a pull until it is over; False when it came to be unwanted."""
    told = 0
    while True:
        with pull.news:
            pull.news.wait_for(partial(pull.has_more_than, told), _LOOK)
            lines, is_over = pull.lines[told:], pull.is_over
        for line in lines:
            say(line)
        told += len(lines)
        if unwanted():
            return False
        if is_over:
            return True


def _unavailable(image: str, error: Exception) -> EngineFailure:
    """Scripts of the original's users look for `404 Client Error`, by which its log told of a missing image."""
    said = sentence_of(error) if isinstance(error, APIError) else str(error)
    return EngineFailure(
        f"404 Client Error: No such image: {image}. It is not on this machine and cannot be pulled: {said}.",
        Cause.IMAGE_PULL,
    )
