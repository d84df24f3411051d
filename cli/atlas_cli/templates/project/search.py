"""Train eight variants of the model as jobs, with parameters drawn at random, and find the best."""

import os

os.environ["FOUNDATIONS_COMMAND_LINE"] = "True"  # this script starts jobs, it is none itself: say so before the import
import foundations  # noqa: E402
from foundations.search import choice, log_uniform  # noqa: E402

JOBS = 8
METRIC = "validation_accuracy"

# What each job may get; main.py has defaults for the other parameters.
SPACE = {
    "hidden_units": choice([16, 32, 64, 128]),
    "learning_rate": log_uniform(1e-4, 3e-2),
    "batch_size": choice([16, 32, 64, 128]),
    "weight_decay": log_uniform(1e-6, 1e-2),
}

jobs = foundations.Search(SPACE).random(JOBS).submit(scheduler_config="scheduler", command=["main.py"]).wait()

print(f"\n{'accuracy':>8}  status     parameters")
for trial in sorted(jobs, key=lambda each: each.metrics.get(METRIC, -1), reverse=True):
    print(f"{trial.metrics.get(METRIC, float('nan')):8.4f}  {trial.status.value:<9}  {trial.params}")

try:
    best = jobs.best(METRIC)
except KeyError:
    raise SystemExit(f"No job has a result. Look at one: foundations get logs scheduler {jobs[0].job.job_id}") from None
print(f"\nBest: job {best.job.job_id} with a validation accuracy of {best.metrics[METRIC]:.4f}\n      {best.params}")
