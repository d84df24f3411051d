"""The archive server: what can be read, what can be stored, and what can never be reached."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from tests.redis_server import as_user
from werkzeug.test import TestResponse

from atlas_core.settings import Settings
from atlas_core.states import JobStatus
from atlas_services.archive_server.app import make_app
from atlas_services.tracker import Tracker, open_tracker

TOKEN = "the-token"
PNG = b"\x89PNG\r\n\x1a\n\0\0"


@dataclass
class Archive:
    """The application, the directory of all jobs, and the tracker that knows the running job `job`."""

    http: FlaskClient
    root: Path
    tracker: Tracker

    def get(self, path: str, headers: dict[str, str] | None = None) -> TestResponse:
        """Read, whole."""
        return self.http.get(path, headers=headers, buffered=True)

    def put(
        self, path: str, content: bytes = b"abc", sha256: str | None = None, token: str = TOKEN, job_id: str = "job"
    ) -> TestResponse:
        """Store a file of the job."""
        digest = hashlib.sha256(content).hexdigest() if sha256 is None else sha256
        headers = {"Authorization": f"Bearer {token}", "X-Content-SHA256": digest}
        return self.http.put(f"/archive/{job_id}/{path}", data=content, headers=headers)

    def files(self) -> list[str]:
        """Return every file below the root but the other names of contents."""
        found = [path.relative_to(self.root) for path in self.root.rglob("*") if not path.is_dir()]
        return sorted(str(path) for path in found if path.parts[0] != ".objects")


@pytest.fixture
def archive(redis_url: str, tmp_path: Path) -> Iterator[Archive]:
    """An archive that takes files of up to 1 MB."""
    environment = {
        "ATLAS_REDIS_URL": as_user(redis_url, "archive"),
        "FOUNDATIONS_HOME": str(tmp_path),
        "ATLAS_MAX_ARTIFACT_GB": str(2**-10),
    }
    settings = Settings.from_environment(environment)
    tracker = open_tracker(redis_url)
    tracker.jobs.create("job", "p", JobStatus.RUNNING, 1.0, TOKEN)
    with make_app(settings).test_client() as http:
        yield Archive(http, settings.archive_root, tracker)
    tracker.client.close()


def test_what_was_stored_comes_back(archive: Archive) -> None:
    name = "user_artifacts/keys/a%20b/Oh%20no%20%231%3F.PNG"
    picture = PNG.ljust(5000, b"x")
    answer = archive.put(name, picture)
    assert (answer.status_code, answer.get_json()) == (201, {"size": 5000})
    assert archive.files() == ["job/user_artifacts/keys/a b/Oh no #1?.PNG"]
    read = archive.get(f"/archive/job/{name}")
    assert (read.status_code, read.data, read.content_type) == (200, picture, "image/png")
    assert archive.http.head(f"/archive/job/{name}", buffered=True).headers["Content-Length"] == "5000"


def test_a_file_stored_again_replaces_the_old_one(archive: Archive) -> None:
    archive.put("user_artifacts/f", b"old")
    tag = archive.get("/archive/job/user_artifacts/f").headers["ETag"]
    assert archive.get("/archive/job/user_artifacts/f", headers={"If-None-Match": tag}).status_code == 304
    archive.put("user_artifacts/f", b"newer")
    answer = archive.get("/archive/job/user_artifacts/f", headers={"If-None-Match": tag})
    assert (answer.status_code, answer.data) == (200, b"newer")


class TestParts:
    content = b"0123456789" * 1000

    def put(self, archive: Archive, part: str, content: bytes = b"", job_id: str = "job") -> TestResponse:
        digest = hashlib.sha256(self.content).hexdigest()
        headers = {"Authorization": f"Bearer {TOKEN}", "X-Content-SHA256": digest, "Content-Range": part}
        return archive.http.put(f"/archive/{job_id}/user_artifacts/f", data=content, headers=headers)

    def test_a_whole_request_with_other_bytes_leaves_nothing(self, archive: Archive) -> None:
        assert self.put(archive, "bytes */10000").get_json() == {"received": 0}
        assert self.put(archive, "bytes 0-9999/10000", b"x" * 10000).status_code == 400
        assert archive.files() == []

    def test_what_came_before_the_break_is_kept(self, archive: Archive) -> None:
        part = archive.root / ".uploads" / f"job.{hashlib.sha256(self.content).hexdigest()}.0"
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(self.content[:4000])
        assert self.put(archive, "bytes */10000").get_json() == {"received": 4000}
        assert self.put(archive, "bytes 5000-9999/10000", self.content[5000:]).get_json()["applied"] == 4000
        answer = self.put(archive, "bytes 4000-9999/10000", self.content[4000:])
        assert (answer.status_code, answer.get_json()) == (201, {"size": 10000})
        assert archive.get("/archive/job/user_artifacts/f").data == self.content

    def test_what_another_job_has_need_not_be_sent(self, archive: Archive) -> None:
        archive.put("user_artifacts/f", self.content)
        archive.tracker.jobs.create("other", "p", JobStatus.RUNNING, 1.0, TOKEN)
        assert self.put(archive, "bytes */10000", job_id="other").get_json() == {"received": 10000}
        assert archive.get("/archive/other/user_artifacts/f").data == self.content

    @pytest.mark.parametrize("part", ["bytes 0-5/10", "bytes 9-9/5", "bytes 10-9/10", "lines 1-2/3", "", "bytes */x"])
    def test_a_part_that_is_none_is_refused(self, archive: Archive, part: str) -> None:
        answer = self.put(archive, part, b"x")
        assert (answer.status_code, answer.get_json()["field"]) == (400, "Content-Range")

    def test_a_file_beyond_the_limit_is_refused_before_it_is_sent(self, archive: Archive) -> None:
        assert self.put(archive, "bytes */99000000").status_code == 413


@pytest.mark.parametrize(
    ("wanted", "status", "data", "shown"),
    [
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-2", 206, b"89", "bytes 8-9/10"),
        ("bytes=5-900", 206, b"56789", "bytes 5-9/10"),
        ("bytes=10-", 416, None, "bytes */10"),
    ],
)
def test_a_part_of_a_file_can_be_read(archive: Archive, wanted: str, status: int, data: bytes, shown: str) -> None:
    archive.put("user_artifacts/f", b"0123456789")
    answer = archive.get("/archive/job/user_artifacts/f", headers={"Range": wanted})
    assert (answer.status_code, answer.headers["Content-Range"]) == (status, shown)
    assert data is None or answer.data == data


def test_a_part_of_a_file_that_has_changed_is_the_whole_file(archive: Archive) -> None:
    archive.put("user_artifacts/f", b"0123456789")
    answer = archive.get("/archive/job/user_artifacts/f", headers={"Range": "bytes=2-4", "If-Range": '"another"'})
    assert (answer.status_code, answer.data) == (200, b"0123456789")


@pytest.mark.parametrize(
    ("name", "content", "kind", "disposition"),
    [
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml; charset=utf-8", "inline"),
        ("a.JPG", b"\xff\xd8\xff\xe0", "image/jpeg", "inline"),
        ("picture", PNG, "image/png", "inline"),
        ("a.wav", b"RIFF\0\0\0\0WAVEfmt ", "audio/wav", "inline"),
        ("a.mp4", b"\0\0\0\x18ftypisom", "video/mp4", "inline"),
        ("a.txt", b"abc", "text/plain; charset=utf-8", "inline"),
        ("log", "caf\u00e9 \x1b[1m".encode() * 500, "text/plain; charset=utf-8", "inline"),
        ("a.csv", b"a,b\n1,2\n", "text/csv; charset=utf-8", "inline"),
        ("empty", b"", "text/plain; charset=utf-8", "inline"),
        ("a.html", b"<script>", "text/html; charset=utf-8", "attachment"),
        ("a.png", b"<html><script>", "text/plain; charset=utf-8", "inline"),
        ("a.js", b"alert(1)", "text/plain; charset=utf-8", "inline"),
        ("model", b"\x80\x04\x95", "application/octet-stream", "attachment"),
        ("a.gz", b"\x1f\x8b\x08", "application/gzip", "attachment"),
    ],
)
def test_no_file_of_a_job_runs_in_a_browser_whatever_it_claims(
    archive: Archive, name: str, content: bytes, kind: str, disposition: str
) -> None:
    archive.put(f"user_artifacts/{name}", content)
    headers = archive.get(f"/archive/job/user_artifacts/{name}").headers
    assert headers["Content-Type"] == kind
    assert headers["Content-Disposition"].split(";")[0] == disposition
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("sandbox")


def test_a_page_is_shown_in_a_frame_alone_and_reaches_nothing(archive: Archive) -> None:
    archive.put("user_artifacts/a.html", b"<script>1</script>")
    archive.put("user_artifacts/a.txt", b"a")

    def shown(name: str, **headers: str) -> tuple[str, str]:
        found = archive.get(f"/archive/job/user_artifacts/{name}?framed=1", headers=headers).headers
        return found["Content-Disposition"].split(";")[0], found["Content-Security-Policy"]

    for headers in ({}, {"Sec-Fetch-Dest": "iframe"}):
        disposition, policy = shown("a.html", **headers)
        assert disposition == "inline"
        assert policy.startswith("sandbox allow-scripts; default-src 'none';")
        assert "allow-same-origin" not in policy
        assert "frame-ancestors 'self'" in policy
    for name, destination in (("a.html", "document"), ("a.txt", "iframe")):
        disposition, policy = shown(name, **{"Sec-Fetch-Dest": destination})
        assert policy.startswith("sandbox; default-src 'none'")
        assert disposition == ("attachment" if name == "a.html" else "inline")


@pytest.mark.parametrize("form", ["zip", "tar"])
def test_a_directory_comes_as_one_file(archive: Archive, form: str) -> None:
    archive.put("user_artifacts/a/b", b"x" * 700_000)
    archive.put("user_artifacts/\u00e4 c", b"")
    inside = archive.root / "job" / "user_artifacts"
    (inside / "latest").symlink_to("a/b")
    (inside / "out").symlink_to("/etc/passwd")
    (inside / "a" / "b").chmod(0o755)
    wanted = {"a/b": 700_000, "latest": 700_000, "\u00e4 c": 0}
    answer = archive.get(f"/archive/job/user_artifacts/?format={form}")
    assert answer.headers["Content-Disposition"] == f"attachment; filename=job-user_artifacts.{form}"
    assert _members(form, answer.data) == wanted
    whole = archive.get(f"/archive/job/?format={form}").data
    assert _members(form, whole) == {f"user_artifacts/{name}": size for name, size in wanted.items()}


def _members(form: str, packed: bytes) -> dict[str, int]:
    """Return name and length of each file, all of which must be readable."""
    if form == "zip":
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            assert archive.testzip() is None
            return {info.filename: info.file_size for info in archive.infolist()}
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        return {info.name: info.size for info in tar.getmembers()}


def test_a_form_of_a_directory_that_there_is_not_is_refused(archive: Archive) -> None:
    archive.put("user_artifacts/f")
    answer = archive.get("/archive/job/?format=rar")
    assert (answer.status_code, answer.get_json()["field"]) == (400, "format")
    assert archive.get("/archive/nobody/?format=zip").status_code == 404


def test_a_directory_is_listed(archive: Archive) -> None:
    archive.put("user_artifacts/b", b"12")
    archive.put("user_artifacts/a/c")
    (archive.root / "job" / "user_artifacts" / "out").symlink_to("/etc/passwd")
    listing = archive.get("/archive/job/user_artifacts/").get_json()
    assert [(entry["name"], entry["kind"]) for entry in listing] == [("a", "directory"), ("b", "file")]
    assert listing[1]["size"] == 2
    assert [entry["name"] for entry in archive.get("/archive/job/").get_json()] == ["user_artifacts"]
    assert archive.get("/archive/job/user_artifacts").status_code == 404
    assert archive.get("/archive/nobody/").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "job/../secret",
        "job/%2e%2e/secret",
        "job/user_artifacts/../../secret",
        "job/user_artifacts/..%2F..%2Fsecret",
        "job//etc/passwd",
        "job/%2Fetc/passwd",
        "job/user_artifacts/out",
        "job/user_artifacts/up/secret",
        "job/user_artifacts/up/",
        "job/user_artifacts/loop",
        "job/user_artifacts/pipe",
        "job/user_artifacts/a%00b",
        "job/user_artifacts//f",
        "job/user_artifacts/./f",
        "job/user_artifacts/" + "x" * 5000,
        "../secret",
        ".uploads/",
        "..%2Fsecret/x",
        "%2e%2e/secret",
    ],
)
def test_nothing_outside_a_jobs_directory_is_ever_read(archive: Archive, path: str) -> None:
    archive.put("user_artifacts/f")
    (archive.root / "secret").write_text("nobody reads this")
    inside = archive.root / "job" / "user_artifacts"
    (inside / "out").symlink_to(archive.root / "secret")
    (inside / "up").symlink_to(archive.root)
    (inside / "loop").symlink_to("loop")
    os.mkfifo(inside / "pipe")
    answer = archive.get(f"/archive/{path}")
    assert answer.status_code in {400, 404}, answer.text
    assert b"nobody reads this" not in answer.data


def test_a_link_that_stays_inside_is_followed(archive: Archive) -> None:
    archive.put("user_artifacts/f", b"abc")
    (archive.root / "job" / "link").symlink_to("user_artifacts/f")
    assert archive.get("/archive/job/link").data == b"abc"


@pytest.mark.parametrize(
    "path",
    [
        "f",
        "user_artifacts",
        "user_artifacts/",
        "artifacts/main.py",
        "logs/output.log",
        "user_artifacts/../logs/output.log",
        "user_artifacts/%2e%2e/x",
        "user_artifacts//x",
        "user_artifacts/a%00b",
        "user_artifacts/a%5C..%5Cb",
        "user_artifacts/out/x",
        "user_artifacts/file/x",
        "user_artifacts/directory",
        "%2Fetc/passwd",
    ],
)
def test_a_job_writes_below_its_own_two_directories_alone(archive: Archive, path: str) -> None:
    archive.put("user_artifacts/file")
    archive.put("user_artifacts/directory/file")
    (archive.root / "job" / "user_artifacts" / "out").symlink_to(archive.root)
    before = archive.files()
    answer = archive.put(path)
    assert answer.status_code in {400, 404, 405}, answer.text
    assert archive.files() == before


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"sha256": "0" * 64}, 400),
        ({"sha256": ""}, 400),
        ({"sha256": "zz"}, 400),
        ({"token": "wrong"}, 403),
        ({"token": "None"}, 401),
        ({"job_id": "nobody"}, 404),
        ({"content": b"x" * (2**20 + 1)}, 413),
    ],
)
def test_a_file_that_cannot_be_stored_leaves_nothing(archive: Archive, options: dict[str, str], status: int) -> None:
    answer = archive.put("user_artifacts/a/b/f", **options)  # type: ignore[arg-type]
    assert (answer.status_code, archive.files()) == (status, [])
    assert answer.get_json()["detail"]
    assert not (archive.root / "job").exists()


def test_a_file_that_is_too_large_is_one_problem_however_it_is_sent(archive: Archive) -> None:
    content = b"x" * (2**20 + 1)
    headers = {"Authorization": f"Bearer {TOKEN}", "X-Content-SHA256": hashlib.sha256(content).hexdigest()}
    url = "/archive/job/user_artifacts/f"
    declared = archive.http.put(url, data=content, headers=headers)
    chunked = archive.http.put(
        url, input_stream=io.BytesIO(content), headers=headers, environ_overrides={"wsgi.input_terminated": True}
    )
    for answer in (declared, chunked):
        assert (answer.status_code, answer.get_json()["code"], answer.get_json()["limit"]) == (
            413,
            "payload_too_large",
            2**20,
        )


def test_a_file_on_its_way_is_a_sign_of_life(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atlas_services.archive_server.signs_of_life._PAUSE", 0.0)
    archive.tracker.jobs.create("run", "p", JobStatus.RUNNING, 1.0, TOKEN, mode="execution")
    seen: list[float] = []

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            seen.append(archive.tracker.jobs.oldest_sign_of_life() or 0.0)
            return super().read(1)

    headers = {"Authorization": f"Bearer {TOKEN}", "X-Content-SHA256": hashlib.sha256(b"abc").hexdigest()}
    environment = {"wsgi.input_terminated": True}
    url = "/archive/run/user_artifacts/f"
    answer = archive.http.put(url, input_stream=Slow(b"abc"), headers=headers, environ_overrides=environment)
    assert answer.status_code == 201
    assert seen == sorted(set(seen))
    assert seen[0] > 1.0


@pytest.mark.parametrize(
    "path",
    [
        f"user_artifacts/{'n' * 300}",
        f"user_artifacts/{'n' * 256}/f",
        f"user_artifacts/{'ü' * 128}",
        f"user_artifacts/{'d/' * 2048}f",
    ],
)
def test_a_name_or_path_that_no_disk_takes_is_refused_and_names_no_file(archive: Archive, path: str) -> None:
    answer = archive.put(path)
    assert (answer.status_code, answer.get_json()["field"]) == (400, "path"), answer.text
    assert archive.files() == []
    assert archive.get(f"/archive/job/{path}").status_code == 404
    assert archive.put(f"user_artifacts/{'n' * 255}").status_code == 201


def test_a_file_of_exactly_the_limit_is_stored(archive: Archive) -> None:
    assert archive.put("synced_directories/k/f", b"x" * 2**20).status_code == 201


def test_the_files_of_an_ended_or_unknown_job_can_be_removed(archive: Archive) -> None:
    archive.put("user_artifacts/f")
    answer = archive.http.delete("/archive/job/")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "conflict")
    assert archive.files() == ["job/user_artifacts/f"]
    archive.tracker.jobs.transition("job", JobStatus.COMPLETED, 2.0)
    assert archive.http.delete("/archive/job/").status_code == 204
    assert not (archive.root / "job").exists()
    archive.tracker.jobs.delete("job", 3.0)
    assert archive.http.delete("/archive/job/").status_code == 204
    assert archive.put("user_artifacts/f").status_code == 404
    assert archive.http.delete("/archive/.uploads/").status_code == 400
    assert archive.root.exists()


def test_a_synced_directory_is_changed_with_the_token_of_its_job_alone(archive: Archive) -> None:
    content = b"weights"
    digest = hashlib.sha256(content).hexdigest()
    change = {"files": {"epoch/1.bin": {"sha256": digest, "size": 7, "modified": 5.0}}}
    url, right = "/archive/job/synced_directories/a%2520b", {"Authorization": f"Bearer {TOKEN}"}
    assert archive.http.patch(url, json=change, headers={"Authorization": "Bearer x"}).status_code == 403
    assert archive.http.patch(url, json=change, headers=right).get_json() == {"missing": [digest]}
    assert archive.put("synced_objects/wrong", content).status_code == 400
    assert archive.put(f"synced_objects/{digest}", content).status_code == 201
    assert archive.http.patch(url, json=change, headers=right).get_json() == {"missing": []}
    assert archive.get("/archive/job/synced_directories/a%2520b/epoch/1.bin").data == content
    assert archive.get("/archive/job/synced_manifests/a%2520b.json").get_json() == {
        "files": {"epoch/1.bin": {"sha256": digest, "size": 7, "modified": 5.0, "executable": False}}
    }


def test_output_is_taken_of_jobs_that_no_scheduler_runs(archive: Archive) -> None:
    right = {"Authorization": f"Bearer {TOKEN}"}
    answer = archive.http.patch("/archive/job/logs/output.log?offset=0", data=b"hi", headers=right)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "conflict")
    archive.tracker.jobs.create("own", "p", JobStatus.RUNNING, 1.0, TOKEN, mode="execution")
    url = "/archive/own/logs/output.log"
    assert archive.http.patch(f"{url}?offset=0", data=b"hi", headers=right).get_json() == {"applied": 2}
    assert archive.http.patch(f"{url}?offset=1", data=b"i!", headers=right).get_json() == {"applied": 3}
    assert archive.http.patch(f"{url}?offset=9", data=b"i!", headers=right).get_json()["code"] == "journal_gap"
    assert archive.http.patch(url, data=b"x", headers={"Authorization": "Bearer y"}).status_code == 403
    assert archive.get(url).data == b"hi!"
