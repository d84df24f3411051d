"""The queries of a table of runs, asked of MLflow, trackio and Aim: each in an environment of its own, at its own best.

They are asked in their own process, without a server or a network between, and of far fewer runs than ours.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path

from tests.benchmarks.bench_peers import Library, interpreter

#: Runs that each is given, with as many parameters and metrics as ours; and times that each query is asked.
RUNS, NAMES, REPEATS = 100, 20, 7

_PROGRAM = f"""
import json, os, random, time
chance = random.Random(1)
{{begin}}
for number in range({RUNS}):
    params = {{{{f"p{{{{index}}}}": chance.random() for index in range({NAMES})}}}}
    metrics = {{{{f"m{{{{index}}}}": chance.random() for index in range({NAMES})}}}}
    {{log}}
{{end}}
def median(ask):
    times = []
    for _ in range({REPEATS}):
        began = time.perf_counter()
        ask()
        times.append((time.perf_counter() - began) * 1000)
    return sorted(times)[{REPEATS} // 2]
queries = {{{{{{asked}}}}}}
with open(os.environ["RESULT"], "w") as file:
    json.dump({{{{name: median(ask) for name, ask in queries.items()}}}}, file)
"""

#: What each is asked, by the names of our queries: words of its own, as `Library.log` are those for one run.
_ASKED = {
    "mlflow": """
    "newest 100": lambda: client.search_runs([bench], max_results=100),
    "filter on metric and parameter": lambda: client.search_runs(
        [bench], "metrics.m3 > 0.5 and params.p2 LIKE '0.1%'", max_results=100),
    "order by a metric": lambda: client.search_runs([bench], order_by=["metrics.m7 DESC"], max_results=100),
""",
    "trackio": """
    "newest 100": lambda: [
        (run.config, SQLiteStorage.get_logs("bench", run.name, run_id=run.id))
        for run in list(trackio.Api().runs("bench"))[-100:]],
""",
    "aim": """
    "newest 100": lambda: [shown(each.run) for each in islice(repo.query_runs("").iter_runs(), 100)],
    "filter on metric and parameter": lambda: [
        shown(each.run) for each in repo.query_runs("run.params['p2'] < 0.5 and run.last['m3'] > 0.5").iter_runs()],
""",
}
PEERS = {
    "mlflow": Library(
        "mlflow==3.17.2",
        "import mlflow; from mlflow.entities import Metric, Param; mlflow.set_tracking_uri('sqlite:///mlflow.db'); "
        "client = mlflow.MlflowClient(); bench = client.create_experiment('bench')",
        "run = client.create_run(bench).info.run_id; client.log_batch(run, "
        "[Metric(name, value, 1, 1) for name, value in metrics.items()], "
        "[Param(name, str(value)) for name, value in params.items()]); client.set_terminated(run)",
        "",
    ),
    "trackio": Library(
        "trackio==0.43.0",
        "import trackio; from trackio.sqlite_storage import SQLiteStorage",
        "trackio.init(project='bench', name=str(number), config=params, embed=False); trackio.log(metrics); "
        "trackio.finish()",
        "",
    ),
    "aim": Library(
        "aim==3.29.1",
        "from itertools import islice; from aim import Repo, Run; Repo.from_path('.', init=True)",
        "run = Run(repo='.', system_tracking_interval=None, log_system_params=False); "
        "run['params'] = params; run['last'] = metrics; run.close()",
        "repo = Repo('.'); shown = lambda run: (run.get('params'), run.get('last'))",
    ),
}


def ask_peers(ours: dict[str, float]) -> None:
    """Print the median milliseconds of each peer's answers, and how many times ours they are."""
    for name, peer in PEERS.items():
        try:
            measured = _ask(name, peer)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            words = (error.stderr or b"").decode(errors="replace").strip().splitlines()
            print(f"{name}: could not be installed or asked here: {words[-1] if words else error}")
            continue
        for query, took in measured.items():
            print(f"{peer.requirement:16} {query:32} {took:8.1f} ms of {RUNS} runs ({took / ours[query]:6.1f} x ours)")


def _ask(name: str, peer: Library) -> dict[str, float]:
    program = _PROGRAM.format(begin=peer.begin, log=peer.log, end=peer.end, asked=_ASKED[name])
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder, "result.json")
        homes = dict.fromkeys(("HOME", "HF_HOME", "TRACKIO_DIR"), folder)
        environment = {**os.environ, **homes, "RESULT": str(result)}
        command = [interpreter(name, peer), "-c", program]
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, timeout=300)
        measured: dict[str, float] = json.loads(result.read_text())
        return measured
