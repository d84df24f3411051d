"""The page in a real Chromium over a real stack: a project of ten thousand jobs, and fifty curves in four charts.

Each job has 20 parameters and 20 metrics. Times are those of the page's own clock, from the navigation or the key on.
How fast the browser scrolls a plain list of as many lines tells what it could draw on this machine at most. A day is
some hundred updates and changes of page: what its last four fifths add to the heap is what leaks.
"""

from __future__ import annotations

import gzip
import math
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import Page, sync_playwright
from tests.integration.stack import RunningStack, running_stack

from atlas_core.records import operation_frame, point_frame
from atlas_services.tracker import Tracker, open_tracker

JOBS, NAMES = 10_000, 20
CURVES, CHARTS, POINTS = 50, 4, 1_000
#: What the page may need: name -> (budget, whether more is better).
BUDGETS = {
    "first load, KB gzip": (350.0, False),
    "usable table, ms": (1000.0, False),
    "scrolling, frames/s": (55.0, True),
    "the same, sideways too": (55.0, True),
    "the same, of a plain list": (0.0, True),
    "filter, key to result, ms": (150.0, False),
    "50 series on four charts, ms": (1000.0, False),
    "heap, MB": (150.0, False),
    "heap after a day, MB more": (5.0, False),
}
_KEYS = 9
#: Updates that a page hears of in what stands for a day, each with another page opened.
_UPDATES = 500
#: Pages that are opened in turn, and what they show.
_PAGES = (
    ("/projects", "[data-class=project-summary]"),
    ("/projects/curves/job_listing", "tr[data-class=job-table-row] a"),
    ("/projects/curves/jobs/live", "figure canvas"),
    ("/projects/curves/compare?jobs=live,curve-00,curve-01", "figure canvas"),
    ("/projects/large/job_listing", "tr[data-class=job-table-row] a"),
    ("/projects/curves/overview", "main h2"),
    ("/queue", "main h2"),
)
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--enable-precise-memory-info"]

#: Remembers when what `query` names is there `count` times for the first time.
_WATCH = """
([query, count]) => new Promise(done => {
  const look = () => {
    if (document.querySelectorAll(query).length >= count) done(performance.now());
    else requestAnimationFrame(look);
  };
  look();
})
"""
#: Scrolls what `query` names for three seconds, and tells how many frames were drawn in a second.
_SCROLL = """
query => new Promise(done => {
  const frame = document.querySelector(query);
  const begin = performance.now();
  let frames = 0;
  const step = now => {
    frames += 1;
    frame.scrollTop += 90;
    if (now - begin < 3000) requestAnimationFrame(step);
    else done(frames / (now - begin) * 1000);
  };
  requestAnimationFrame(step);
})
"""
_TABLE = "[data-class=job-table]"
#: A list of as many lines as the table has rows, of which nothing is made anew.
_PLAIN = """
lines => {
  const frame = document.body.appendChild(document.createElement('div'));
  frame.id = 'plain';
  frame.style = 'position: fixed; inset: 0; overflow: auto; background: white; font: 13px/34px sans-serif';
  const words = Array.from({ length: 12 }, (_, index) => `0.12345${index}`).join('\u2003');
  for (let line = 0; line < lines; line += 1) frame.appendChild(document.createElement('div')).textContent = words;
}
"""
#: Goes to another page as a click on a link would.
_GO = "path => { history.pushState({}, '', path); }"
#: Milliseconds from a key in the filter to another number of jobs above the table.
_KEY = """
() => {
  const told = () => document.querySelector('header')?.textContent ?? '';
  const before = told();
  window.reacted = new Promise(done => {
    document.querySelector('[role=combobox]').addEventListener('input', () => {
      const begin = performance.now();
      const look = () => told() !== before ? done(performance.now() - begin) : requestAnimationFrame(look);
      look();
    }, { once: true });
  });
}
"""


def job_frames(number: int, chance: random.Random) -> bytes:
    """Return the journal of one job of the large project."""
    began = 1.7e9 + number
    frames = [operation_frame("start", project="large", user=f"user{number % 7}", time=began)]
    frames += [operation_frame("param", name=f"p{index}", value=chance.random()) for index in range(NAMES)]
    points = (point_frame(f"m{index}", chance.random(), began + 1, 1) for index in range(NAMES))
    frames += [point for point in points if point]
    return b"".join([*frames, operation_frame("end", status="completed", exit_code=0, time=began + 60)])


def curve_frames(number: int, chance: random.Random) -> bytes:
    """Return the journal of one job with curves."""
    began = 1.7e9 + number
    frames = [operation_frame("start", project="curves", user="ann", time=began)]
    for step in range(POINTS):
        value = chance.random() + number / (step + 1)
        points = (point_frame(f"m{chart}", value, began + step, step) for chart in range(CHARTS))
        frames += [point for point in points if point]
    return b"".join([*frames, operation_frame("end", status="completed", exit_code=0, time=began + POINTS)])


def seed(tracker: Tracker) -> None:
    """Fill both projects. What is lost if the machine fails now is made again: Redis need not sync each job to disk."""
    tracker.client.config_set("appendfsync", "no")
    chance = random.Random(1)
    for number in range(JOBS):
        tracker.journals.apply(f"job-{number:05}", "w", 0, job_frames(number, chance), "token", time.time())
    for number in range(CURVES):
        tracker.journals.apply(f"curve-{number:02}", "w", 0, curve_frames(number, chance), "token", time.time())


