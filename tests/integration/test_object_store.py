"""The files of ended jobs in an object store, with the real stack and an S3 server that speaks HTTP."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import requests
from tests.integration.stack import eventually, running_stack
from tests.s3_server import s3_bucket

from atlas_core.client import Connection

pytestmark = [
    pytest.mark.stack,
    pytest.mark.timeout(240),
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning"),
]

SCRIPT = """
import pathlib
import foundations
print("hello", flush=True)
pathlib.Path("model").write_bytes(bytes(range(256)) * 4000)
foundations.save_artifact("model")
for step in range(300):
    foundations.log_metric("loss", float(step), step=step)
"""


def test_files_move_to_the_store_and_are_served_from_there(tmp_path: Path) -> None:
    folder = tmp_path / "stored"
    folder.mkdir()
    (folder / "train.py").write_text(SCRIPT)
    with s3_bucket() as bucket:
        variables = {**bucket.variables, "ATLAS_ARCHIVE_STORE": bucket.url, "ATLAS_SEAL_MINUTES": "0.01"}
        with running_stack(tmp_path / "home", None, **variables) as stack:
            ended = stack.python("train.py", cwd=folder)
            assert (ended.returncode, ended.stderr) == (0, "")
            (job,) = stack.rest.job_listing("stored")["jobs"]
            job_id = job["job_id"]
            directory = stack.home / "job_data" / "archive" / job_id
            eventually(lambda: f"archive/{job_id}/user_artifacts/model" in bucket.names(), 90.0)
            eventually(lambda: not directory.exists(), 90.0)

            url, content = f"{stack.url}/archive/{job_id}", bytes(range(256)) * 4000
            whole = requests.get(f"{url}/user_artifacts/model", timeout=60)
            assert (whole.status_code, whole.content) == (200, content)
            part = requests.get(f"{url}/user_artifacts/model", headers={"Range": "bytes=1000-1999"}, timeout=60)
            assert (part.status_code, part.content) == (206, content[1000:2000])
            assert part.headers["Content-Range"] == f"bytes 1000-1999/{len(content)}"
            beyond = requests.get(f"{url}/user_artifacts/model", headers={"Range": "bytes=9999999-"}, timeout=60)
            assert beyond.status_code == 416
            same = {"If-None-Match": whole.headers["ETag"]}
            assert requests.get(f"{url}/user_artifacts/model", headers=same, timeout=60).status_code == 304
            names = [entry["name"] for entry in requests.get(f"{url}/", timeout=60).json()]
            assert {"logs", "metrics.parquet", "user_artifacts"} <= set(names)
            with zipfile.ZipFile(io.BytesIO(requests.get(f"{url}/?format=zip", timeout=60).content)) as packed:
                assert packed.read("user_artifacts/model") == content
            assert requests.get(f"{url}/user_artifacts/none", timeout=60).status_code == 404
            with stack.scheduler.log_stream(job_id, follow=False) as chunks:
                assert b"".join(chunks) == b"hello\n"
            series = Connection(stack.url).ask(dict, "GET", f"/api/v3/jobs/{job_id}/series/loss")
            assert series["values"] == [float(step) for step in range(300)]

            answer = requests.delete(f"{stack.url}/api/v2beta/projects/stored/job_listing/{job_id}", timeout=60)
            assert answer.status_code == 200, answer.text
            assert bucket.names() == []
