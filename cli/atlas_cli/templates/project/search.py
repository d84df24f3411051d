"""Train eight variants of the model as jobs, with parameters drawn at random, and find the best."""

import os
import random

os.environ["FOUNDATIONS_COMMAND_LINE"] = "True"  # this script starts jobs, it is none itself: say so before the import
import foundations  # noqa: E402

JOBS = 8


def draw():
    """Return one random choice of parameters; main.py has defaults for the others."""
    return {
        "hidden_units": random.choice([16, 32, 64, 128]),
        "learning_rate": round(10 ** random.uniform(-4, -1.5), 6),
        "batch_size": random.choice([16, 32, 64, 128]),
        "weight_decay": round(10 ** random.uniform(-6, -2), 7),
    }


def result(job, params):
    """Wait for a job and return its accuracy (None if it failed) with what belongs to it."""
    status = job.wait()
    return job.metrics().get("validation_accuracy"), job.job_id, status.value, params


choices = [draw() for _ in range(JOBS)]
jobs = [foundations.submit(scheduler_config="scheduler", command=["main.py"], params=choice) for choice in choices]
results = [result(job, choice) for job, choice in zip(jobs, choices)]
results.sort(key=lambda each: -1 if each[0] is None else each[0], reverse=True)

print(f"\n{'accuracy':>8}  {'hidden':>6}  {'rate':>9}  {'batch':>5}  {'decay':>10}  {'status':<9}  job")
for accuracy, name, status, params in results:
    shown = "-" if accuracy is None else f"{accuracy:.4f}"
    print(
        f"{shown:>8}  {params['hidden_units']:>6}  {params['learning_rate']:>9}  {params['batch_size']:>5}  "
        f"{params['weight_decay']:>10}  {status:<9}  {name}"
    )

accuracy, name, _, params = results[0]
if accuracy is None:
    raise SystemExit(f"No job has a result. Look at one: foundations get logs scheduler {name}")
print(f"\nBest: job {name} with a validation accuracy of {accuracy:.4f}\n      {params}")
