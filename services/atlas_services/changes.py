"""Which jobs a request has changed, where its address does not say it: a service tells the proxy, for the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, g

#: The header of an answer that tells it. It goes no further than to the proxy.
HEADER = "X-Atlas-Changed"
#: Jobs that are named; of more it is told how many there were.
MOST_NAMED = 100


@dataclass(frozen=True)
class Changed:
    """How many jobs were changed, and which: the first of them."""

    count: int
    named: tuple[str, ...]


def note_changed(job_ids: Sequence[str]) -> None:
    """Note which jobs the present request has changed."""
    g.changed = Changed(len(job_ids), tuple(job_ids[:MOST_NAMED]))


def tell(response: Response) -> Response:
    """Tell the proxy, if anything was noted. Ids of jobs hold neither spaces nor what a header cannot."""
    changed: Changed | None = g.get("changed")
    if changed is not None:
        response.headers[HEADER] = " ".join([str(changed.count), *changed.named])
    return response


def take(response: Response) -> Changed | None:
    """Return what a service told, and take it out of its answer."""
    words = response.headers.pop(HEADER, "").split()
    return Changed(int(words[0]), tuple(words[1:])) if words else None
