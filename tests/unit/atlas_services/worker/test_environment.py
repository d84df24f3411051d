"""The Python environments of jobs: real ones, from wheels made on the spot."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.atlas_services.worker.wheels import write_wheel

from atlas_services.worker import environment
from atlas_services.worker.environment import Place

_RULE = "=" * 120


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of wheels; nothing else can be installed, and the SDK's needs count as met."""
    directory = tmp_path / "wheels"
    directory.mkdir()
    write_wheel(directory, "digits")
    monkeypatch.setenv("PIP_FIND_LINKS", str(directory))
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(environment, "SDK_NEEDS", ("digits",))
    return directory


def job(tmp_path: Path, requirements: str, name: str = "job") -> Path:
    source = tmp_path / name / "job_source"
    source.mkdir(parents=True)
    (source / "requirements.txt").write_text(requirements)
    return source.parent


def interpreter(work: Path) -> str:
    return (work / "interpreter").read_text().strip()


@pytest.mark.usefixtures("wheels")
def test_only_the_requirements_are_there(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    work = job(tmp_path, "digits==1.0\n")
    environment.main(work, Place(tmp_path / "environments"))
    assert capfd.readouterr().out.startswith(f"{_RULE}\nINFO: Installing user requirements...\n{_RULE}\n")
    code = "import digits, importlib.util as u; print(digits.VERSION, u.find_spec('flask'))"
    done = subprocess.run([interpreter(work), "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "1.0 None\n"
    assert not (work / "dependencies_failed").exists()


@pytest.mark.usefixtures("wheels")
def test_the_second_job_with_the_same_file_installs_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    first, second = job(tmp_path, "digits\n", "first"), job(tmp_path, "digits\n", "second")
    environment.main(first, Place(tmp_path / "environments"))
    (complete,) = (tmp_path / "environments").glob("*/.complete")
    os.utime(complete, (1.0, 1.0))
    capfd.readouterr()
    environment.main(second, Place(tmp_path / "environments"))
    assert "INFO: Installed already: digits\n" in capfd.readouterr().out
    assert interpreter(first) == interpreter(second)
    assert complete.stat().st_mtime > 1.0  # it counts as used


def test_jobs_that_come_together_install_once(tmp_path: Path, wheels: Path) -> None:
    works = [job(tmp_path, "digits\n", f"job-{number}") for number in range(4)]
    code = (
        "import sys, pathlib; from atlas_services.worker import environment; environment.SDK_NEEDS = ('digits',);"
        "environment.main(pathlib.Path(sys.argv[1]), environment.Place(pathlib.Path(sys.argv[2])))"
    )
    command = [sys.executable, "-c", code]
    processes = [
        subprocess.Popen([*command, str(work), str(tmp_path / "environments")], stdout=subprocess.PIPE, text=True)
        for work in works
    ]
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert sum(" + digits==1.0" in output for output in outputs) == 1
    assert len({interpreter(work) for work in works}) == 1


@pytest.mark.usefixtures("wheels")
def test_what_cannot_be_installed_does_not_keep_the_job(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    work = job(tmp_path, "no-such-package\n")
    environment.main(work, Place(tmp_path / "environments"))
    output = capfd.readouterr().out
    assert "no-such-package was not found" in output
    assert "\nERROR: requirements.txt could not be installed (see above); the job goes on" in output
    assert (work / "dependencies_failed").exists()
    subprocess.run([interpreter(work), "-c", "import digits"], check=True)


def test_without_even_the_needs_of_the_sdk_the_servers_own_interpreter_is_used(
    tmp_path: Path, wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "SDK_NEEDS", ("no-such-package",))
    work = job(tmp_path, "digits\n")
    environment.main(work, Place(tmp_path / "environments"))
    assert interpreter(work) == sys.executable


@pytest.mark.usefixtures("wheels")
def test_half_an_environment_is_built_anew(tmp_path: Path) -> None:
    half = tmp_path / "environments" / environment.key("digits\n")
    (half / "bin").mkdir(parents=True)
    work = job(tmp_path, "digits\n")
    environment.main(work, Place(tmp_path / "environments"))
    subprocess.run([interpreter(work), "-c", "import digits"], check=True)


@pytest.mark.usefixtures("wheels")
def test_files_of_the_project_count_where_the_requirements_name_them(tmp_path: Path) -> None:
    first, second = job(tmp_path, "-r more.txt\n", "first"), job(tmp_path, "-r more.txt\n", "second")
    (first / "job_source" / "more.txt").write_text("digits\n")
    (second / "job_source" / "more.txt").write_text("digits==1.0\n")
    for work in (first, second):
        environment.main(work, Place(tmp_path / "environments"))
        assert not (work / "dependencies_failed").exists()
    assert interpreter(first) != interpreter(second)


@pytest.mark.parametrize(
    ("line", "local"),
    [
        ("numpy==1.26", False),
        ("torch>=2; python_version > '3'", False),
        ("-r more.txt", True),
        ("  --requirement more.txt", True),
        ("-e .", True),
        ("./package", True),
        ("package @ file:///package", True),
        ("wheels/package-1.0-py3-none-any.whl", True),
        ("package @ git+https://example.com/package", False),
    ],
)
def test_requirements_are_local_when_they_name_files(line: str, local: bool) -> None:
    assert environment.is_local(f"numpy\n{line}\n") is local


def test_in_an_image_nothing_is_installed_that_it_has_already(
    tmp_path: Path, wheels: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    work = job(tmp_path, "# what every image has\nrequests>=2\n")
    environment.main(work, Place(tmp_path / "environments", with_image=True))
    assert interpreter(work) == sys.executable
    assert "INFO: In the image already: requests>=2\n" in capfd.readouterr().out
    assert not (tmp_path / "environments").exists()


@pytest.mark.usefixtures("wheels")
def test_in_an_image_the_rest_is_installed_beside_its_packages(tmp_path: Path) -> None:
    work = job(tmp_path, "digits\n")
    environment.main(work, Place(tmp_path / "environments", with_image=True))
    directory = Path(interpreter(work)).parents[1]
    assert "include-system-site-packages = true" in (directory / "pyvenv.cfg").read_text()
    subprocess.run([interpreter(work), "-c", "import digits"], check=True)


@pytest.mark.usefixtures("wheels")
def test_in_an_image_a_failed_installation_leaves_the_images_own_packages(tmp_path: Path) -> None:
    work = job(tmp_path, "no-such-package\n")
    environment.main(work, Place(tmp_path / "environments", with_image=True))
    assert interpreter(work) == sys.executable
    assert (work / "dependencies_failed").exists()


def test_an_environment_belongs_to_the_packages_of_its_image(tmp_path: Path) -> None:
    packages = Place(tmp_path, with_image=True).packages
    assert any(line.startswith("requests==") for line in packages)
    assert environment.key("digits\n", None, packages) != environment.key("digits\n", None, packages[1:])
    assert Place(tmp_path).packages == []
