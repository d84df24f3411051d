"""A search in rounds: each looks closer where the jobs so far were best."""

import os
import sys

os.environ["FOUNDATIONS_COMMAND_LINE"] = "True"
import foundations
from foundations.search import Search, log_uniform

ROUNDS, JOBS = 3, int(sys.argv[1]) if len(sys.argv) > 1 else 4

low, high = 1e-4, 1.0
for number in range(ROUNDS):
    search = Search({"rate": log_uniform(low, high)}, name=f"round {number}")
    jobs = search.random(JOBS).submit(command=["main.py"]).wait(timeout=600)
    table = foundations.get_metrics_for_all_jobs(jobs.project)
    rates = table.sort_values("accuracy", ascending=False)["rate"].head(2)
    print(f"round {number}: from {low:.5f} to {high:.5f}, best so far {rates.iloc[0]:.5f}")
    low, high = rates.min() / 2, rates.max() * 2
