"""The page in a real Chromium over a real stack: a project of ten thousand jobs, and fifty curves in four charts.

Each job has 20 parameters and 20 metrics. Times are those of the page's own clock, from the navigation or the key on.
"""

from __future__ import annotations

import gzip
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
    "filter, key to result, ms": (150.0, False),
    "50 series on four charts, ms": (1000.0, False),
    "heap, MB": (150.0, False),
}
_KEYS = 9
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
#: Scrolls the table for three seconds, and tells how many frames were drawn in a second.
_SCROLL = """
() => new Promise(done => {
  const frame = document.querySelector('[data-class=job-table]');
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
def seeded_stack() -> Iterator[RunningStack]:
    """Run a stack that holds the jobs."""
    with tempfile.TemporaryDirectory() as folder, running_stack(Path(folder) / "home") as stack:
        secret = (stack.home / "server" / "redis.secret").read_text().strip()
        tracker = open_tracker(f"redis://:{secret}@127.0.0.1:{stack.port_base + 5}/0")
        seed(tracker)
        tracker.close()
        yield stack


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


def measure(page: Page, address: str) -> dict[str, float]:
    """Return the figure of each budget."""
    figures = {"first load, KB gzip": loaded(page, address)}
    page.goto(f"{address}/projects/large/job_listing", wait_until="commit")
    figures["usable table, ms"] = page.evaluate(_WATCH, ["tr[data-class=job-table-row] a", 10])
    page.wait_for_timeout(2000)
    figures["scrolling, frames/s"] = page.evaluate(_SCROLL)
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
    with seeded_stack() as stack, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        figures = measure(page, f"http://127.0.0.1:{stack.port_base}")
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
