"""uv, told what this machine already told pip: indexes, wheels, certificates."""

from __future__ import annotations

import configparser
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import uv

#: What pip calls it in its configuration file -> what uv calls it in the environment. pip's own variables are the
#: same names in capitals, after `PIP_`.
_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "no-index": "UV_NO_INDEX",
}


def create_environment(python: str, target: Path, with_packages: bool = False) -> bool:
    """Make an environment for the interpreter `python` in `target`, empty or with what that interpreter has.

    Says what went wrong on standard output.
    """
    options = ["--system-site-packages"] if with_packages else []
    return _run("venv", "--quiet", "--python", python, *options, str(target))


def satisfies(python: Path, requirements: Path) -> bool:
    """Whether all that the file asks for is installed for the interpreter `python` already."""
    nowhere = {name: value for name, value in os.environ.items() if not name.startswith(("UV_", "PIP_"))}
    command = [uv.find_uv_bin(), "pip", "install", "--python", str(python), "--dry-run", "--offline", "--no-index"]
    words = ["--break-system-packages", "--no-cache", "-r", str(requirements)]
    return subprocess.run([*command, *words], env=nowhere, capture_output=True, check=False).returncode == 0


def install(python: Path, words: list[str], directory: Path) -> bool:
    """Install into the environment of `python`; its progress goes to standard output. False when it failed.

    `words` are what follows `uv pip install`; relative paths in them start in `directory`.
    """
    return _run("pip", "install", "--python", str(python), *words, directory=directory)


def settings(environment: Mapping[str, str], files: list[Path]) -> dict[str, str]:
    """Return variables for uv that say what pip's variables and configuration files say. uv's own win."""
    pip: dict[str, str] = {}
    for path in files:
        pip.update(_read(path))
    pip.update({name: environment[_variable(name)] for name in _NAMES if environment.get(_variable(name))})
    found = {_NAMES[name]: value if name == "cert" else _listed(name, value) for name, value in pip.items()}
    return {name: value for name, value in found.items() if not environment.get(name)}


def configuration_files(environment: Mapping[str, str]) -> list[Path]:
    """Return where pip looks for its configuration, later ones overriding earlier ones."""
    home = Path(environment.get("HOME", "/"))
    folder = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    files = [Path("/etc/pip.conf"), home / ".pip" / "pip.conf", folder / "pip" / "pip.conf"]
    files.append(Path(sys.prefix) / "pip.conf")
    named = environment.get("PIP_CONFIG_FILE")
    return [*files, Path(named)] if named else files


def _run(*words: str, directory: Path | None = None) -> bool:
    environment = {
        **os.environ,
        **settings(os.environ, configuration_files(os.environ)),
        "UV_NO_PROGRESS": "1",
        "UV_NO_EDITABLE": "1",  # the job's directory is gone when the next job uses the environment
        "UV_PYTHON_DOWNLOADS": "never",
    }
    sys.stdout.flush()
    command = [uv.find_uv_bin(), *words]
    done = subprocess.run(command, cwd=directory, env=environment, stderr=subprocess.STDOUT, check=False)
    return done.returncode == 0


def _variable(name: str) -> str:
    return "PIP_" + name.upper().replace("-", "_")


def _listed(name: str, value: str) -> str:
    """pip separates several values by white space; uv by white space too, but find-links by commas."""
    return ",".join(value.split()) if name == "find-links" else " ".join(value.split())


def _read(path: Path) -> Iterator[tuple[str, str]]:
    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError, OSError):
        return  # pip would complain; uv can do without
    for section in ("global", "install"):
        if parser.has_section(section):
            yield from ((name, value) for name, value in parser.items(section) if name in _NAMES and value)
