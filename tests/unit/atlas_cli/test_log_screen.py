"""A log on a terminal, with the line that is not finished behind it."""

from __future__ import annotations

import pytest

from atlas_cli.log_screen import LogScreen
from atlas_cli.output import Terminal

Written = pytest.CaptureFixture[bytes]


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> LogScreen:
    monkeypatch.setenv("COLUMNS", "20")
    return LogScreen(Terminal())


def test_a_line_is_drawn_over_the_one_before_and_taken_away_before_the_log_goes_on(
    screen: LogScreen, capsysbinary: Written
) -> None:
    screen.write(b"one\n")
    screen.show_unfinished(b"\r 10%")
    screen.show_unfinished(b"\r 20%")
    screen.write(b"two\n")
    assert capsysbinary.readouterr().out == b"one\n\r 10%\x1b[K\r 20%\x1b[K\r\x1b[Ktwo\n"


def test_a_line_that_is_gone_is_taken_away_once(screen: LogScreen, capsysbinary: Written) -> None:
    screen.show_unfinished(b"asks: ")
    screen.show_unfinished(b"")
    screen.show_unfinished(b"")
    assert capsysbinary.readouterr().out == b"\rasks: \x1b[K\r\x1b[K"


def test_a_line_stays_in_its_row_whatever_it_holds(screen: LogScreen, capsysbinary: Written) -> None:
    screen.show_unfinished("\r\x1b[A\x1b[32m進捗\x1b[0m\tおよそ半分まで来ました".encode())
    assert capsysbinary.readouterr().out.decode() == "\r進捗およそ半分まで \x1b[K"


def test_what_continues_a_row_of_the_log_waits_for_it(screen: LogScreen, capsysbinary: Written) -> None:
    screen.write(b"no end")
    screen.show_unfinished(b" yet")
    assert capsysbinary.readouterr().out == b"no end"


def test_what_redraws_a_row_of_the_log_is_drawn(screen: LogScreen, capsysbinary: Written) -> None:
    screen.write(b"\r 10%|#")
    screen.show_unfinished(b"\r 20%|##")
    assert capsysbinary.readouterr().out == b"\r 10%|#\r 20%|##\x1b[K"
