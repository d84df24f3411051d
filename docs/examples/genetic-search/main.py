"""One generation of a genetic search: takes up the population of the job before, and leaves the next one."""

import json
import random
from pathlib import Path

import foundations

WANTED = (1.0, -2.0, 3.0)
SIZE, PARENTS = 30, 8

params = {"parent": None, "seed": 0, **foundations.load_parameters(log_parameters=False)}
foundations.log_params(params)
random.seed(params["seed"])


def fitness(genes):
    """Return how close the genes are to what nobody told them."""
    return -sum((gene - wanted) ** 2 for gene, wanted in zip(genes, WANTED, strict=True))


def child(parents):
    """Return the genes of a child of two of them, slightly changed."""
    mother, father = random.sample(parents, 2)
    return [random.choice(pair) + random.gauss(0, 0.3) for pair in zip(mother, father, strict=True)]


# The directory begins with what the parent's job uploaded, and belongs to this job.
directory = foundations.create_syncable_directory("population", "population", source_job_id=params["parent"])
file = Path("population", "genes.json")
if file.exists():
    population = json.loads(file.read_text())
else:
    population = [[random.uniform(-5, 5) for _ in WANTED] for _ in range(SIZE)]

best = sorted(population, key=fitness, reverse=True)[:PARENTS]
foundations.log_metric("fitness", fitness(best[0]))
file.parent.mkdir(exist_ok=True)
file.write_text(json.dumps(best + [child(best) for _ in range(SIZE - PARENTS)]))
directory.upload()
print(f"best {fitness(best[0]):.4f} {best[0]}")
