"""Files of a job that are out for their reader's session, in a real browser whose user is logged in."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Error, Page, sync_playwright
from tests.contract.test_login import login
from tests.fake_issuer import FakeIssuer
from tests.guarded_stack import GuardedStack, guarded_stack
from tests.redis_server import require

from atlas_core.states import JobStatus
from atlas_services.tracker import open_tracker

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

#: A name of the server that browsers do not take for a safe one: to it they say less of what they ask for.
NAME = "atlas.example"
FILES = "/archive/a/user_artifacts"
#: What comes here reaches the stand-in for the scheduler, if it passes the proxy.
LEAK = "/running_jobs/leak"
#: Tries everything, and tells what it got in the title of its page, and to the page around it.
ATTACK = """
const got = {};
const attempt = (name, act) => { try { got[name] = act(); } catch (error) { got[name] = 'refused'; } };
const reach = async (name, act) => {
  try { await act(); got[name] = 'reached'; } catch (error) { got[name] = 'refused'; }
};
attempt('cookie', () => document.cookie);
attempt('localStorage', () => localStorage.getItem('secret'));
attempt('sessionStorage', () => sessionStorage.getItem('secret'));
attempt('parent', () => parent === self ? 'refused' : parent.document.body.textContent);
attempt('opener', () => window.open('LEAK/logs?window') === null ? 'refused' : 'opened');
attempt('caches', () => { caches; return 'there'; });
attempt('worker', () => { new Worker('LEAK/logs?worker'); return 'started'; });
attempt('shared', () => { new SharedWorker('LEAK/logs?shared'); return 'started'; });
attempt('socket', () => { new WebSocket('LEAK/logs?socket'); return 'sent'; });
attempt('top', () => { if (top === self) return 'refused'; top.location = 'LEAK/logs?top'; return 'moved'; });
attempt('dialog', () => { alert('log in again'); return prompt('your password') ?? 'refused'; });
attempt('embedded', () => {
  for (const kind of ['iframe', 'object', 'embed', 'link', 'video', 'script', 'base']) {
    const part = document.createElementNS('http://www.w3.org/1999/xhtml', kind);
    part[kind === 'object' ? 'data' : kind === 'link' || kind === 'base' ? 'href' : 'src'] = `LEAK/logs?${kind}`;
    if (kind === 'link') part.rel = 'stylesheet';
    document.documentElement.append(part);
  }
  return 'sent';
});
attempt('beacon', () => { navigator.sendBeacon('LEAK/logs?beacon'); return 'sent'; });
attempt('picture', () => { new Image().src = 'LEAK/logs?picture'; return 'sent'; });
attempt('form', () => {
  const form = document.createElementNS('http://www.w3.org/1999/xhtml', 'form');
  form.action = 'LEAK/logs'; document.documentElement.append(form); form.submit(); return 'sent';
});
(async () => {
  await reach('fetch', () => fetch('LEAK/logs?fetch', {credentials: 'include'}));
  await reach('module', () => import('LEAK/logs?module'));
  await reach('service', () => navigator.serviceWorker.register('LEAK/logs?service'));
  await reach('request', () => new Promise((resolve, reject) => {
    const asking = new XMLHttpRequest(); asking.open('GET', 'LEAK/logs?request'); asking.withCredentials = true;
    asking.onload = resolve; asking.onerror = reject; asking.send();
  }));
  await reach('change', () => fetch('LEAK', {method: 'DELETE', credentials: 'include', mode: 'no-cors'}));
  await reach('database', () => new Promise((resolve, reject) => {
    const opening = indexedDB.open('secret'); opening.onsuccess = resolve; opening.onerror = reject;
  }));
  await reach('events', () => new Promise((resolve, reject) => {
    const source = new EventSource('LEAK/logs?events'); source.onopen = resolve; source.onerror = reject;
  }));
  document.title = JSON.stringify(got);
  parent.postMessage(got, '*');
})();
"""
#: What it may get.
NOTHING = {
    "cookie": "refused",
    "localStorage": "refused",
    "sessionStorage": "refused",
    "parent": "refused",
    "opener": "refused",
    "caches": "refused",
    "shared": "refused",
    "top": "refused",
    "dialog": "refused",
    "module": "refused",
    "service": "refused",
    "request": "refused",
    "fetch": "refused",
    "change": "refused",
    "database": "refused",
    "events": "refused",
}


@pytest.fixture(scope="module")
def stack(redis_server: str, issuer: FakeIssuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedStack]:
    home = tmp_path_factory.mktemp("home")
    with guarded_stack(redis_server, home, issuer.url, ATLAS_ALLOWED_HOSTS=NAME) as stack:
        tracker = open_tracker(redis_server)
        tracker.jobs.create("a", "vision", JobStatus.RUNNING, 1.0, "token", user="max")
        tracker.close()
        script = ATTACK.replace("LEAK", LEAK)
        save(stack, "evil.html", f"<!doctype html><title>none</title><body><script>{script}</script>")
        save(stack, "evil.svg", f'<svg xmlns="http://www.w3.org/2000/svg"><script><![CDATA[{script}]]></script></svg>')
        page = f'<html xmlns="http://www.w3.org/1999/xhtml"><script><![CDATA[{script}]]></script></html>'
        for name in ("evil.xml", "evil.xhtml", "evil.xht", "evil.mht", "evil.txt", "evil"):
            save(stack, name, page)
        save(stack, "styled.xml", '<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="evil.xsl"?><a/>')
        save(stack, "evil.xsl", f'<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform">{page}')
        save(stack, "evil.gif", f"GIF89a/*{page}*/=1;{script}")
        save(stack, "evil.js", script)
        save(stack, "evil.css", "body { background: url(LEAK/logs?style) }".replace("LEAK", LEAK))
        save(stack, "evil.pdf", "%PDF-1.4\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF")
        yield stack


def save(stack: GuardedStack, name: str, text: str) -> None:
    content = text.encode()
    headers = {"X-Content-SHA256": hashlib.sha256(content).hexdigest()}
    assert stack.ask("PUT", f"{FILES}/{name}", "token", data=content, headers=headers).status_code == 201


@pytest.fixture(scope="module")
def page(stack: GuardedStack, issuer: FakeIssuer) -> Iterator[Page]:
    """A page of a browser in which somebody is logged in, under both names of the server."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    require(chromium, "Chromium")
    session = login(stack, issuer, "max").cookies["atlas_session"]
    arguments = ["--no-sandbox", "--disable-gpu", f"--host-resolver-rules=MAP {NAME} 127.0.0.1"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        opened = browser.new_page()
        opened.set_default_timeout(30_000)
        for url in (stack.url, elsewhere(stack)):
            facts: list[Any] = [{"name": "atlas_session", "value": session, "url": url, "httpOnly": True}]
            opened.context.add_cookies([*facts, {"name": "plain", "value": "secret", "url": url}])
        yield opened
        browser.close()


def elsewhere(stack: GuardedStack) -> str:
    return stack.url.replace("127.0.0.1", NAME)


@pytest.fixture(autouse=True)
def _nothing_leaks(stack: GuardedStack) -> Iterator[None]:
    stack.scheduler.received.clear()
    yield
    assert stack.scheduler.received == []


def test_a_page_of_the_server_itself_would_get_all_of_it(stack: GuardedStack, page: Page) -> None:
    page.goto(f"{stack.url}/healthz")
    page.evaluate("localStorage.setItem('secret', 'kept')")
    assert "plain=secret" in page.evaluate("document.cookie")
    assert page.evaluate(f"fetch('{LEAK}/logs').then(answer => answer.status)") == 200
    assert stack.scheduler.received  # what the other tests look for is seen here
    stack.scheduler.received.clear()


@pytest.mark.parametrize("sandbox", ["", ' sandbox="allow-scripts"'])
def test_a_page_of_a_job_in_a_frame_gets_nothing(stack: GuardedStack, page: Page, sandbox: str) -> None:
    page.goto(f"{stack.url}/healthz")
    got = page.evaluate(
        """frame => new Promise(resolve => {
            addEventListener('message', event => resolve(event.data));
            document.body.innerHTML = frame;
        })""",
        f'<iframe{sandbox} src="{FILES}/evil.html?framed=1"></iframe>',
    )
    assert {name: got[name] for name in NOTHING} == NOTHING
    assert page.url == f"{stack.url}/healthz"


def test_a_page_of_a_job_in_a_window_of_its_own_is_not_shown(stack: GuardedStack, page: Page) -> None:
    for name in ("evil.html", "evil.html?framed=1", "evil.pdf"):
        with page.expect_download(), pytest.raises(Error, match=r"Download is starting|ERR_ABORTED"):
            page.goto(f"{stack.url}{FILES}/{name}")


def test_where_browsers_do_not_say_what_asks_it_still_gets_nothing(stack: GuardedStack, page: Page) -> None:
    page.goto(f"{elsewhere(stack)}{FILES}/evil.html?framed=1")
    page.wait_for_function("document.title !== 'none'")
    got = page.evaluate("JSON.parse(document.title)")
    assert {name: got[name] for name in NOTHING} == NOTHING


@pytest.mark.parametrize("site", ["127.0.0.1", NAME])
def test_a_script_in_a_picture_does_not_run(stack: GuardedStack, page: Page, site: str) -> None:
    url = stack.url.replace("127.0.0.1", site)
    assert (answer := page.goto(f"{url}{FILES}/evil.svg")) is not None
    assert answer.headers["content-type"].startswith("image/svg+xml")
    page.goto(f"{url}/healthz")
    page.evaluate(
        """picture => new Promise(resolve => {
            document.body.innerHTML = picture;
            document.querySelector('iframe').onload = resolve;
        })""",
        f'<iframe src="{FILES}/evil.svg"></iframe>',
    )


@pytest.mark.parametrize("site", ["127.0.0.1", NAME])
@pytest.mark.parametrize(
    "name",
    [
        "evil.xml",
        "evil.xhtml",
        "evil.xht",
        "evil.mht",
        "evil.txt",
        "evil",
        "styled.xml",
        "evil.xsl",
        "evil.gif",
        "evil.js",
    ],
)
def test_what_a_file_says_it_is_makes_it_no_page(stack: GuardedStack, page: Page, site: str, name: str) -> None:
    answer = page.goto(f"{stack.url.replace('127.0.0.1', site)}{FILES}/{name}")
    assert answer is not None
    assert answer.headers["content-type"].split(";")[0] in {"text/plain", "image/gif"}
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert page.evaluate("origin") == "null"
    assert '"cookie"' not in page.title()


def test_a_file_becomes_no_part_of_a_page_of_the_server(stack: GuardedStack, page: Page) -> None:
    page.goto(f"{stack.url}/healthz")
    found = page.evaluate(
        """async files => {
            const load = (kind, facts) => new Promise(resolve => {
                const part = Object.assign(document.createElement(kind), facts);
                part.onload = () => resolve('loaded'); part.onerror = () => resolve('refused');
                document.head.append(part);
            });
            const worker = new Promise(resolve => {
                new Worker(`${files}/evil.js`).onerror = () => resolve('refused');
            });
            const service = await navigator.serviceWorker.register(`${files}/evil.js`).then(
                () => 'registered', () => 'refused');
            return {
                script: await load('script', {src: `${files}/evil.js`}),
                module: await load('script', {src: `${files}/evil.js`, type: 'module'}),
                picture: await load('script', {src: `${files}/evil.gif`}),
                style: await load('link', {href: `${files}/evil.css`, rel: 'stylesheet'}),
                service,
                worker: await worker,
            };
        }""",
        FILES,
    )
    assert found == dict.fromkeys(("script", "module", "picture", "style", "service", "worker"), "refused")
