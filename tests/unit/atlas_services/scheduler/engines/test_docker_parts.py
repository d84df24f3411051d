"""The parts of the Docker engine that can be told without an engine."""

from __future__ import annotations

import os
import struct
from functools import partial
from pathlib import Path, PurePosixPath

import pytest

from atlas_core.errors import InvalidConfig
from atlas_core.jobs import JobSpec
from atlas_core.settings import Settings
from atlas_core.states import Cause
from atlas_services.scheduler.archive import Archive
from atlas_services.scheduler.bundles import BundleStore
from atlas_services.scheduler.engines import Assignment, Capacity, EngineAway, EngineFailure, Stop
from atlas_services.scheduler.engines.container_records import ContainerRecord, ContainerRecords
from atlas_services.scheduler.engines.docker import DockerEngine
from atlas_services.scheduler.engines.docker_daemon import Daemon
from atlas_services.scheduler.engines.docker_frames import pieces_of_output
from atlas_services.scheduler.engines.docker_network import gateway_of, server_url
from atlas_services.scheduler.engines.docker_paths import translate
from atlas_services.scheduler.engines.docker_probe import probe
from atlas_services.scheduler.engines.docker_request import ContainerRequests
from atlas_services.scheduler.engines.job_files import put_away, save_records
from atlas_services.scheduler.engines.job_user import JobUsers
from atlas_services.scheduler.engines.workspace import Workspace

_NETWORK = {"IPAM": {"Config": [{"Subnet": "fd00::/64", "Gateway": "fd00::1"}]}}
_IPV4 = {"IPAM": {"Config": [*_NETWORK["IPAM"]["Config"], {"Subnet": "172.20.0.0/16", "Gateway": "172.20.0.1"}]}}


def frame(stream: int, text: bytes) -> bytes:
    return struct.pack(">BxxxL", stream, len(text)) + text


@pytest.mark.parametrize("size", [1, 3, 7, 8, 9, 1000])
def test_output_is_put_together_however_it_is_cut(size: int) -> None:
    sent = frame(1, b"one\n") + frame(2, b"two\xff") + frame(1, b"") + frame(1, b"three")
    pieces = iter([sent[start : start + size] for start in range(0, len(sent), size)])
    assert list(pieces_of_output(pieces)) == [(1, b"one\n"), (2, b"two\xff"), (1, b""), (1, b"three")]


def test_a_path_is_translated_by_the_innermost_volume() -> None:
    mounts = [(PurePosixPath("/home"), PurePosixPath("/var/lib/volumes/home/_data"))]
    mounts.append((PurePosixPath("/home/atlas/work"), PurePosixPath("/srv/work")))
    assert translate(Path("/home/atlas/x"), mounts) == "/var/lib/volumes/home/_data/atlas/x"
    assert translate(Path("/home/atlas/work/job-1"), mounts) == "/srv/work/job-1"
    assert translate(Path("/home/atlas/works"), mounts) == "/var/lib/volumes/home/_data/atlas/works"
    assert translate(Path("/anywhere"), []) == "/anywhere"


def test_a_path_on_no_volume_is_told_with_its_remedy() -> None:
    with pytest.raises(EngineFailure, match=r"/data lies on none of its volumes.*mount a volume there"):
        translate(Path("/data"), [(PurePosixPath("/home"), PurePosixPath("/srv"))])


def settings(**variables: str) -> Settings:
    return Settings.from_environment({"FOUNDATIONS_HOME": "/home/atlas", **variables})


def test_jobs_report_to_the_gateway_of_their_network() -> None:
    assert gateway_of(_IPV4) == "172.20.0.1/16"
    assert server_url(settings(), _IPV4, False) == "http://172.20.0.1:5558"
    assert server_url(settings(ATLAS_JOB_GATEWAY="10.1.0.1/24"), _IPV4, False) == "http://10.1.0.1:5558"
    assert server_url(settings(), _IPV4, True) == "http://host.docker.internal:5558"


def test_jobs_report_to_what_the_settings_say() -> None:
    assert server_url(settings(ATLAS_JOB_SERVER_URL="https://atlas.lab"), _IPV4, False) == "https://atlas.lab"
    assert server_url(settings(ATLAS_PROXY_URL="http://proxy:5558"), _IPV4, False) == "http://proxy:5558"
    assert gateway_of(_NETWORK) is None
    assert server_url(settings(), _NETWORK, False) == "http://127.0.0.1:5558"


def assignment(owner: tuple[int, int] | None = None) -> Assignment:
    return Assignment("job-1", "digits", "ada", JobSpec(), owner=owner)


def test_a_job_is_its_submitters_unless_that_is_root() -> None:
    users = JobUsers("", own=(0, 0))
    assert users.of(assignment((1001, 1002))) == (1001, 1002)
    assert users.of(assignment((0, 0))) == (1000, 1000)
    assert users.of(assignment()) == (1000, 1000)


def test_a_job_is_the_schedulers_if_that_is_not_root() -> None:
    assert JobUsers("", own=(990, 991)).of(assignment((1001, 1002))) == (990, 991)


def test_a_job_is_the_one_of_the_settings() -> None:
    assert JobUsers("0:0", own=(0, 0)).of(assignment((1001, 1002))) == (0, 0)
    assert JobUsers("990:991", own=(990, 991)).of(assignment()) == (990, 991)


