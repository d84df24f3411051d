"""Jobs for the page's tests to look at: they train, save files of each kind, fail, and belong to a search."""

from __future__ import annotations

import json
from pathlib import Path

from tests.integration.stack import RunningStack

_TRAIN = """\
import json
import math
import sys

import foundations

rate = float(sys.argv[1])
foundations.log_params({"rate": rate, "units": 64, "optimizer": "adam"})
for step in range(40):
    loss = 2.1 * math.exp(-step * rate)
    foundations.log_metric("loss", loss, step=step)
    foundations.log_metric("accuracy", 1 - loss / 2.6, step=step)
    print(f"epoch {step}  loss {loss:.4f}", flush=True)
"""
_SAVE = """\
import base64

import numpy

figure = {"data": [{"type": "heatmap", "z": [[1, 2], [3, 4]]}], "layout": {"title": {"text": "Confusion"}}}
bars = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "mark": "bar",
        "data": {"values": [{"a": 1, "b": 2}, {"a": 2, "b": 5}]},
        "encoding": {"x": {"field": "a", "type": "ordinal"}, "y": {"field": "b", "type": "quantitative"}}}
FILES = {
    "confusion.plotly.json": json.dumps(figure),
    "bars.vl.json": json.dumps(bars),
    "config.json": json.dumps({"layers": [784, 64, 10]}),
    "scores.csv": "digit,recall\\n0,0.91\\n1,0.97\\n2,0.85\\n",
    "report.html": "<h1>Report</h1><script>document.body.append('script ran')</script>",
    "plain.txt": "plain words\\n",
    "notes.md": "# Notes\\nThe run went well.\\n",
}
for name, text in FILES.items():
    with open(name, "w") as file:
        file.write(text)
    foundations.save_artifact(name)
# Two pictures of 16 by 16 pixels, as a browser recorded them.
FILM = (
    "GkXfo59ChoEBQveBAULygQRC84EIQoKEd2VibUKHgQRChYECGFOAZwEAAAAAAAGBEU2bdLlNu4tTq4QVSalmU6yBbk27i1OrhBZU"
    "rmtTrIGTTbuLU6uEH0O2dVOsgdRNu4xTq4QcU7trU6yCAW/srgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAVSalmoCrXsYMPQkBEiYRC6nxqTYCGQ2hyb21lV0GGQ2hyb21lFlSua7yuuteBAXPFh0bxuVb87kCDgQFV7oEBhoVW"
    "X1ZQOOCdsIEQuoEQU8CBAVWwkFWxgQFVuYECVbqBDVW7gQEfQ7Z1AQAAAAAAAI/ngQCgzqGjgQAAABACAJ0BKhAAEAAABwiFhYiZ"
    "hIgBJBAAYGsA/v+6/0B1oaampO6BAaWfEAIAnQEqEAAQAAAHCIWFiJmEiAEkEABgawD+/7qDAKC6oZmBAHUAsQEAABAJIADAAYH/"
    "oGAAAP7/uoMAdaGZppfugQGlktEBAAAQCSAAwADCwX+gAEAAAPuBABxTu2uNu4uzgQC3hveBAfGB1A=="
)
BINARIES = {
    "weights.bin": bytes(1000),
    "turn.gif": b"GIF89a\\1\\0\\1\\0\\x80\\0\\0\\xff\\0\\0\\0\\0\\0,\\0\\0\\0\\0\\1\\0\\1\\0\\0\\2\\2D\\1\\0;",
    "walk.webm": base64.b64decode(FILM),
}
for name, content in BINARIES.items():
    with open(name, "wb") as file:
        file.write(content)
    foundations.save_artifact(name)
for step in (0, 10):
    foundations.log_image(numpy.full((32, 32, 3), step * 20, numpy.uint8), "samples", step=step)
foundations.log_audio(numpy.tile([0.1, -0.1], 400), "tone", rate=8000)
"""


def train(stack: RunningStack, folder: Path, project: str, rate: float, *, saves: bool = False, note: str = "") -> str:
    """Run a training to its end as a job of `project` and return its id."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.py").write_text(_TRAIN + note + (_SAVE if saves else ""))
    return submit(stack, folder, project, "main.py", str(rate))


def submit(stack: RunningStack, folder: Path, project: str, *command: str, waits: bool = True) -> str:
    """Submit a job and return its id; unless told otherwise, once it has ended."""
    options = ("--json", "--project-name", project, *(() if waits else ("--stream-job-logs", "False")))
    submitted = stack.foundations("submit", *options, "scheduler", str(folder), *command)
    lines = [line for line in submitted.stdout.splitlines() if line.startswith("{")]
    assert lines, submitted.stdout + submitted.stderr
    return str(json.loads(lines[-1])["job_id"])
