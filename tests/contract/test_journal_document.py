"""What is written about the journal, for those who write a client of their own, is true."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from jsonschema import Draft202012Validator
from tests.redis_server import free_port
from werkzeug.serving import make_server

from atlas_core.records import operation_frame
from atlas_core.settings import Settings
from atlas_services.rest_api.app import make_app
from atlas_services.rest_api.journal_schema import OPERATIONS
from atlas_services.tracker.batch import read_batch

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "journal.md").read_text()
#: A body of each operation, as clients send it.
BODIES: dict[str, dict[str, Any]] = {
    "start": {"project": "p", "user": "ann", "time": 1.0, "host": "h", "pid": 1, "argv": ["a.py"], "more": {}},
    "param": {"name": "rate", "value": {"$float": "nan"}},
    "metric": {"name": "word", "value": "text", "time": 1.0, "step": 3},
    "tag": {"key": "k", "value": None},
    "project": {"name": "q"},
    "artifact": {"key": "a", "filename": "a.png", "path": "user_artifacts/a.png", "size": 1, "kind": "image"},
    "facts": {"git": {"commit": "c"}},
    "error": {"type": "E", "message": "m", "traceback": "t", "frame": None},
    "end": {"status": "failed", "exit_code": 1, "cause": "user_code", "time": 2.0},
}


@pytest.fixture
def port(redis_url: str) -> Iterator[int]:
    """The port of a REST API."""
    nobody = f"http://127.0.0.1:{free_port()}"
    services = {"ATLAS_SCHEDULER_URL": nobody, "ATLAS_ARCHIVE_URL": nobody}
    app = make_app(
        Settings.from_environment({"ATLAS_REDIS_URL": redis_url, "FOUNDATIONS_HOME": "/nowhere", **services})
    )
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_client_of_the_page_logs_a_job(port: int, tmp_path: Path) -> None:
    found = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert found
    code = found[1].replace('"127.0.0.1", 5558', f'"127.0.0.1", {port}')
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    job = requests.get(f"http://127.0.0.1:{port}/api/v3/jobs/{done.stdout.strip()}", timeout=20).json()
    assert (job["project"], job["user"], job["status"], job["parameters"]) == (
        "elsewhere",
        "ann",
        "completed",
        {"rate": 0.1},
    )
    assert (job["metrics"]["loss"]["count"], job["metrics"]["loss"]["last"]) == (100, 0.01)


def test_the_page_has_every_operation_with_every_member() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", PAGE.partition("| --- | --- | --- |")[2], re.MULTILINE))
    assert set(rows) == set(OPERATIONS)
    for op, schema in OPERATIONS.items():
        assert set(schema["properties"]) - {"op"} <= set(re.findall(r"`(\w+)`", rows[op])), op
        required = set(re.findall(r"`(\w+)`", rows[op].partition(";")[0]))
        assert set(schema["required"]) - {"op"} <= required, op


@pytest.mark.parametrize("op", OPERATIONS)
def test_an_operation_as_its_schema_says_is_taken(op: str) -> None:
    body = {"op": op, **BODIES[op]}
    assert list(Draft202012Validator(json.loads(json.dumps(OPERATIONS[op]))).iter_errors(body)) == []
    read_batch(operation_frame(op, **BODIES[op]), 0)


def test_the_schemas_are_in_the_document(port: int) -> None:
    document = requests.get(f"http://127.0.0.1:{port}/openapi.json", timeout=20).json()
    shown = document["components"]["schemas"]["JournalOperation"]["anyOf"]
    assert {each["properties"]["op"]["enum"][0] for each in shown} == set(OPERATIONS)