@contextmanager
def seeded_stack() -> Iterator[tuple[RunningStack, Tracker]]:
    """Run a stack that holds the jobs, and a way to them."""
    with tempfile.TemporaryDirectory() as folder, running_stack(Path(folder) / "home") as stack:
        secret = (stack.home / "server" / "redis.secret").read_text().strip()
        tracker = open_tracker(f"redis://:{secret}@127.0.0.1:{stack.port_base + 5}/0")
        seed(tracker)
        yield stack, tracker
        tracker.close()


class LiveJob:
    """A job that logs while the page is open."""

    def __init__(self, tracker: Tracker) -> None:
        self._journals = tracker.journals
        self._steps = self._offset = 0
        self._send(operation_frame("start", project="curves", user="ann", time=time.time()))

    def log(self) -> None:
        """Log the next point."""
        point = point_frame("m0", math.sin(self._steps), time.time(), self._steps)
        assert point is not None
        self._steps += 1
        self._send(point)

    def _send(self, frames: bytes) -> None:
        self._journals.apply("live", "w", self._offset, frames, "token", time.time())
        self._offset += len(frames)


def loaded(page: Page, address: str) -> float:
    """Return the kilobytes, compressed, of every script and style that the directory of projects loads."""
    found: list[str] = []
    page.on("response", lambda answer: found.append(answer.url))
    page.goto(f"{address}/projects")
    page.locator("[data-class=project-summary]").first.wait_for()
    urls = {url for url in found if "/api/" not in url and url.endswith((".js", ".css", "/projects"))}
    return sum(len(gzip.compress(requests.get(url, timeout=30).content)) for url in urls) / 1024


def filter_times(page: Page) -> list[float]:
    """Return the milliseconds from a key to the number of jobs that it leaves."""
    box = page.get_by_role("combobox", name="Filter jobs")
    box.fill("params.p0 < 0.")
    times = []
    for key in range(_KEYS):
        page.wait_for_function(r"() => document.querySelector('header').textContent.match(/[^0-9,]0 of/)")
        page.evaluate(_KEY)
        box.press(str(key % 9 + 1))
        times.append(float(page.evaluate("() => window.reacted")))
        box.press("Backspace")
    return times


def heap(page: Page) -> float:
    """Return the megabytes that the page's objects need, once the garbage is gone."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    usage: dict[str, Any] = session.send("Runtime.getHeapUsage")
    return float(usage["usedSize"]) / 1e6


def scrolling(page: Page) -> dict[str, float]:
    """Return the frames a second of the table, of the table once it stands aside, and of a plain list."""
    figures = {"scrolling, frames/s": page.evaluate(_SCROLL, _TABLE)}
    page.evaluate(f"document.querySelector('{_TABLE}').scrollLeft = 300")
    page.wait_for_timeout(500)
    figures["the same, sideways too"] = page.evaluate(_SCROLL, _TABLE)
    page.evaluate(f"document.querySelector('{_TABLE}').scrollTo(0, 0)")
    page.evaluate(_PLAIN, JOBS)
    page.wait_for_timeout(500)
    figures["the same, of a plain list"] = page.evaluate(_SCROLL, "#plain")
    page.evaluate("document.querySelector('#plain').remove()")
    return figures


def growth(page: Page, address: str, job: LiveJob) -> float:
    """Return the megabytes by which the heap grows from the first fifth of a day to its end."""
    page.goto(f"{address}/projects")
    early = 0.0
    for update in range(_UPDATES):
        path, shown = _PAGES[update % len(_PAGES)]
        page.evaluate(_GO, path)
        job.log()
        page.locator(shown).first.wait_for()
        if update == _UPDATES // 5:
            early = settled_heap(page)
    return settled_heap(page) - early


def settled_heap(page: Page) -> float:
    """Return the heap of the directory of projects once nothing is under way."""
    page.evaluate(_GO, "/projects")
    page.locator("[data-class=project-summary]").first.wait_for()
    page.wait_for_timeout(3000)
    return heap(page)


def measure(page: Page, address: str) -> dict[str, float]:
    """Return the figure of each budget."""
    figures = {"first load, KB gzip": loaded(page, address)}
    page.goto(f"{address}/projects/large/job_listing", wait_until="commit")
    figures["usable table, ms"] = page.evaluate(_WATCH, ["tr[data-class=job-table-row] a", 10])
    page.wait_for_timeout(2000)
    figures |= scrolling(page)
    times = filter_times(page)
    figures["filter, key to result, ms"] = statistics.median(times)
    figures["heap, MB"] = heap(page)
    page.set_viewport_size({"width": 1600, "height": 1600})  # all four charts are in sight
    jobs = ",".join(f"curve-{number:02}" for number in range(CURVES))
    page.goto(f"{address}/projects/curves/compare?jobs={jobs}", wait_until="commit")
    figures["50 series on four charts, ms"] = page.evaluate(_WATCH, ["figure canvas", CHARTS])
    figures["heap, MB"] = max(figures["heap, MB"], heap(page))
    return figures


def main() -> int:
    """Measure; the exit status says whether every budget was kept."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.stdout.write("no Chromium here\n")
        return 0
    with seeded_stack() as (stack, tracker), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        address = f"http://127.0.0.1:{stack.port_base}"
        figures = measure(page, address)
        figures["heap after a day, MB more"] = growth(page, address, LiveJob(tracker))
        browser.close()
    missed = [name for name, figure in figures.items() if not kept(name, figure)]
    for name, (budget, is_more) in BUDGETS.items():
        sys.stdout.write(f"  {name:30} {figures[name]:9.1f}   (budget {'≥' if is_more else '≤'} {budget:.0f})\n")
    return int(bool(missed))


def kept(name: str, figure: float) -> bool:
    """Whether a figure keeps its budget."""
    budget, is_more = BUDGETS[name]
    return figure >= budget if is_more else figure <= budget


if __name__ == "__main__":
    sys.exit(main())
