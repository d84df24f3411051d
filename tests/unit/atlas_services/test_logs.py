from __future__ import annotations

import json
import logging
from pathlib import Path

from atlas_core.settings import Settings
from atlas_services import web
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
