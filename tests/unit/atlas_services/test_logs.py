from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from atlas_core.settings import Settings
from atlas_services import logs, web
from atlas_services.logs import log_to_file


def test_a_line_of_a_request_names_it_and_others_name_none(tmp_path: Path) -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        log_to_file("test", tmp_path)
        app = web.new_app("test", Settings.from_environment({}), lambda: None)
        app.get("/fails")(lambda: str(1 / 0))
        answer = app.test_client().get("/fails", headers={"X-Request-Id": "r-1"})
        assert (answer.status_code, answer.get_json()["request_id"]) == (500, "r-1")
        logging.getLogger("atlas.test").warning("later")
    finally:
        for handler in set(root.handlers) - set(before[0]):
            handler.close()
        root.handlers[:], root.level = before
    lines = [json.loads(line) for line in (tmp_path / "test.log").read_text().splitlines()]
    about = [line for line in lines if line["logger"].startswith("atlas")]
    assert [line.get("request_id") for line in about] == ["r-1"] * (len(about) - 1) + [None]
    assert "ZeroDivisionError" in about[0]["exception"]


def test_a_log_is_no_longer_than_its_limit_and_a_few_older_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "_MAX_BYTES", 2000)
    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        log_to_file("test", tmp_path)
        for number in range(400):
            logging.getLogger("atlas.test").warning("line %d", number)
    finally:
        for handler in set(root.handlers) - set(before[0]):
            handler.close()
        root.handlers[:], root.level = before
    files = sorted(tmp_path.iterdir())
    assert len(files) > 1
    assert all(path.stat().st_size <= 2000 for path in files)
    assert "line 399" in (tmp_path / "test.log").read_text().splitlines()[-1]
