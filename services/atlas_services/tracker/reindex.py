"""Bringing jobs into the index that were there before it: `python -m atlas_services.tracker.reindex`.

It may run beside everything else, more than once at a time, and be broken off. The services do it by themselves when
they find that the index is not whole.
"""

from __future__ import annotations

import sys

import redis

from atlas_core.settings import Settings
from atlas_services.tracker import keys, ordered
from atlas_services.tracker.connection import Client, Pipeline, connect
from atlas_services.tracker.index import metric_cells, value_cells
from atlas_services.tracker.index_scripts import ADD_TO_INDEX
from atlas_services.tracker.scripts import WRITE_IN_ORDER


def reindex(client: Client) -> int:
    """Bring every job into the index; returns how many there were."""
    count = 0
    for job_id, _ in client.zscan_iter(keys.JOBS):
        _add(client, job_id.decode())
        count += 1
    client.set(keys.INDEX_WHOLE, 1)
    return count


def _add(client: Client, job_id: str) -> None:
    """Write a job's row anew from what is stored of the job."""
    add, write = (client.register_script(script) for script in (ADD_TO_INDEX, WRITE_IN_ORDER))
    hashes = [keys.params(job_id), keys.tags(job_id), keys.metrics(job_id)]
    add(keys=[keys.job(job_id)])

    def step(pipe: Pipeline) -> None:
        project, row = pipe.hmget(keys.job(job_id), "project", keys.ROW)
        params, tags, metrics = (ordered.in_order(pipe.hgetall(key)) for key in hashes)
        pipe.multi()
        if row is None:  # it was deleted
            return
        cells = [*value_cells("p", params), *value_cells("t", tags), *metric_cells(metrics)]
        words = [word for cell in cells for word in (6, "INDEX", project, row, *cell)]
        write(keys=[], args=words, client=pipe)

    client.transaction(step, keys.job(job_id), *hashes)


def main() -> None:
    """Reindex the tracker that the settings name."""
    client = connect(Settings.from_environment().redis_url)
    try:
        count = reindex(client)
    except redis.exceptions.ConnectionError as error:
        sys.exit(f"Redis does not answer: {error}")
    sys.stderr.write(f"{count} jobs are in the index.\n")


if __name__ == "__main__":
    main()
