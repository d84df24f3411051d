"""What a handler wants done waits until the main thread has left the code that may hold a lock."""

from __future__ import annotations

import sys
import threading

from foundations.postponement import Postponement

done: list[str] = []


def holding(postponement: Postponement) -> None:
    postponement.when_left(sys._getframe(), lambda: done.append("put off"))
    assert done == []


def test_outside_of_the_code_it_is_done_at_once() -> None:
    done.clear()
    Postponement(frozenset({holding.__code__})).when_left(sys._getframe(), lambda: done.append("now"))
    assert done == ["now"]


def test_within_the_code_it_is_put_off_until_the_main_thread_has_left_and_done_once() -> None:
    done.clear()
    postponement = Postponement(frozenset({holding.__code__}))
    holding(postponement)
    other = threading.Thread(target=postponement.act)
    other.start()
    other.join()
    assert done == []
    for _ in range(2):
        postponement.act()
    assert done == ["put off"]
