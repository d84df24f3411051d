"""Bundles in the form of the original."""

from __future__ import annotations

import io
import os
import tarfile
import tempfile
from pathlib import Path

import pytest
import requests
from flask import Flask

from atlas_services.scheduler.bundle_routes import bundle_routes
from atlas_services.scheduler.bundles import BundleStore


def test_a_large_form_lies_beside_the_bundles_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        member = tarfile.TarInfo("job-1/job_source/weights")
        member.size = 2 * 1024 * 1024
        tar.addfile(member, io.BytesIO(os.urandom(member.size)))
    form = {"job_bundle": ("job-1.tgz", content.getvalue())}
    sent = requests.Request("POST", "http://localhost/job_bundle", files=form).prepare()
    bundles = BundleStore(tmp_path / "bundles", 10**8, 10**8)
    app = Flask("test")
    app.register_blueprint(bundle_routes(bundles, 10**8))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "no such directory"))
    answer = app.test_client().post("/job_bundle", data=sent.body, content_type=sent.headers["Content-Type"])
    assert (answer.status_code, answer.text) == (200, "Job bundle uploaded")
    assert bundles.holds("job-1")
    assert list((tmp_path / "bundles" / ".incoming").iterdir()) == []
