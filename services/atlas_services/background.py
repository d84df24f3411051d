"""Work that a service does in a thread of its own, beside its answers."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod


class Background(ABC):
    """Does `_run` in a thread of this name, which is to return soon once `_closing` is set."""

    def __init__(self, name: str) -> None:
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def lives(self) -> bool:
        """Whether it still goes on."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Do no more."""
        self._closing.set()

    @abstractmethod
    def _run(self) -> None: ...
