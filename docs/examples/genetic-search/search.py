"""Ten generations, each a job that takes up what the one before left."""

import os
import sys

os.environ["FOUNDATIONS_COMMAND_LINE"] = "True"
import foundations

GENERATIONS = int(sys.argv[1]) if len(sys.argv) > 1 else 10

parent = None
for generation in range(GENERATIONS):
    job = foundations.submit(command=["main.py"], params={"parent": parent, "seed": generation})
    if job.wait(timeout=600).value != "completed":
        raise SystemExit(job.logs())
    print(f"generation {generation}: fitness {job.metrics()['fitness']:.4f}")
    parent = job.job_id
