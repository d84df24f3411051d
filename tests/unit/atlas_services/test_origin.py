"""A page of another site reaches no route that changes something, under whatever name it calls the server."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from atlas_core.settings import Settings
from atlas_services.auth_proxy.app import make_app as proxy_app
from atlas_services.web import new_app

FORM = {"Content-Type": "text/plain", "Sec-Fetch-Mode": "no-cors"}


def ask(method: str, headers: dict[str, str], environment: dict[str, str] | None = None) -> TestResponse:
    """Ask a service for its only route."""
    app = new_app("service", Settings.from_environment(environment or {}), lambda: None)
    app.add_url_rule("/job", view_func=lambda: "done", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    with app.test_client() as http:
        return http.open("/job", method=method, headers=headers)


@pytest.mark.parametrize("host", ["localhost:5558", "LOCALHOST", "127.0.0.1:5558", "127.8.9.1", "[::1]:3000"])
def test_a_program_calls_the_machine_by_any_of_its_own_names(host: str) -> None:
    assert ask("POST", {"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example:5558", "127.0.0.1.evil.example", "10.0.0.5", "localhost@evil", "[::1", ""]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_foreign_name_is_refused(host: str, method: str) -> None:
    answer = ask(method, {"Host": host})
    assert (answer.status_code, answer.get_json()["field"]) == (403, "Host")
    assert "ATLAS_ALLOWED_HOSTS" in answer.get_json()["detail"]


def test_names_can_be_allowed() -> None:
    environment = {"ATLAS_ALLOWED_HOSTS": "atlas.example, Other", "ATLAS_ARCHIVE_URL": "http://archive:5557"}
    for host in ("atlas.example", "other:5558", "archive:5557"):
        assert ask("POST", {"Host": host}, environment).status_code == 200
    assert ask("POST", {"Host": "atlas.example.evil"}, environment).status_code == 403


def ask_from(caller: str, environment: dict[str, str]) -> int:
    """Ask as another machine would, and return the status."""
    app = new_app("service", Settings.from_environment(environment), lambda: None)
    app.add_url_rule("/job", view_func=lambda: "done")
    with app.test_client() as http:
        return http.get("/job", headers={"Host": "172.18.0.1:5558"}, environ_base={"REMOTE_ADDR": caller}).status_code


def test_containers_call_the_gateway_and_machines_nearby_do_not() -> None:
    gateway = {"ATLAS_JOB_GATEWAY": "172.18.0.1/16"}
    assert ask_from("172.18.0.7", gateway) == 200
    assert ask_from("127.0.0.1", gateway) == 200
    assert ask_from("192.168.1.7", gateway) == 403
    assert ask_from("192.168.1.7", {**gateway, "ATLAS_ALLOW_OPEN_PROXY": "1"}) == 200


def test_an_open_proxy_takes_addresses_and_no_unlisted_name() -> None:
    environment = {"ATLAS_ALLOW_OPEN_PROXY": "1"}
    assert ask("POST", {"Host": "10.0.0.5:5558"}, environment).status_code == 200
    assert ask("POST", {"Host": "evil.example"}, environment).status_code == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    ("headers", "field"),
    [
        ({"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, "Origin"),
        ({"Origin": "https://evil.example"}, "Origin"),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, "Origin"),
        ({"Origin": "http://localhost:8888", "Sec-Fetch-Site": "same-site"}, "Origin"),
        ({"Origin": "http://localhost:3000.evil.example"}, "Origin"),
        ({"Origin": "file://localhost:3000"}, "Origin"),
        ({"Sec-Fetch-Site": "cross-site"}, "Sec-Fetch-Site"),
        ({"Sec-Fetch-Site": "same-site"}, "Sec-Fetch-Site"),
        ({"Origin": "http://localhost:5558", "Sec-Fetch-Site": "cross-site"}, "Sec-Fetch-Site"),
    ],
)
def test_a_page_of_another_site_changes_nothing(method: str, headers: dict[str, str], field: str) -> None:
    answer = ask(method, {"Host": "localhost:5558", **FORM, **headers})
    assert (answer.status_code, answer.get_json()["code"], answer.get_json()["field"]) == (403, "forbidden", field)


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "localhost:3000", "Origin": "http://localhost:3000", "Sec-Fetch-Site": "same-origin"},
        {"Host": "localhost:5558", "Origin": "http://localhost:3000", "Sec-Fetch-Site": "same-site"},
        {"Host": "[::1]:3000", "Origin": "http://[::1]:3000"},
        {"Host": "atlas.example", "Origin": "https://atlas.example", "Sec-Fetch-Site": "same-origin"},
        {"Host": "localhost:3000", "Sec-Fetch-Site": "none"},
    ],
)
def test_the_page_of_this_server_changes_what_it_likes(headers: dict[str, str]) -> None:
    assert ask("POST", headers, {"ATLAS_ALLOWED_HOSTS": "atlas.example"}).status_code == 200


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("localhost:38558", "http://localhost:38300", 200),
        ("atlas.example:38558", "https://atlas.example", 403),
        ("localhost:38300", "http://localhost:3000", 403),
        ("localhost:38558", "http://localhost:5558", 403),
    ],
)
def test_the_page_is_where_the_settings_say_and_nowhere_else(host: str, origin: str, status: int) -> None:
    published = {"ATLAS_GUI_URL": "http://localhost:38300", "ATLAS_PROXY_URL": "http://localhost:38558"}
    environment = {**published, "ATLAS_ALLOWED_HOSTS": "atlas.example"}
    assert (
        ask("POST", {"Host": host, "Origin": origin, "Sec-Fetch-Site": "same-site"}, environment).status_code == status
    )


def test_the_page_may_have_a_name_without_a_port() -> None:
    published = {"ATLAS_GUI_URL": "https://atlas.example/", "ATLAS_PROXY_URL": "https://atlas.example:5558"}
    headers = {"Host": "atlas.example:5558", "Sec-Fetch-Site": "same-site"}
    assert ask("POST", {**headers, "Origin": "https://atlas.example"}, published).status_code == 200
    assert ask("POST", {**headers, "Origin": "http://atlas.example"}, published).status_code == 403


def test_a_link_on_another_page_leads_here() -> None:
    headers = {"Host": "localhost:5558", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert ask("GET", headers).status_code == 200


@pytest.mark.parametrize(("host", "status"), [("localhost", 200), ("rebound.example", 403)])
def test_the_files_of_the_page_are_guarded_too(host: str, status: int) -> None:
    with proxy_app(Settings.from_environment({})).test_client() as http:
        assert http.get("/", base_url=f"http://{host}:3000", buffered=True).status_code == status
