"""What each service may do in Redis, and what it may not, on a real one."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import redis
from tests.redis_server import as_user

from atlas_core.states import JobStatus
from atlas_services.tracker import AuditEntry, keys, open_tracker
from atlas_services.tracker.users import user_lines, users

pytestmark = pytest.mark.redis

REFUSED = redis.exceptions.NoPermissionError
#: Kinds of keys that the proxy alone may use.
OF_LOGINS = {keys.session, keys.user_sessions, "API_TOKENS", "API_TOKENS_USED", "ISSUER_KEYS", "PEOPLE", "AUDIT"}
#: What is added to, and cut by nobody.
GROW_ONLY = {"AUDIT", "EVENTS"}
#: What is in `keys` and names no key.
NO_KEYS = {"ROW", "SEALED"}


def client_of(url: str, user: str) -> Any:
    """Return a connection of a service. Untyped: redis-py's own annotations fit no call by name."""
    return redis.Redis.from_url(as_user(url, user))


def every_key() -> Iterator[tuple[object, str]]:
    """Yield each kind of key with an example of it."""
    for name, value in vars(keys).items():
        if isinstance(value, str) and name.isupper() and name not in NO_KEYS:
            yield name, value
        elif inspect.isfunction(value):
            kinds = [str(each.annotation) for each in inspect.signature(value).parameters.values()]
            examples = {"str": "a", "int": 1, "JobStatus": JobStatus.QUEUED}
            yield value, value(*(examples[kind] for kind in kinds))


@pytest.mark.parametrize("user", users())
@pytest.mark.parametrize(
    "command",
    [
        "FLUSHALL",
        "FLUSHDB",
        "CONFIG GET *",
        "CONFIG SET dir /tmp",
        "SCRIPT FLUSH",
        "SCRIPT KILL",
        "FUNCTION LIST",
        "KEYS *",
        "ACL WHOAMI",
        "CLIENT LIST",
        "MONITOR",
        "SHUTDOWN NOSAVE",
        "REPLICAOF 127.0.0.1 1",
        "SWAPDB 0 1",
        "MIGRATE 127.0.0.1 1 atlas:jobs 0 1",
        "SAVE",
        "MODULE LIST",
        "SET elsewhere 1",
        "DEL atlas:audit",
        "LSET atlas:audit 0 x",
        "DEL atlas:events",
        "XTRIM atlas:events MAXLEN 0",
    ],
)
def test_no_service_rules_over_the_server(redis_url: str, user: str, command: str) -> None:
    with closing(client_of(redis_url, user)) as client, pytest.raises(redis.exceptions.ResponseError) as refusal:
        client.execute_command(*command.split())
    assert isinstance(refusal.value, REFUSED) or "unknown command" in str(refusal.value)


def test_every_key_is_a_services_or_the_proxys(redis_url: str) -> None:
    with closing(client_of(redis_url, "scheduler")) as service, closing(client_of(redis_url, "proxy")) as proxy:
        for kind, key in every_key():
            may, may_not = (proxy, service) if kind in OF_LOGINS else (service, proxy)
            if kind not in GROW_ONLY:
                may.delete(key)
            with pytest.raises(REFUSED):
                may_not.delete(key)


def test_only_the_scheduler_lists_keys_and_it_finds_those_that_are_left_over(redis_url: str) -> None:
    with closing(open_tracker(as_user(redis_url, "scheduler"))) as tracker:
        tracker.client.set(keys.points("gone", 0, "m"), b"x")
        assert [key for key, size in tracker.left_keys.find() if size] == [keys.points("gone", 0, "m")]
    for user in users().keys() - {"scheduler"}:
        with closing(client_of(redis_url, user)) as client, pytest.raises(REFUSED):
            client.scan()


@pytest.mark.parametrize("user", ["rest_api", "archive"])
@pytest.mark.parametrize("key", ["lease", "lease:term", "workers", "schedules", "schedules:changes", "schedule:a"])
def test_what_leads_is_the_schedulers_alone(redis_url: str, user: str, key: str) -> None:
    with closing(client_of(redis_url, user)) as client, pytest.raises(REFUSED):
        client.set(f"atlas:{key}", "1")


def test_the_proxy_reads_whose_token_it_is_and_changes_no_job(redis_url: str) -> None:
    with closing(open_tracker(redis_url)) as all_may, closing(open_tracker(as_user(redis_url, "proxy"))) as tracker:
        all_may.jobs.create("job", "p", JobStatus.RUNNING, 1.0, "token", user="ann")
        tracker.jobs.check_token("job", "token")
        assert tracker.jobs.get("job").user == "ann"
        with pytest.raises(REFUSED):
            tracker.jobs.transition("job", JobStatus.COMPLETED, 2.0)
        with pytest.raises(REFUSED):
            tracker.client.hset(keys.job("job"), "user", "mallory")


def test_the_audit_log_grows_and_nobody_shortens_it(redis_url: str) -> None:
    with closing(open_tracker(redis_url)) as all_may, closing(open_tracker(as_user(redis_url, "proxy"))) as tracker:
        for number in range(2):
            tracker.audit.add(AuditEntry(float(number), "ann", "s", "::1", "POST", "/queued_jobs", 201, "r"))
        assert (all_may.audit.verify().entries, all_may.audit.verify().broken_at) == (2, None)
        with pytest.raises(REFUSED):
            tracker.client.ltrim(keys.AUDIT, 0, 0)


def look_at_the_audit_log(redis_url: str, user: str) -> subprocess.CompletedProcess[str]:
    """Return what the command says where a service's own user of Redis is given."""
    command = [sys.executable, "-m", "atlas_services.audit", "--last", "1"]
    environment = {**os.environ, "ATLAS_REDIS_URL": as_user(redis_url, user)}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)


def test_the_audit_log_is_read_where_the_proxy_runs(redis_url: str) -> None:
    with closing(open_tracker(as_user(redis_url, "proxy"))) as tracker:
        tracker.audit.add(AuditEntry(1.0, "ann", "s", "::1", "POST", "/queued_jobs", 201, "r"))
    done = look_at_the_audit_log(redis_url, "proxy")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert (report["entries"], report["broken_at"], report["last"][0]["user"]) == (1, None, "ann")


def test_a_broken_audit_log_is_told_with_the_exit_code_too(redis_url: str) -> None:
    with closing(open_tracker(as_user(redis_url, "proxy"))) as tracker:
        tracker.client.rpush(keys.AUDIT, "garbage")
    done = look_at_the_audit_log(redis_url, "proxy")
    assert (done.returncode, done.stderr) == (1, "")
    report = json.loads(done.stdout)
    assert (report["broken_at"], report["last"]) == (0, [{"unreadable": "garbage"}])


def test_who_may_not_read_the_audit_log_is_told_so(redis_url: str) -> None:
    done = look_at_the_audit_log(redis_url, "scheduler")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "This user of Redis may not read the audit log; the proxy's and the administrator may.\n"


def test_a_script_may_do_no_more_than_who_runs_it(redis_url: str) -> None:
    with closing(open_tracker(as_user(redis_url, "rest_api"))) as tracker:
        script = tracker.client.register_script("return redis.call('HGETALL', 'atlas:people')")
        with pytest.raises(redis.exceptions.ResponseError, match=r"can't access|permission"):
            script()


def test_an_older_redis_gets_rules_that_it_understands_and_no_password() -> None:
    lines = user_lines(dict.fromkeys(users(), "word of mouth"), 6)
    assert "(" not in lines
    assert "%R" not in lines
    assert "word of mouth" not in lines
    assert [line.split()[:3] for line in lines.splitlines()] == [["user", name, "on"] for name in users()]
