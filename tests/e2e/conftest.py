"""What the tests of the page share: a real stack with the page built, and a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from tests.integration.stack import RunningStack, running_stack
from tests.redis_server import require

_ROOT = Path(__file__).parents[2]
#: How the browser is started: without what a test needs not.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: Milliseconds for something to show on a busy machine.
PATIENCE = 15_000


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """A running stack with the page built."""
    require((_ROOT / "gui" / "dist" / "index.html").exists(), "the built page (make gui)")
    home = tmp_path_factory.mktemp("stack") / "home"
    with running_stack(home, NUM_WORKERS="1", ATLAS_ENGINE="process") as running:
        yield running


def find_chromium() -> str | None:
    """The browser's program, if there is one."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A page of a headless Chromium; any error in its console fails the test that caused it."""
    chromium = find_chromium()
    require(chromium, "Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        opened = browser.new_page(viewport={"width": 1280, "height": 800})
        opened.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        errors: list[str] = []
        opened.on("pageerror", lambda error: errors.append(str(error)))
        yield opened
        browser.close()
        assert errors == []


@pytest.fixture(scope="module")
def address(stack: RunningStack) -> str:
    """Where the page is."""
    return f"http://127.0.0.1:{stack.port_base}"


def built_axe() -> Path:
    """The script by which a page is asked whether everybody can use it."""
    script = _ROOT / "gui" / "node_modules" / "axe-core" / "axe.min.js"
    require(script.is_file(), "axe-core (make gui)")
    return script
