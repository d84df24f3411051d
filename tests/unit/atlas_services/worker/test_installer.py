"""uv does what pip was told."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from atlas_services.worker.installer import configuration_files, satisfies, settings


def test_pips_variables_become_uvs() -> None:
    environment = {
        "PIP_INDEX_URL": "https://index.example/simple",
        "PIP_EXTRA_INDEX_URL": "https://a.example  https://b.example",
        "PIP_FIND_LINKS": "/wheels /more",
        "PIP_CERT": "/ca.pem",
        "PIP_TRUSTED_HOST": "index.example",
    }
    assert settings(environment, []) == {
        "UV_DEFAULT_INDEX": "https://index.example/simple",
        "UV_INDEX": "https://a.example https://b.example",
        "UV_FIND_LINKS": "/wheels,/more",
        "SSL_CERT_FILE": "/ca.pem",
        "UV_INSECURE_HOST": "index.example",
    }


def test_what_uv_was_told_itself_wins() -> None:
    environment = {"PIP_INDEX_URL": "https://pip.example", "UV_DEFAULT_INDEX": "https://uv.example"}
    assert settings(environment, []) == {}


def test_later_files_override_earlier_ones_and_variables_all(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text("[global]\nindex-url = https://first.example/%20\ncert = /first.pem\n")
    second.write_text("[install]\nindex-url = https://second.example\ntimeout = 3\n")
    assert settings({"PIP_CERT": "/mine.pem"}, [first, second]) == {
        "UV_DEFAULT_INDEX": "https://second.example",
        "SSL_CERT_FILE": "/mine.pem",
    }


@pytest.mark.parametrize("content", [b"no section\n", b"\xff\xfe", b"[global]\nindex-url\n"])
def test_a_broken_file_is_passed_over(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "pip.conf").write_bytes(content)
    assert settings({}, [tmp_path / "pip.conf", tmp_path / "missing"]) == {}


def test_the_file_that_pip_was_told_of_comes_last() -> None:
    files = configuration_files({"HOME": "/home/ada", "PIP_CONFIG_FILE": "/mine.conf"})
    assert (files[-1], Path("/home/ada/.config/pip/pip.conf") in files) == (Path("/mine.conf"), True)


@pytest.mark.parametrize(
    ("requirements", "satisfied"),
    [
        ("requests>=2\nPyYAML\n", True),
        ("requests<1\n", False),
        ("requests\nno-such-package\n", False),
        ("no-such-package; python_version < '3'\n", True),
        ("this is no requirement\n", False),
    ],
)
def test_requirements_are_satisfied_by_what_is_installed(tmp_path: Path, requirements: str, satisfied: bool) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text(requirements)
    assert satisfies(Path(sys.executable), file) is satisfied
