"""What a service tells Prometheus of the requests that it answered."""

from __future__ import annotations

import threading
from bisect import bisect_left

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
#: Seconds: the upper ends of the classes in which the durations of requests are counted.
_CLASSES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Counters:
    """Requests answered, by method and status class, and how long they took."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._counts: dict[tuple[str, str], int] = {}
        self._durations = [0] * (len(_CLASSES) + 1)
        self._seconds = 0.0
        self._lock = threading.Lock()

    def add(self, method: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        key = (method if method in _METHODS else "other", f"{status // 100}xx")
        with self._lock:
            self._counts[key] = self._counts.get(key, 0) + 1
            self._durations[bisect_left(_CLASSES, seconds)] += 1
            self._seconds += seconds

    def render(self) -> str:
        """Return the text exposition format."""
        with self._lock:
            counts, durations, seconds = sorted(self._counts.items()), list(self._durations), self._seconds
        lines = ["# TYPE atlas_http_requests_total counter"]
        lines += [
            f'atlas_http_requests_total{{service="{self._service}",method="{method}",status="{status}"}} {count}'
            for (method, status), count in counts
        ]
        return "\n".join([*lines, *self._histogram(durations, seconds)]) + "\n"

    def _histogram(self, durations: list[int], seconds: float) -> list[str]:
        name, label = "atlas_http_request_seconds", f'service="{self._service}"'
        lines, total = [f"# TYPE {name} histogram"], 0
        for end, count in zip((*map(str, _CLASSES), "+Inf"), durations, strict=True):
            total += count
            lines.append(f'{name}_bucket{{{label},le="{end}"}} {total}')
        return [*lines, f"{name}_sum{{{label}}} {seconds:.6f}", f"{name}_count{{{label}}} {total}"]
