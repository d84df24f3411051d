"""The documentation says what is there: all of it, and nothing else."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import fields
from html import unescape
from importlib import import_module
from pathlib import Path
from types import ModuleType

import click
import pytest
import yaml
from flask import Flask

from atlas_cli.lazy_group import LazyGroup
from atlas_cli.main import foundations as foundations_command
from atlas_cli.server import atlas_server
from atlas_core import config, job_config
from atlas_core.errors import BY_CODE
from atlas_core.settings import Settings
from atlas_core.states import Cause, JobStatus
from atlas_services.archive_server.app import make_app as archive_app
from atlas_services.auth_proxy.app import make_app as proxy_app
from atlas_services.auth_proxy.routes import ROUTES, Service
from atlas_services.rest_api.app import make_app as rest_app
from atlas_services.scheduler.app import Scheduler
from atlas_services.tensorboard_api.app import TensorBoardApi
from foundations import submission
from foundations.deployment import Deployment

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
REFERENCE = DOCS / "reference"

_LINK = re.compile(r"(?<!!)\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CODE_SPAN = re.compile(r"`([^`\n]+)`")
_ROUTE = re.compile(r"(GET|HEAD|POST|PUT|PATCH|DELETE) (/\S*)")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")

#: What reads a variable: the word before it, in an expression such as `os.environ["X"]` or `_read(env, "X", int, 0)`.
_MAPPINGS = {"env", "environ", "environment"}
#: Functions that read the variable that they are given first.
_READERS = {"chosen_number", "limit_in_gigabytes"}
#: Of the operating system or of the web server, not of ours: shown where they matter, with nothing to set.
_NOT_SETTINGS = {"PATH", "RAW_URI", "REQUEST_URI", "SERVER_PORT"}
#: What `installer.py` makes of the names of pip's settings.
_PIP = {f"PIP_{name}" for name in ("INDEX_URL", "EXTRA_INDEX_URL", "FIND_LINKS", "TRUSTED_HOST", "CERT", "NO_INDEX")}
#: Passed on by the proxy for services to come.
_LATER = re.compile(r"^(POST|DELETE) /workers")
_TITLES = {
    Service.SCHEDULER: "Scheduler",
    Service.REST_API: "REST API",
    Service.ARCHIVE: "Archive",
    Service.TENSORBOARD: "TensorBoard",
}
_HEALTH = {"GET /healthz", "GET /readyz", "GET /metrics"}


def text_of(name: str) -> str:
    return (REFERENCE / name).read_text()


def section(text: str, title: str) -> str:
    """Return what stands below a heading of the second level."""
    return text.split(f"\n## {title}\n")[1].split("\n## ")[0]


def code_spans(text: str) -> set[str]:
    return set(_CODE_SPAN.findall(_FENCE.sub("", text)))


def python_blocks() -> list[tuple[str, str]]:
    found = [
        (f"{page.relative_to(ROOT)}-{number}", block)
        for page in PAGES
        for number, (language, block) in enumerate(_FENCE.findall(page.read_text()), start=1)
        if language == "python"
    ]
    assert len(found) > 20
    return found


# Links


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as both GitHub and the built pages make them."""
    titles = re.findall(r"^#+ (.+)$", _FENCE.sub("", page.read_text()), re.MULTILINE)
    words = [re.sub(r"[^\w\s-]", "", unescape(title.replace("\\", "")).lower()).strip() for title in titles]
    return {re.sub(r"\s", "-", word) for word in words}


def broken(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    return not target.exists() or bool(anchor and anchor not in anchors(target))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"^ {4}.*$", "", _FENCE.sub("", page.read_text()), flags=re.MULTILINE)
    links = [link for link in _LINK.findall(text) if not re.match(r"[a-z]+:", link)]
    assert [link for link in links if broken(page, link)] == []


def test_a_broken_link_is_noticed() -> None:
    page = DOCS / "index.md"
    assert broken(page, "nowhere.md")
    assert broken(page, "architecture.md#nowhere")
    assert not broken(page, "architecture.md#the-journal-and-exactly-once")


def test_every_page_stands_in_the_navigation() -> None:
    listed = set(re.findall(r"[\w/.-]+\.md", (ROOT / "mkdocs.yml").read_text()))
    assert listed == {str(page.relative_to(DOCS)) for page in PAGES[1:]}


# Code


@pytest.mark.parametrize(("name", "block"), python_blocks(), ids=lambda value: value if "\n" not in value else "")
def test_python_code_compiles(name: str, block: str) -> None:
    compile(block, name, "exec", dont_inherit=True)


