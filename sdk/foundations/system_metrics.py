"""What the machine does while a run goes on: sampled beside it, as metrics whose names begin with `system.`."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Callable, NamedTuple

from atlas_core.records import SYSTEM_PREFIX, point_frame
from foundations.chosen_number import chosen_number

if TYPE_CHECKING:
    from foundations.gpus import Gpus

_log = logging.getLogger("foundations.system_metrics")

#: Seconds between two samples; and how long a run must last to get one at its end besides.
PERIOD, _SHORTEST = 10.0, 1.0
#: Bytes of a sector in the kernel's statistics, whatever the disk's own are.
_SECTOR = 512
#: Devices that stand for others, or for none.
_NO_DISKS = ("loop", "ram", "zram", "dm-", "md")


class Counters(NamedTuple):
    """What has been counted since the machine started; the differences are the rates."""

    time: float
    busy: float
    total: float
    process: float
    read: float
    written: float
    received: float
    sent: float


def chosen_period() -> float:
    """Return $FOUNDATIONS_SYSTEM_METRICS in seconds, `PERIOD` where it says nothing usable; 0 for never."""
    chosen = chosen_number("FOUNDATIONS_SYSTEM_METRICS", PERIOD, f"{PERIOD:g} seconds are used")
    return PERIOD if chosen is None else chosen


class SystemMetrics:
    """A thread that appends a sample to the journal every `period` seconds."""

    def __init__(self, append: Callable[[bytes], None], period: float) -> None:
        self._append = append
        self._period = period
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._sample, name="foundations-system-metrics", daemon=True)
        with contextlib.suppress(RuntimeError):  # an interpreter that is shutting down starts none
            self._thread.start()

    def close(self, seconds: float) -> None:
        """Take a last sample."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(min(seconds, _SHORTEST))

    def _sample(self) -> None:
        try:
            # What speaks to the driver takes a while to import, and the script need not wait for it.
            gpus, before = import_module("foundations.gpus").Gpus(), counters()
            while not self._closing.wait(self._period):
                before = self._log_since(before, gpus)
            if time.monotonic() >= before.time + min(_SHORTEST, self._period):
                self._log_since(before, gpus)
        except Exception:  # whatever this machine is like, the training goes on
            _log.debug("The machine is no longer watched.", exc_info=True)

    def _log_since(self, before: Counters, gpus: Gpus) -> Counters:
        now, moment = counters(), time.time()
        for name, value in (*rates(before, now), *memory(), *gpu_load(gpus)):
            frame = point_frame(SYSTEM_PREFIX + name, value, moment)
            if frame is not None:
                self._append(frame)
        return now


def counters() -> Counters:
    """Return the present counts. Raises `OSError` where the kernel tells none."""
    ticks = [float(word) for word in _text("/proc/stat").partition("\n")[0].split()[1:9]]
    reads, writes = _disks()
    received, sent = _network()
    busy = sum(ticks) - ticks[3] - ticks[4]  # all but idle, and waiting for a disk
    return Counters(time.monotonic(), busy, sum(ticks), time.process_time(), reads, writes, received, sent)


def rates(before: Counters, now: Counters) -> Iterator[tuple[str, float]]:
    """Yield what follows from two counts."""
    seconds, ticks = now.time - before.time, now.total - before.total
    if ticks > 0:
        yield "cpu_percent", _rounded(100 * (now.busy - before.busy) / ticks)
    if seconds > 0:
        yield "process_cpu_percent", _rounded(100 * (now.process - before.process) / seconds)
        for name, grown in (
            ("disk_read", now.read - before.read),
            ("disk_written", now.written - before.written),
            ("network_received", now.received - before.received),
            ("network_sent", now.sent - before.sent),
        ):  # a disk or a network that went away took its count along
            yield f"{name}_bytes_per_second", _rounded(max(0.0, grown) / seconds)


def memory() -> Iterator[tuple[str, float]]:
    """Yield what is used of the machine's memory, and by this process."""
    lines = (line.split() for line in _text("/proc/meminfo").splitlines())
    known = {words[0]: float(words[1]) * 1024 for words in lines if words[0] in {"MemTotal:", "MemAvailable:"}}
    used = known["MemTotal:"] - known["MemAvailable:"]
    yield "memory_bytes", int(used)
    yield "memory_percent", _rounded(100 * used / known["MemTotal:"])
    yield "process_memory_bytes", int(_text("/proc/self/statm").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def gpu_load(gpus: Gpus) -> Iterator[tuple[str, float]]:
    """Yield what each GPU does."""
    for index, reading in enumerate(gpus.readings()):
        for name, value in reading._asdict().items():
            if value is not None:
                yield f"gpu.{index}.{name}", value


def _disks() -> tuple[float, float]:
    whole = {path.name for path in Path("/sys/block").glob("*") if not path.name.startswith(_NO_DISKS)}
    rows = [words for words in map(str.split, _text("/proc/diskstats").splitlines()) if words[2] in whole]
    return _SECTOR * sum(float(row[5]) for row in rows), _SECTOR * sum(float(row[9]) for row in rows)


def _network() -> tuple[float, float]:
    rows = [line.partition(":") for line in _text("/proc/net/dev").splitlines()[2:]]
    found = [counts.split() for name, _, counts in rows if name.strip() != "lo"]
    return sum(float(counts[0]) for counts in found), sum(float(counts[8]) for counts in found)


def _text(path: str) -> str:
    return Path(path).read_text(encoding="ascii", errors="replace")


def _rounded(value: float) -> float:
    return round(value, 2)
