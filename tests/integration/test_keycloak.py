"""The whole stack with a real Keycloak: people log in with passwords, codes and browsers, and their roles count."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
import yaml
from playwright.sync_api import Page, sync_playwright
from tests.integration.stack import RunningStack, clean_environment, eventually, free_port_base, running_stack
from tests.keycloak import Keycloak, running_keycloak
from tests.redis_server import require

pytestmark = [pytest.mark.docker, pytest.mark.stack, pytest.mark.timeout(1800)]

PASSWORD = "a long password"


@dataclass
class Installation:
    """A stack whose users come from a Keycloak."""

    stack: RunningStack
    keycloak: Keycloak

    def home_of(self, user: str) -> Path:
        """Return the home of a user's own machine."""
        home = self.stack.home.parent / user
        config = home / "config" / "submission" / "scheduler.config.yaml"
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(f"scheduler_url: {self.stack.url}\n")
        execution = home / "config" / "execution" / "default.config.yaml"
        execution.parent.mkdir(parents=True, exist_ok=True)
        execution.write_text(f"server_url: {self.stack.url}\n")
        return home

    def start(self, user: str, *words: str) -> subprocess.Popen[str]:
        """Start `foundations` on a user's machine."""
        home = self.home_of(user)
        program = [sys.executable, "-c", "from atlas_cli.main import run; run()", *words]
        environment = clean_environment(home)
        return subprocess.Popen(
            program, cwd=home, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def run(self, user: str, *words: str) -> tuple[int, str]:
        """Run `foundations` on a user's machine; returns its exit code and what it printed."""
        with self.start(user, *words) as process:
            output, _ = process.communicate(timeout=300)
        return process.returncode, output

    def script(self, user: str, text: str) -> tuple[int, str]:
        """Run a Python script on a user's machine."""
        home = self.home_of(user)
        program, environment = [sys.executable, "-c", text], clean_environment(home)
        done = subprocess.run(program, cwd=home, env=environment, capture_output=True, text=True, timeout=300)
        return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    base = free_port_base()
    gui, proxy = f"http://127.0.0.1:{base}", f"http://127.0.0.1:{base + 4}"
    with running_keycloak(gui, proxy) as keycloak:
        keycloak.add_user("vera", PASSWORD, "viewer")
        keycloak.add_user("max", PASSWORD, "member")
        keycloak.add_user("mia", PASSWORD, "member")
        keycloak.add_user("noah", PASSWORD, None)
        home = tmp_path_factory.mktemp("atlas") / "home"
        with running_stack(home, base, ATLAS_OIDC_ISSUER=keycloak.issuer, NUM_WORKERS="1") as stack:
            yield Installation(stack, keycloak)


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    require(chromium, "Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        opened = browser.new_page()
        opened.set_default_timeout(120_000)
        yield opened
        browser.close()


def log_in(atlas: Installation, user: str) -> None:
    code, output = atlas.run(user, "login", atlas.stack.url, "-u", user, "-p", PASSWORD)
    assert (code, output) == (0, "\nLogin Succeeded!\n")


def test_nobody_gets_in_without_a_login(atlas: Installation) -> None:
    assert requests.get(f"{atlas.stack.url}/api/v2beta/projects", timeout=30).status_code == 401
    code, output = atlas.run("stranger", "login", atlas.stack.url, "-u", "max", "-p", "wrong")
    assert code == 1
    assert "Login Failed!" in output
    code, output = atlas.run("noah", "login", atlas.stack.url, "-u", "noah", "-p", PASSWORD)
    assert code == 1
    assert "has no role here" in output


def test_a_member_submits_a_job_and_others_may_read_it_alone(atlas: Installation) -> None:
    for user in ("vera", "max", "mia"):
        log_in(atlas, user)
    project = atlas.home_of("max") / "vision"
    project.mkdir()
    (project / "main.py").write_text(
        "import os, foundations\nfoundations.log_metric('loss', 0.5)\nprint('by', os.environ['FOUNDATIONS_USER'])\n"
    )
    code, output = atlas.run("max", "submit", "scheduler", str(project), "main.py", "--project-name", "vision")
    assert code == 0, output
    assert "by max" in output
    token = yaml.safe_load((atlas.home_of("vera") / "credentials.yaml").read_text())["default"]["token"]
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{atlas.stack.url}/api/v2beta/projects/vision/job_listing"
    (job,) = requests.get(url, headers=headers, timeout=30).json()["jobs"]
    assert (job["user"], job["status"], job["output_metrics"][0]["value"]) == ("max", "completed", 0.5)
    job_id = job["job_id"]
    assert atlas.run("vera", "submit", "scheduler", str(project), "main.py")[0] == 1
    code, output = atlas.run("vera", "delete", "job", "scheduler", job_id)
    assert code == 1
    code, output = atlas.run("mia", "delete", "job", "scheduler", job_id)
    assert code == 1, output
    assert atlas.run("max", "delete", "job", "scheduler", job_id)[0] == 0


def test_a_script_reports_in_the_name_of_who_is_logged_in(atlas: Installation) -> None:
    log_in(atlas, "mia")
    code, output = atlas.script("mia", "import foundations; foundations.log_metric('loss', 1.0)")
    assert code == 0, output
    token = yaml.safe_load((atlas.home_of("mia") / "credentials.yaml").read_text())["default"]["token"]
    url, headers = f"{atlas.stack.url}/api/v2beta/projects/mia/job_listing", {"Authorization": f"Bearer {token}"}
    answer = eventually(lambda: requests.get(url, headers=headers, timeout=30).json().get("jobs"), 60.0)
    assert [job["user"] for job in answer] == ["mia"]


def test_a_token_that_has_ended_is_renewed_by_the_command_line(atlas: Installation) -> None:
    atlas.keycloak.set_lifetime(1)
    try:
        log_in(atlas, "max")
        file = atlas.home_of("max") / "credentials.yaml"
        before = yaml.safe_load(file.read_text())["default"]["token"]
        code, output = atlas.run("max", "whoami")
        assert (code, "max (member)" in output) == (0, True), output
        assert yaml.safe_load(file.read_text())["default"]["token"] != before
    finally:
        atlas.keycloak.set_lifetime(300)


def test_logging_out_ends_the_login_at_keycloak(atlas: Installation) -> None:
    log_in(atlas, "vera")
    kept = yaml.safe_load((atlas.home_of("vera") / "credentials.yaml").read_text())["servers"][atlas.stack.url]
    assert atlas.run("vera", "logout")[0] == 0
    body = {"grant_type": "refresh_token", "refresh_token": kept["refresh_token"]}
    assert requests.post(f"{atlas.stack.url}/api/v3/auth/token", json=body, timeout=30).status_code == 401


def fill_in(page: Page, user: str) -> None:
    page.locator("#username").fill(user)
    page.locator("#password").fill(PASSWORD)
    page.locator("#kc-login").click()


def test_a_browser_logs_in_and_out(atlas: Installation, page: Page) -> None:
    gui = f"http://127.0.0.1:{atlas.stack.port_base}"
    page.goto(f"{gui}/api/v3/auth/login?next=/projects")
    fill_in(page, "max")
    page.wait_for_url(f"{gui}/projects")
    session = page.evaluate("fetch('/api/v3/auth/session').then(answer => answer.json())")
    assert (session["user"], session["role"]) == ("max", "member")
    assert page.evaluate("document.cookie") == ""
    status = page.evaluate("fetch('/api/v3/auth/logout', {method: 'POST'}).then(answer => answer.status)")
    assert status == 204
    assert page.evaluate("fetch('/api/v3/auth/session').then(answer => answer.status)") == 401
    page.goto(f"{gui}/api/v3/auth/login")  # Keycloak does not let the browser in again by itself
    page.locator("#password").wait_for()


def test_a_code_is_confirmed_in_a_browser(atlas: Installation, page: Page) -> None:
    process = atlas.start("mia", "login", atlas.stack.url)
    assert process.stdout is not None
    line = process.stdout.readline()
    address = next(word for word in line.split() if word.startswith("http"))
    page.context.clear_cookies()
    page.goto(address)
    if page.locator("#username").count() == 0:
        page.locator("#kc-user-code-verify").click() if page.locator("#kc-user-code-verify").count() else None
    fill_in(page, "mia")
    page.locator("#kc-login").click()
    output, _ = process.communicate(timeout=300)
    assert output.endswith("\nLogin Succeeded!\n"), output
    assert "mia (member)" in atlas.run("mia", "whoami")[1]


def test_who_is_logged_in_goes_on_while_keycloak_is_away(atlas: Installation) -> None:
    atlas.keycloak.set_lifetime(1)
    log_in(atlas, "max")
    token = yaml.safe_load((atlas.home_of("max") / "credentials.yaml").read_text())["default"]["token"]
    subprocess.run(["docker", "pause", atlas.keycloak.name], check=True, capture_output=True)
    try:
        headers = {"Authorization": f"Bearer {token}"}

        def goes_on() -> bool:
            url = f"{atlas.stack.url}/api/v2beta/projects"
            return requests.get(url, headers=headers, timeout=60).status_code == 200

        eventually(goes_on, 120.0)
    finally:
        subprocess.run(["docker", "unpause", atlas.keycloak.name], check=True, capture_output=True)
        atlas.keycloak.set_lifetime(300)


def test_what_was_changed_is_in_the_audit_log(atlas: Installation) -> None:
    done = atlas.stack.run("atlas-server", "audit", "verify", "--last", "1000", "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["broken_at"]) == (0, None)
    seen = {(entry["user"], entry["method"], entry["path"], entry["status"]) for entry in report["last"]}
    assert ("max", "POST", "/queued_jobs", 201) in seen
    assert any(entry[:2] == ("mia", "DELETE") and entry[3] == 403 for entry in seen)