def test_yaml_and_json_in_the_pages_can_be_read() -> None:
    blocks = [found for page in PAGES for found in _FENCE.findall(page.read_text()) if found[0] in {"yaml", "json"}]
    assert blocks
    assert all(isinstance(yaml.safe_load(block), dict) for _, block in blocks)


# Settings


def sources() -> list[Path]:
    folders = ("sdk", "cli", "services")
    return [path for each in folders for path in (ROOT / each).rglob("*.py") if "templates" not in path.parts]


def variables_read(path: Path) -> Iterator[str]:
    """Yield each environment variable that a module reads: by subscript, by a method, or through a function."""
    tree = ast.parse(path.read_text())
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and _names(node.value) & _MAPPINGS:
            words: list[ast.expr] = [node.slice]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
            words = node.args[:1] if _names(node.func.value) & _MAPPINGS else []
        elif isinstance(node, ast.Call) and node.args and _names(node.args[0]) & _MAPPINGS:
            words = node.args[1:2]
        elif isinstance(node, ast.Call) and _names(node.func) & _READERS:
            words = node.args[:1]
        else:
            continue
        for word in words:
            name = word.value if isinstance(word, ast.Constant) else constants.get(getattr(word, "id", ""))
            if isinstance(name, str) and _VARIABLE.fullmatch(name):
                yield name


def _names(node: ast.expr) -> set[str]:
    """Return the last name of an expression, such as `environ` of `os.environ`."""
    return {node.id} if isinstance(node, ast.Name) else {node.attr} if isinstance(node, ast.Attribute) else set()


def all_variables() -> set[str]:
    found = {name for path in sources() for name in variables_read(path)}
    assert {"NUM_WORKERS", "FOUNDATIONS_PARENT_RUN", "ATLAS_HOST", "NO_COLOR"} <= found
    return (found | _PIP) - _NOT_SETTINGS


def documented_variables() -> set[str]:
    return {span for span in code_spans(text_of("settings.md")) if _VARIABLE.fullmatch(span) and "_" in span} | {
        span for span in code_spans(text_of("settings.md")) if span == "HOME"
    }


def test_every_environment_variable_that_is_read_is_documented() -> None:
    assert sorted(all_variables() - documented_variables()) == []


def test_every_documented_variable_is_read() -> None:
    assert sorted(documented_variables() - all_variables()) == []


def test_every_field_of_the_settings_names_its_variable() -> None:
    documented = code_spans(section(text_of("settings.md"), "Of the servers").split("### Fields")[1])
    assert {span for span in documented if span.islower()} == {field.name for field in fields(Settings)}


def test_every_key_of_a_job_configuration_is_documented() -> None:
    spans = code_spans(text_of("job-config.md"))
    wanted = {*job_config._KEYS, *(f"worker.{name}" for name in job_config._WORKER_KEYS)} - {"worker"}
    assert sorted(wanted - spans) == []
    assert {"server_url", "log_level"} < set(config.ExecutionConfig.KEYS)


# Python


def test_every_public_name_has_a_heading_and_a_signature_that_is_right() -> None:
    foundations = import_module("foundations")
    text = text_of("python.md").replace("\\_", "_")
    missing = [name for name in foundations.__all__ if f"\n### {name}\n" not in text]
    assert missing == []
    assert set(re.findall(r"^### (\w+)$", text, re.MULTILINE)) == set(foundations.__all__)


def test_every_signature_is_that_of_the_code() -> None:
    foundations = import_module("foundations")
    shown = dict(documented_signatures())
    actual = {
        name: signature(foundations, name)
        for name in foundations.__all__
        if name not in {"Deployment", "Search", "SyncableDirectory", "__version__"}
    }
    assert shown == actual


def documented_signatures() -> Iterator[tuple[str, list[tuple[str, object]]]]:
    for language, block in _FENCE.findall(text_of("python.md")):
        definition = ast.parse(block).body[-1] if language == "python" else None
        if isinstance(definition, ast.FunctionDef):
            names = [argument.arg for argument in definition.args.args]
            defaults = [ast.literal_eval(default) for default in definition.args.defaults]
            required: list[object] = [inspect.Parameter.empty] * (len(names) - len(defaults))
            pairs = list(zip(names, [*required, *defaults], strict=True))
            keywords = definition.args.kwarg
            yield definition.name, pairs + ([(keywords.arg, inspect.Parameter.empty)] if keywords else [])


def signature(module: ModuleType, name: str) -> list[tuple[str, object]]:
    parameters = inspect.signature(getattr(module, name)).parameters.values()
    return [(parameter.name, parameter.default) for parameter in parameters]


