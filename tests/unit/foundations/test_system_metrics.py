"""What is sampled of the machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.unit.foundations.conftest import Script, eventually
from tests.unit.foundations.journal_server import JournalServer

from atlas_core.records import Point
from foundations.gpus import GpuReading, Gpus
from foundations.system_metrics import Counters, chosen_period, counters, gpu_load, memory, rates


def names(server: JournalServer) -> set[str]:
    return {each.name for each in server.records[server.only_job] if isinstance(each, Point)}


def test_a_run_samples_its_machine_and_stops_with_it(tracked: Script, server: JournalServer) -> None:
    tracked.environment["FOUNDATIONS_SYSTEM_METRICS"] = "0.05"
    process = tracked.start("import foundations, sys\nfoundations.log_metric('loss', 1)\nsys.stdin.readline()")
    eventually(lambda: bool(server.records) and len(server.values(server.only_job, "system.cpu_percent")) >= 2)
    process.communicate("\n", timeout=30)
    assert process.returncode == 0
    assert names(server) >= {
        "loss",
        *(f"system.{name}" for name in ("cpu_percent", "memory_percent", "process_memory_bytes")),
        *("system.disk_read_bytes_per_second", "system.network_sent_bytes_per_second"),
    }
    assert all(0 <= value <= 100 for value in server.values(server.only_job, "system.cpu_percent"))


def test_a_short_run_has_no_samples_and_nobody_must_take_any(tracked: Script, server: JournalServer) -> None:
    for period in ("", "0"):
        tracked.environment["FOUNDATIONS_SYSTEM_METRICS"] = period
        tracked.run("import foundations")
    assert not any(isinstance(each, Point) for records in server.records.values() for each in records)


@pytest.mark.parametrize(
    ("text", "period"), [("5", 5.0), ("0", 0.0), ("-3", 10.0), ("nan", 10.0), ("often", 10.0), ("", 10.0)]
)
def test_the_period_can_be_chosen(monkeypatch: pytest.MonkeyPatch, text: str, period: float) -> None:
    monkeypatch.setenv("FOUNDATIONS_SYSTEM_METRICS", text)
    assert chosen_period() == period


def test_rates_follow_from_what_was_counted() -> None:
    before = Counters(time=10, busy=100, total=1000, process=1, read=0, written=50, received=7, sent=7)
    now = Counters(time=20, busy=150, total=1200, process=6, read=1000, written=50, received=107, sent=7)
    assert dict(rates(before, now)) == {
        "cpu_percent": 25.0,
        "process_cpu_percent": 50.0,
        "disk_read_bytes_per_second": 100.0,
        "disk_written_bytes_per_second": 0.0,
        "network_received_bytes_per_second": 10.0,
        "network_sent_bytes_per_second": 0.0,
    }
    assert dict(rates(now, now)) == {}


def test_what_a_network_that_went_away_had_counted_is_no_traffic_backwards() -> None:
    before = Counters(time=10, busy=100, total=1000, process=1, read=70, written=50, received=700, sent=800)
    now = Counters(time=20, busy=150, total=1200, process=6, read=60, written=40, received=107, sent=8)
    found = dict(rates(before, now))
    assert {found[name] for name in found if name.endswith("bytes_per_second")} == {0.0}


def test_the_kernel_tells_what_is_sampled(tmp_path: Path) -> None:
    before = counters()
    (tmp_path / "x").write_bytes(os.urandom(1024))
    assert counters().time > before.time
    told = dict(memory())
    assert 0 < told["memory_percent"] < 100
    assert told["process_memory_bytes"] > 1e6


class _TwoGpus(Gpus):
    def readings(self) -> list[GpuReading]:
        return [GpuReading(50.0, 1000, None), GpuReading(None, None, 70.5)]


def test_a_gpu_is_told_of_as_far_as_it_tells() -> None:
    assert dict(gpu_load(_TwoGpus("libnothing-of-this-name.so"))) == {
        "gpu.0.utilization_percent": 50.0,
        "gpu.0.memory_bytes": 1000,
        "gpu.1.power_watts": 70.5,
    }
