"""The page's own headers: no script but ours runs in it, wherever it is served from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from atlas_services.auth_proxy import gui_files

_ROOT = Path(__file__).parents[4]


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html>")
    (tmp_path / "assets" / "a.js").write_text("1")
    monkeypatch.setattr(gui_files, "find_gui", lambda: tmp_path)
    app = Flask("page")
    app.register_blueprint(gui_files.gui_files(80))
    return app


@pytest.mark.parametrize("path", ["/", "/projects/x", "/assets/a.js"])
def test_the_page_and_its_files_come_with_the_headers(built: Flask, path: str) -> None:
    with built.test_client().get(path) as answer:
        assert answer.status_code == 200
        assert {name: answer.headers.get(name) for name in gui_files.HEADERS} == gui_files.HEADERS


def test_no_script_that_is_written_into_the_page_runs() -> None:
    policy = dict(part.strip().partition(" ")[::2] for part in gui_files.HEADERS["Content-Security-Policy"].split(";"))
    assert policy["script-src"] == "'self'"
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert [name for name, value in policy.items() if "unsafe" in value] == ["style-src"]
    page = (_ROOT / "gui" / "index.html").read_text()
    assert re.findall(r"<script(?![^>]* src=)", page) == []


def test_nginx_gives_the_same_headers_in_both_its_locations() -> None:
    text = (_ROOT / "gui" / "nginx.conf").read_text()
    for name, value in gui_files.HEADERS.items():
        assert text.count(f'add_header {name} "{value}" always;') == 2