@pytest.mark.parametrize(("setting", "words"), [("ada", "'ada' is no user"), ("7:7", "run by root")])
def test_a_user_that_cannot_be_is_refused(setting: str, words: str) -> None:
    with pytest.raises(InvalidConfig, match=f"ATLAS_WORKER_USER: .*{words}"):
        JobUsers(setting, own=(990, 991))


def test_files_become_their_users(tmp_path: Path) -> None:
    (tmp_path / "job" / "sub").mkdir(parents=True)
    (tmp_path / "job" / "sub" / "link").symlink_to("/etc/passwd")
    before = Path("/etc/passwd").stat()
    JobUsers("", own=(os.geteuid(), os.getegid())).give(tmp_path / "job", (1001, 1002))
    wanted = (1001, 1002) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
    for path in (tmp_path / "job", tmp_path / "job" / "sub", tmp_path / "job" / "sub" / "link"):
        assert (path.lstat().st_uid, path.lstat().st_gid) == wanted
    assert Path("/etc/passwd").stat().st_uid == before.st_uid


def test_nothing_is_given_away_before_what_is_below_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "job" / "sub" / "deeper").mkdir(parents=True)
    (tmp_path / "job" / "sub" / "deeper" / "file").touch()
    (tmp_path / "job" / "sub" / "link").symlink_to("/etc")
    given: list[str] = []

    def note(path: str | Path, *user: int, dir_fd: int | None = None, follow_symlinks: bool = True) -> None:
        assert not follow_symlinks
        given.append(Path(path).name)

    monkeypatch.setattr(os, "chown", note)
    JobUsers("", own=(0, 0)).give(tmp_path / "job", (1001, 1002))
    assert given[0] == "file"
    assert sorted(given[1:3]) == ["deeper", "link"]
    assert given[3:] == ["sub", "job"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_environments_of_a_scheduler_that_died_while_making_them_become_their_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(JobUsers, "give", died)
    home = settings(FOUNDATIONS_HOME=str(tmp_path))
    directory = partial(requests_of(home)._environments, "ada", (1001, 1002))
    with pytest.raises(KeyboardInterrupt):
        directory()
    monkeypatch.undo()
    made = directory().stat()
    assert (made.st_uid, made.st_gid) == (1001, 1002)


def died(*_: object) -> None:
    raise KeyboardInterrupt


def requests_of(home: Settings) -> ContainerRequests:
    return ContainerRequests(home, Daemon(), "installation", lambda job_id: "token", lambda spec: ())


def test_the_end_of_an_earlier_container_is_not_the_jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    home = settings(FOUNDATIONS_HOME=str(tmp_path))
    bundles, archive = BundleStore(tmp_path / "bundles", 1, 1), Archive(tmp_path / "archive")
    engine = DockerEngine(home, Capacity(1), bundles, archive, lambda job_id: "token")
    records = ContainerRecords(home.work_root.parent / "containers" / "job-1")
    records.make()
    records.write(ContainerRecord("earlier", 0))
    engine._finish("job-1", "earlier")
    records.write(ContainerRecord("later", 0))  # another attempt began before anybody asked
    engine._finish("job-1", "earlier")
    engine._finish("job-1", "later")
    assert engine.wait() == "job-1"
    engine.close()
    assert engine.wait() is None


def test_records_outlive_the_scheduler(tmp_path: Path) -> None:
    records = ContainerRecords(tmp_path / "job-1")
    records.note_stop(Stop(Cause.TIMEOUT, "too long"))  # of a job that is no more
    assert (records.container(), records.told_to_stop) == (None, None)
    records.make()
    records.write(ContainerRecord("abc", 7, "run"))
    records.note_stop(Stop(Cause.TIMEOUT, "too long"))
    records.note_stop(Stop(Cause.STOPPED_BY_USER, "later"))
    records.note_memory()
    again = ContainerRecords(tmp_path / "job-1")
    assert again.container() == ContainerRecord("abc", 7, "run")
    assert again.told_to_stop == Stop(Cause.TIMEOUT, "too long")
    assert again.ran_out_of_memory
    ContainerRecords(again.path).make()
    anew = ContainerRecords(again.path)
    assert (anew.container(), anew.told_to_stop, anew.ran_out_of_memory) == (None, None, False)


def test_links_that_a_job_laid_are_not_followed_into_the_archive(tmp_path: Path) -> None:
    class Shelf:
        def artifacts(self, job_id: str) -> Path:
            return tmp_path / "archive" / job_id

    secret = tmp_path / "secret"
    (secret / "run").mkdir(parents=True)
    workspace = Workspace(tmp_path / "job-1")
    workspace.home.mkdir(parents=True)
    workspace.source.symlink_to(secret)
    workspace.journals.symlink_to(secret)
    put_away(workspace, Shelf(), "job-1")  # type: ignore[arg-type]
    save_records(workspace, tmp_path / "home")
    assert not (tmp_path / "archive").exists()
    assert not (tmp_path / "home").exists()
    assert (secret / "run").is_dir()


def test_an_engine_that_is_not_there_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    with pytest.raises(EngineAway, match="The Docker engine does not answer"):
        Daemon().ask(lambda client: client.ping())
    found = probe()
    assert (found.answers, found.image, found.gateway) == (False, False, None)
    assert "does not answer" in found.reason