def test_every_argument_of_submit_is_documented() -> None:
    rows = text_of("python.md").split("\n### submit\n")[1].split("\n### ")[0]
    documented = {
        name for first in re.findall(r"^\| (`.+?`) \|", rows, re.MULTILINE) for name in _CODE_SPAN.findall(first)
    }
    assert documented == {field.name for field in fields(submission._Request)}


def test_every_method_of_a_deployment_is_documented() -> None:
    documented = {span.partition("(")[0] for span in code_spans(text_of("python.md")) if "(" in span}
    methods = {name for name, _ in inspect.getmembers(Deployment, inspect.isfunction) if not name.startswith("_")}
    assert sorted(methods - documented) == []


# Command line


def commands(group: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """Yield every command below `group`, by the words with which it is called."""
    yield path, group
    if isinstance(group, click.Group):
        context = click.Context(group)
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            yield from commands(command, f"{path} {name}")


COMMANDS = [*commands(foundations_command, "foundations"), *commands(atlas_server, "atlas-server")]
LEAVES = [(path, command) for path, command in COMMANDS if not isinstance(command, LazyGroup)]


@pytest.mark.parametrize(("path", "command"), LEAVES, ids=[path for path, _ in LEAVES])
def test_every_command_is_documented_with_its_options(path: str, command: click.Command) -> None:
    text = text_of("cli.md")
    assert f"\n### {path}\n" in text
    described = section(text, "What all commands share") + text.split(f"\n### {path}\n")[1].split("\n##")[0]
    options = [option for option in command.params if isinstance(option, click.Option)]
    assert [option.opts[0] for option in options if not any(name in described for name in option.opts)] == []


def test_every_documented_command_exists() -> None:
    headings = re.findall(r"^### (.+)$", text_of("cli.md"), re.MULTILINE)
    assert sorted(headings) == sorted(path for path, _ in LEAVES)


# HTTP


def settings(home: Path) -> Settings:
    return Settings.from_environment({"FOUNDATIONS_HOME": str(home), "ATLAS_REDIS_URL": "redis://127.0.0.1:1/0"})


def routes_of(app: Flask) -> set[str]:
    """Return the routes of a service that are its own, without converters; HEAD where it is no shadow of GET."""
    found: set[str] = set()
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<\w+:", "<", rule.rule)
        methods = (rule.methods or set()) - {"OPTIONS"}
        found.update(f"{method} {path}" for method in methods if method != "HEAD" or "GET" not in methods)
    return found - _HEALTH


def documented_routes(title: str) -> set[str]:
    spans = code_spans(section(text_of("http.md"), title))
    return {span for span in spans if _ROUTE.fullmatch(span) and "|" not in span}


def test_the_routes_of_the_scheduler_are_documented(tmp_path: Path) -> None:
    assert documented_routes("Scheduler") == routes_of(Scheduler(settings(tmp_path)).app())


def test_the_routes_of_the_rest_api_are_documented(tmp_path: Path) -> None:
    assert documented_routes("REST API") == routes_of(rest_app(settings(tmp_path)))


def test_the_routes_of_the_archive_are_documented(tmp_path: Path) -> None:
    assert documented_routes("Archive") == routes_of(archive_app(settings(tmp_path)))


def test_the_routes_of_tensorboard_are_documented(tmp_path: Path) -> None:
    assert documented_routes("TensorBoard") == routes_of(TensorBoardApi(settings(tmp_path)).app())


def test_the_routes_of_the_proxy_itself_are_documented(tmp_path: Path) -> None:
    own = {route for route in routes_of(proxy_app(settings(tmp_path))) if "<path>" not in route}
    assert documented_routes("Proxy") == own


def test_the_routes_of_every_service_are_documented() -> None:
    assert documented_routes("Every service") == _HEALTH


@pytest.mark.parametrize("service", ROUTES, ids=lambda service: service.value)
def test_what_passes_the_proxy_is_documented(service: Service) -> None:
    documented = {re.sub(r"<\w+>", "<>", route) for route in documented_routes(_TITLES[service])}
    documented |= {route.replace("HEAD ", "GET ") for route in documented}
    passed = {
        re.sub(r"<[\w:]+>", "<>", f"{method} {pattern}")
        for pattern, methods in ROUTES[service]
        for method in methods.split()
    }
    assert sorted(route for route in passed - documented if not _LATER.search(route)) == []


def test_every_code_of_an_error_is_documented_with_its_status() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d{3}) \|", section(text_of("http.md"), "Errors"), re.MULTILINE)
    assert {code: int(status) for code, status in rows} == {code: kind.status for code, kind in BY_CODE.items()}


def test_every_state_and_cause_is_explained() -> None:
    spans = code_spans((DOCS / "index.md").read_text())
    assert sorted({each.value for each in (*JobStatus, *Cause)} - spans) == []
