from __future__ import annotations

from atlas_services.http_metrics import Counters


def test_durations_are_counted_in_classes() -> None:
    counters = Counters("s")
    for seconds in (0.001, 0.005, 0.2, 60.0):
        counters.add("GET", 200, seconds)
    lines = dict(line.rsplit(" ", 1) for line in counters.render().splitlines() if not line.startswith("#"))
    below = {end: lines[f'atlas_http_request_seconds_bucket{{service="s",le="{end}"}}'] for end in (0.005, 0.1, 0.25)}
    assert below == {0.005: "2", 0.1: "2", 0.25: "3"}
    assert lines['atlas_http_request_seconds_bucket{service="s",le="+Inf"}'] == "4"
    assert lines['atlas_http_request_seconds_count{service="s"}'] == "4"
    assert float(lines['atlas_http_request_seconds_sum{service="s"}']) == 60.206
