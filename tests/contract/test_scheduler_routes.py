"""The scheduler's routes: texts, codes and shapes that clients rely on."""

from __future__ import annotations

import gzip
import io
import tarfile
import threading
import uuid
from pathlib import Path
from typing import Any

import pytest
from tests.scheduler_service import SchedulerInProcess, old_bundle, packed_project, scheduler_in_process, wait_for

from atlas_core.errors import BundleNotFound, from_problem
from atlas_core.jobs import JobSpec, Submission
from atlas_core.log_frames import FRAMES_TYPE, log_parts
from atlas_core.states import Cause, JobStatus
from atlas_core.zstd_stream import zstd_file
from atlas_services.json_requests import MOST_JSON
from atlas_services.tracker import open_tracker

pytestmark = pytest.mark.redis


def a_body(bundle_id: str | None = None, **spec: Any) -> dict[str, Any]:
    return {
        "job_id": str(uuid.uuid4()),
        "metadata": {"project_name": "digits", "username": "ada"},
        "gpu_spec": {"num_gpus": 0},
        "spec": {"bundle_id": bundle_id, "command": ["main.py"], **spec},
    }


def test_the_root_greets_as_ever(queue: SchedulerInProcess) -> None:
    assert queue.client.get("/").text == "Welcome to docker scheduler"


class TestBundles:
    def test_a_zstandard_bundle_comes_back_as_it_is_to_who_takes_that_and_as_a_tar_to_others(
        self, queue: SchedulerInProcess
    ) -> None:
        bundle_id, gzipped = packed_project(queue.directory, {"main.py": "pass # of Zstandard"})
        archive = gzip.decompress(gzipped)
        content, path = b"".join(zstd_file([archive])), f"/api/v3/bundles/{bundle_id}"
        assert queue.client.put(path, data=content).status_code == 201
        taken = queue.client.get(path, headers={"Accept-Encoding": "gzip, zstd"}, buffered=True)
        assert (taken.data, taken.headers["Content-Encoding"], taken.mimetype) == (content, "zstd", "application/x-tar")
        plain = queue.client.get(path, headers={"Accept-Encoding": "gzip"}, buffered=True)
        assert (plain.data, plain.content_length, plain.mimetype) == (archive, len(archive), "application/x-tar")
        assert "Content-Encoding" not in plain.headers
        assert {taken.headers["Vary"], plain.headers["Vary"]} == {"Accept-Encoding"}

    def test_a_bundle_is_there_after_it_was_sent_and_not_before(self, queue: SchedulerInProcess) -> None:
        bundle_id, content = packed_project(queue.directory, {"main.py": "pass"})
        path = f"/api/v3/bundles/{bundle_id}"
        assert queue.client.head(path).status_code == 404
        assert queue.client.put(path, data=content).status_code == 201
        assert queue.client.head(path).status_code == 200
        assert queue.client.put(path, data=b"not read").status_code == 200
        assert queue.client.get(path, buffered=True).data == content
        assert (queue.settings.bundle_store / f"{bundle_id}.tgz").read_bytes() == content

    def test_a_bundle_under_a_wrong_id_is_refused_and_leaves_nothing(self, queue: SchedulerInProcess) -> None:
        _, content = packed_project(queue.directory, {"main.py": "pass"})
        answer = queue.client.put(f"/api/v3/bundles/{'0' * 64}", data=content)
        assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid_bundle")
        assert_store_is_empty(queue)

    def test_a_bundle_over_the_limit_is_refused_by_its_length(self, tmp_path: Path, redis_url: str) -> None:
        with scheduler_in_process(tmp_path, redis_url, ATLAS_MAX_BUNDLE_GB="0.000001") as small:
            answer = small.client.put(f"/api/v3/bundles/{'0' * 64}", data=b"x" * 5000)
            assert (answer.status_code, answer.get_json()["code"]) == (413, "bundle_too_large")
            answer = small.client.put(
                f"/api/v3/bundles/{'0' * 64}",
                input_stream=io.BytesIO(b"x" * 5000),
                environ_overrides={"wsgi.input_terminated": True},
            )
            assert answer.status_code == 413
            assert_store_is_empty(small)

    def test_a_bomb_is_refused_while_it_is_unpacked(self, tmp_path: Path, redis_url: str) -> None:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
            info = tarfile.TarInfo("zeros")
            info.size = 50 * 1024 * 1024
            tar.addfile(info, io.BytesIO(bytes(info.size)))
        with scheduler_in_process(tmp_path, redis_url, ATLAS_MAX_UNPACKED_GB="0.01") as small:
            answer = small.client.put(f"/api/v3/bundles/{'0' * 64}", data=buffer.getvalue())
            assert (answer.status_code, answer.get_json()["code"]) == (413, "bundle_too_large")
            assert_store_is_empty(small)

    @pytest.mark.parametrize("bundle_id", ["../../etc/passwd", "..", "abc", "G" * 64, "0" * 63])
    def test_what_is_no_id_is_refused(self, queue: SchedulerInProcess, bundle_id: str) -> None:
        assert queue.client.put(f"/api/v3/bundles/{bundle_id}", data=b"x").status_code in {400, 404}

    @pytest.mark.parametrize("hostile", ["absolute", "parent", "link", "link-parent", "device", "not a tar", "cut"])
    def test_hostile_bundles_are_refused_and_leave_nothing(self, queue: SchedulerInProcess, hostile: str) -> None:
        content = hostile_bundle(hostile)
        answer = queue.client.put(f"/api/v3/bundles/{'0' * 64}", data=content)
        assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid_bundle")
        upload = {"job_bundle": (io.BytesIO(content), "job-1.tgz")}
        answer = queue.client.post("/job_bundle", data=upload)
        assert (answer.status_code, answer.text) == (400, "Invalid job bundle")
        assert_store_is_empty(queue)

    def test_an_upload_of_an_old_client_says_what_it_always_said(self, queue: SchedulerInProcess) -> None:
        answer = queue.client.post("/job_bundle", data={})
        assert (answer.status_code, answer.text) == (400, "No files in request")
        answer = queue.client.post("/job_bundle", data={"other": (io.BytesIO(b"x"), "job-1.tgz")})
        assert (answer.status_code, answer.text) == (400, "Job bundle not found in request")
        content = old_bundle("job-1", {"main.py": "pass"})
        answer = queue.client.post("/job_bundle", data={"job_bundle": (io.BytesIO(content), "job-1.tgz")})
        assert (answer.status_code, answer.text) == (200, "Job bundle uploaded")

    def test_an_old_upload_cannot_pose_as_a_bundle_with_a_hash(self, queue: SchedulerInProcess) -> None:
        name = "0" * 64
        content = old_bundle(name, {"main.py": "pass"})
        answer = queue.client.post("/job_bundle", data={"job_bundle": (io.BytesIO(content), f"{name}.tgz")})
        assert (answer.status_code, answer.text) == (400, "Invalid job bundle")

    def test_what_a_job_left_comes_as_a_tar_below_its_id(self, server: SchedulerInProcess) -> None:
        job_id = server.submit("open('result.txt', 'w').write('42')")
        server.ended(job_id)
        answer = server.client.get(f"/job_bundle/{job_id}")
        assert answer.content_type == "application/x-tar"
        with tarfile.open(fileobj=io.BytesIO(answer.data), mode="r:gz") as tar:
            assert {f"{job_id}/main.py", f"{job_id}/result.txt"} <= set(tar.getnames())

    def test_what_a_job_left_may_be_kept_by_its_reader(self, queue: SchedulerInProcess) -> None:
        artifacts = queue.settings.archive_root / "job-1" / "artifacts"
        artifacts.mkdir(parents=True)
        answer = queue.client.get("/job_bundle/job-1")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "max-age=43200, private")
        again = queue.client.get("/job_bundle/job-1", headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        (artifacts / "late.txt").touch()
        again = queue.client.get("/job_bundle/job-1", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 200

    def test_what_no_job_left_is_not_found(self, queue: SchedulerInProcess) -> None:
        answer = queue.client.get("/job_bundle/job-1")
        assert (answer.status_code, answer.text) == (404, "No archive directory found for Job job-1")
        (queue.settings.archive_root / "job-1").mkdir(parents=True)
        answer = queue.client.get("/job_bundle/job-1")
        assert (answer.status_code, answer.text) == (404, "The artifact directory was not found for Job job-1")


class TestQueueing:
    def test_the_answer_is_the_id_as_json_with_a_newline(self, queue: SchedulerInProcess) -> None:
        body = a_body(queue.upload({"main.py": "pass"}))
        answer = queue.client.post("/queued_jobs", json=body)
        assert (answer.status_code, answer.text) == (201, f'"{body["job_id"]}"\n')

    def test_a_job_has_its_tags_from_the_beginning(self, queue: SchedulerInProcess) -> None:
        body = a_body(queue.upload({"main.py": "pass"}))
        body["metadata"]["tags"] = {"search": "first-1a2b", "trial": 7}
        assert queue.client.post("/queued_jobs", json=body).status_code == 201
        assert queue.tracker.jobs.view(body["job_id"]).tags == {"search": "first-1a2b", "trial": "7"}

    def test_the_same_request_again_changes_nothing_and_another_is_a_conflict(self, queue: SchedulerInProcess) -> None:
        body = a_body(queue.upload({"main.py": "pass"}), params={"lr": 0.1})
        assert queue.client.post("/queued_jobs", json=body).status_code == 201
        assert queue.client.post("/queued_jobs", json=body).status_code == 201
        assert len(queue.tracker.queue) == 1
        body["spec"]["params"]["lr"] = 0.2
        answer = queue.client.post("/queued_jobs", json=body)
        assert (answer.status_code, answer.get_json()["code"]) == (409, "conflict")

    @pytest.mark.parametrize("data", [b"", b"{}", b"null", b"{", b"[]"])
    def test_no_json_is_told_so(self, queue: SchedulerInProcess, data: bytes) -> None:
        answer = queue.client.post("/queued_jobs", data=data)
        assert (answer.status_code, answer.text) == (400, "Job must contain json payload")

    def test_what_is_larger_than_any_job_or_place_is_not_read(self, queue: SchedulerInProcess) -> None:
        queue.submit()
        for method, path, size in (("POST", "/queued_jobs", MOST_JSON), ("PATCH", "/queued_jobs/0", 1024)):
            sent = io.BytesIO(b" " * (size + 1000))
            answer = queue.client.open(path, method=method, input_stream=sent, headers={"Content-Length": size + 1})
            assert (answer.status_code, answer.get_json()["code"]) == (413, "payload_too_large")
            assert sent.tell() == 0

    @pytest.mark.parametrize("missing", ["job_id", "spec"])
    def test_a_body_without_id_or_spec_is_told_so(self, queue: SchedulerInProcess, missing: str) -> None:
        body = a_body()
        del body[missing]
        answer = queue.client.post("/queued_jobs", json=body)
        assert (answer.status_code, answer.text) == (400, "Bad job spec: job_id and spec are required")

    def test_a_job_without_its_bundle_is_refused(self, queue: SchedulerInProcess) -> None:
        body = a_body()
        answer = queue.client.post("/queued_jobs", json=body)
        assert (answer.status_code, answer.text) == (400, f"Job bundle {body['job_id']}.tgz not found")
        assert len(queue.tracker.queue) == 0

    def test_a_job_that_names_a_bundle_learns_in_a_form_for_programs_that_it_is_gone(
        self, queue: SchedulerInProcess
    ) -> None:
        answer = queue.client.post("/queued_jobs", json=a_body("0" * 64))
        assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
        assert isinstance(from_problem(answer.get_json()), BundleNotFound)

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"job_id": "../../etc"}, "job_id"),
            ({"job_id": "a b"}, "job_id"),
            ({"job_id": 7}, "job_id"),
            ({"metadata": {}}, "project_name"),
            ({"metadata": None}, "metadata"),
            ({"metadata": {"project_name": "a/b"}}, "project_name"),
            ({"spec": []}, "spec"),
            ({"gpu_spec": {"num_gpus": -1}}, "num_gpus"),
            ({"gpu_spec": {"num_gpus": "many"}}, "num_gpus"),
            ({"gpu_spec": {"num_gpus": 1.5}}, "num_gpus"),
            ({"gpu_spec": {"num_gpus": True}}, "num_gpus"),
            ({"gpu_spec": {"num_gpus": 99}}, "num_gpus"),
        ],
    )
    def test_bad_input_is_named_and_queues_nothing(
        self, queue: SchedulerInProcess, change: dict[str, Any], field: str
    ) -> None:
        body = a_body(queue.upload({"main.py": "pass"})) | change
        answer = queue.client.post("/queued_jobs", json=body)
        assert answer.status_code == 400
        assert answer.get_json()["field"] == field
        assert field.split(".")[-1] in answer.get_json()["detail"]
        assert len(queue.tracker.queue) == 0

    @pytest.mark.parametrize(
        ("spec", "field"),
        [
            ({"privileged": True}, "spec.privileged"),
            ({"network_mode": "host"}, "spec.network_mode"),
            ({"network": "host"}, "spec.network"),
            ({"runtime": "evil"}, "spec.runtime"),
            ({"cap_add": ["SYS_ADMIN"]}, "spec.cap_add"),
            ({"devices": ["/dev/sda"]}, "spec.devices"),
            ({"command": "it's"}, "command"),
            ({"entrypoint": 'say "'}, "entrypoint"),
            ({"mem_limit": "much"}, "mem_limit"),
            ({"mem_limit": 10**400}, "mem_limit"),
            ({"mem_limit": "1e308t"}, "mem_limit"),
            ({"resources": {"ram": 10**400}}, "ram"),
            ({"mem_limit": -1}, "mem_limit"),
            ({"mem_limit": []}, "mem_limit"),
            ({"resources": {"ram": "lots"}}, "ram"),
            ({"resources": {"ram": 0}}, "ram"),
            ({"command": {"a": 1}}, "command"),
            ({"environment": "x"}, "environment"),
            ({"working_dir": "/etc"}, "working_dir"),
            ({"working_dir": "../.."}, "working_dir"),
            ({"bundle_id": "../../x"}, "bundle_id"),
            ({"params": [1]}, "params"),
            ({"volumes": "all"}, "volumes"),
            ({"volumes": {"/": {"bind": "/host", "mode": "rw"}}}, "volumes"),
            ({"volumes": {"/var/run/docker.sock": {"bind": "/var/run/docker.sock"}}}, "volumes"),
            ({"volumes": ["/etc:/mnt"]}, "volumes"),
            ({"volumes": {"redis-data": {"bind": "/mnt"}}}, "volumes"),
            ({"volumes": {"/tmp/../etc": {"bind": "/mnt"}}}, "volumes"),
            ({"environment": {"FOUNDATIONS_JOB_TOKEN": "stolen"}}, "environment"),
            ({"environment": {"FOUNDATIONS_SERVER_URL": "http://evil"}}, "environment"),
            ({"environment": ["FOUNDATIONS_JOB_ID=another"]}, "environment"),
            ({"network": "container:redis"}, "spec.network"),
            ({"network": "bridge"}, "network"),
            ({"pid_mode": "host"}, "spec.pid_mode"),
            ({"ipc_mode": "host"}, "spec.ipc_mode"),
            ({"security_opt": ["seccomp=unconfined"]}, "spec.security_opt"),
            ({"user": "root"}, "spec.user"),
            ({"ports": {"22/tcp": 22}}, "spec.ports"),
            ({"extra_hosts": {"atlas": "6.6.6.6"}}, "spec.extra_hosts"),
            ({"sysctls": {"kernel.msgmax": 1}}, "spec.sysctls"),
            ({"device_requests": [{"Count": -1, "Capabilities": [["gpu"]]}]}, "device_requests"),
        ],
    )
    def test_a_spec_that_cannot_be_is_refused_by_name(
        self, queue: SchedulerInProcess, spec: dict[str, Any], field: str
    ) -> None:
        body = a_body(queue.upload({"main.py": "pass"}))
        body["spec"].update(spec)
        answer = queue.client.post("/queued_jobs", json=body)
        assert (answer.status_code, answer.get_json()["field"]) == (400, field)
        assert len(queue.tracker.queue) == 0

    @pytest.mark.parametrize("gpu_spec", [{}, None, {"num_gpus": None}, {"num_gpus": "0"}])
    def test_no_gpus_can_be_said_in_many_ways(self, queue: SchedulerInProcess, gpu_spec: Any) -> None:
        body = a_body(queue.upload({"main.py": "pass"})) | {"gpu_spec": gpu_spec}
        assert queue.client.post("/queued_jobs", json=body).status_code == 201

    def test_the_queue_is_listed_by_position(self, queue: SchedulerInProcess) -> None:
        assert queue.client.get("/queued_jobs").get_json() == {}
        jobs = [queue.submit() for _ in range(3)]
        listing = queue.client.get("/queued_jobs").get_json()
        assert [listing[str(place)]["job_id"] for place in range(3)] == jobs
        first = listing["0"]
        assert first["metadata"] == {"project_name": "digits", "username": "ada"}
        assert (first["position"], first["gpu_spec"]) == (0, {"num_gpus": 0})
        assert isinstance(first["queued_time"], float)
        assert queue.client.get("/queued_jobs/0").get_json() == {
            name: value for name, value in first.items() if name != "position"
        }

    @pytest.mark.parametrize("method", ["get", "delete", "patch"])
    def test_a_position_that_is_not_there_is_told_so(self, queue: SchedulerInProcess, method: str) -> None:
        answer = getattr(queue.client, method)("/queued_jobs/3", data=b"0")
        assert (answer.status_code, answer.text) == (404, "Bad queue position 3")
        assert queue.client.get("/queued_jobs/first").status_code == 404
        answer = getattr(queue.client, method)(f"/queued_jobs/{10**20}", data=b"0")
        assert (answer.status_code, answer.text) == (404, f"Bad queue position {10**20}")

    def test_a_job_is_removed_by_its_position(self, queue: SchedulerInProcess) -> None:
        first, second = queue.submit(), queue.submit()
        assert queue.client.delete("/queued_jobs/0").status_code == 204
        assert queue.tracker.queue.ids() == [second]
        assert queue.client.get(f"/jobs/{first}").status_code == 404

    def test_a_removed_job_leaves_no_files(self, queue: SchedulerInProcess) -> None:
        body = a_body()
        upload = {"job_bundle": (io.BytesIO(old_bundle(body["job_id"], {"main.py": "pass"})), f"{body['job_id']}.tgz")}
        assert queue.client.post("/job_bundle", data=upload).status_code == 200
        assert queue.client.post("/queued_jobs", json=body).status_code == 201
        assert queue.client.delete("/queued_jobs/0").status_code == 204
        assert_store_is_empty(queue)

    @pytest.mark.parametrize(("target", "order"), [(0, "cab"), (1, "acb"), (2, "abc"), (99, "abc")])
    def test_a_job_moves_to_a_position_the_end_included(
        self, queue: SchedulerInProcess, target: int, order: str
    ) -> None:
        jobs = dict(zip("abc", [queue.submit() for _ in range(3)], strict=True))
        assert queue.client.patch("/queued_jobs/2", data=str(target)).status_code == 204
        assert queue.tracker.queue.ids() == [jobs[name] for name in order]

    @pytest.mark.parametrize("position", ["-1", "true", "x", "", "1.5"])
    def test_a_position_that_is_none_is_refused(self, queue: SchedulerInProcess, position: str) -> None:
        job = queue.submit()
        assert queue.client.patch("/queued_jobs/0", data=position).status_code == 400
        assert queue.tracker.queue.ids() == [job]


class TestJobs:
    def test_a_job_that_waits(self, queue: SchedulerInProcess) -> None:
        job_id = queue.submit(environment={"A": "1"})
        answer = queue.client.get(f"/jobs/{job_id}").get_json()
        assert (answer["job_id"], answer["status"], answer["logs"]) == (job_id, "queued", "")
        assert answer["spec"]["environment"] == {"A": "1"}

    def test_a_job_that_ended_well(self, server: SchedulerInProcess) -> None:
        job_id = server.submit("print('hello')")
        server.ended(job_id)
        answer = server.client.get(f"/jobs/{job_id}").get_json()
        assert answer["status"] == "completed"
        assert answer["logs"].endswith("hello\n")
        entry = server.client.get("/completed_jobs").get_json()[job_id]
        assert entry["return_code"] == {"Error": None, "StatusCode": 0}
        assert entry["queued_time"] <= entry["start_time"] <= entry["end_time"]
        assert server.client.get(f"/completed_jobs/{job_id}/logs").get_json().endswith("hello\n")
        assert server.client.get("/failed_jobs").get_json() == {}

    def test_a_job_that_failed(self, server: SchedulerInProcess) -> None:
        job_id = server.submit("raise SystemExit(3)")
        server.ended(job_id)
        entry = server.client.get("/failed_jobs").get_json()[job_id]
        assert (entry["return_code"]["StatusCode"], entry["cause"]) == (3, "exit_code")
        assert server.client.get(f"/failed_jobs/{job_id}/logs").status_code == 200
        assert server.client.get(f"/api/v3/jobs/{job_id}/state").get_json() == {
            "job_id": job_id,
            "status": "failed",
            "cause": "exit_code",
            "cause_detail": None,
            "exit_code": 3,
        }

    def test_a_job_that_runs(self, server: SchedulerInProcess) -> None:
        job_id = running(server)
        assert server.client.get("/running_jobs").get_json()[job_id]["start_time"] > 0
        assert "ready" in server.client.get(f"/running_jobs/{job_id}/logs").get_json()
        assert server.client.get(f"/running_jobs/{job_id}/container_id").get_json() == job_id
        assert server.client.delete(f"/running_jobs/{job_id}").status_code == 204
        record = server.record(job_id)
        assert (record.status, record.cause) == (JobStatus.FAILED, Cause.STOPPED_BY_USER)

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("get", "/jobs/{}"),
            ("delete", "/running_jobs/{}"),
            ("get", "/running_jobs/{}/logs"),
            ("get", "/running_jobs/{}/container_id"),
            ("get", "/completed_jobs/{}/logs"),
            ("get", "/failed_jobs/{}/logs"),
        ],
    )
    @pytest.mark.parametrize("job_id", [str(uuid.UUID(int=0)), "..", "a b"])
    def test_an_unknown_job_is_told_so(self, queue: SchedulerInProcess, method: str, path: str, job_id: str) -> None:
        answer = getattr(queue.client, method)(path.format(job_id.replace(".", "%2e")))
        assert (answer.status_code, answer.text) == (404, f"Bad job id {job_id}")

    def test_an_id_in_an_answer_is_no_markup(self, queue: SchedulerInProcess) -> None:
        assert "<b>" not in queue.client.get("/jobs/<b>").text

    def test_a_deleted_job_leaves_nothing(self, server: SchedulerInProcess) -> None:
        job_id = server.submit()
        server.ended(job_id)
        assert server.client.delete(f"/completed_jobs/{job_id}").status_code == 204
        assert not (server.settings.archive_root / job_id).exists()
        answer = server.client.delete(f"/completed_jobs/{job_id}")
        assert (answer.status_code, answer.text) == (404, f"Job {job_id} not found")
        assert server.client.delete("/completed_jobs/..").status_code in {400, 404}

    def test_a_deletion_that_fails_is_told_and_can_be_repeated(
        self, server: SchedulerInProcess, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job_id = server.submit()
        server.ended(job_id)
        with monkeypatch.context() as patched:
            patched.setattr("shutil.rmtree", failing)
            answer = server.client.delete(f"/completed_jobs/{job_id}")
        assert answer.status_code == 500
        assert "cannot be removed: the disk is broken" in answer.get_json()["detail"]
        assert server.record(job_id).status is JobStatus.COMPLETED
        assert server.client.delete(f"/completed_jobs/{job_id}").status_code == 204

    def test_a_job_that_has_not_ended_cannot_be_deleted(self, queue: SchedulerInProcess) -> None:
        job_id = queue.submit()
        answer = queue.client.delete(f"/completed_jobs/{job_id}")
        assert (answer.status_code, answer.get_json()["code"]) == (409, "invalid_transition")

    def test_ended_jobs_are_sorted_on_request(self, server: SchedulerInProcess) -> None:
        jobs = [server.submit() for _ in range(3)]
        for job_id in jobs:
            server.ended(job_id)
        answer = server.client.get("/completed_jobs?sort=queued_time:desc").get_json()
        assert [job_id for job_id, _ in answer] == jobs[::-1]
        answer = server.client.get("/completed_jobs?sort=queued_time,job_id:desc").get_json()
        assert [job_id for job_id, _ in answer] == jobs
        all_jobs = list(server.client.get("/completed_jobs").get_json())
        assert list(server.client.get("/completed_jobs?offset=1&limit=1").get_json()) == all_jobs[1:2]
        answer = server.client.get("/completed_jobs?sort=queued_time:desc&offset=2&limit=9").get_json()
        assert [job_id for job_id, _ in answer] == jobs[:1]
        assert server.client.get("/completed_jobs?limit=-1").status_code == 400
        answer = server.client.get("/completed_jobs?sort=x")
        assert (answer.status_code, answer.text) == (400, "Bad sort request in ['x', 'asc']")
        answer = server.client.get("/completed_jobs?sort=start_time:up")
        assert (answer.status_code, answer.text) == (400, "Bad sort request in ['start_time', 'up']")

    def test_secrets_are_not_shown(self, queue: SchedulerInProcess) -> None:
        body = a_body(queue.upload({"main.py": "pass"}))
        body["spec"]["environment"] = {"FOUNDATIONS_TOKEN": "sesame", "AWS_SECRET_ACCESS_KEY": "opener", "A": "1"}
        assert queue.client.post("/queued_jobs", json=body).status_code == 201
        assert_secrets_are_hidden(queue, "/queued_jobs", "/queued_jobs/0", f"/jobs/{body['job_id']}")
        assert queue.client.post(f"/api/v3/jobs/{body['job_id']}/stop").status_code == 202
        assert_secrets_are_hidden(queue, "/failed_jobs", "/failed_jobs?sort=job_id", f"/jobs/{body['job_id']}")


class TestWorkers:
    def test_they_are_listed_by_number(self, server: SchedulerInProcess) -> None:
        assert server.client.get("/workers").get_json() == {
            slot: {"id": slot, "max_instances": 1, "name": "worker_job", "pending": False} for slot in ("0", "1")
        }

    def test_schedules_are_shown_among_them(self, queue: SchedulerInProcess) -> None:
        body = a_body(queue.upload({"main.py": "pass"})) | {"schedule": {"minute": "0"}}
        assert queue.client.post("/scheduled_jobs", json=body).status_code == 201
        assert queue.client.get("/workers").get_json() == {
            "cron_0": {"id": "cron_0", "max_instances": 1, "name": body["job_id"], "pending": False}
        }

    def test_a_new_one_takes_a_job_at_once(self, queue: SchedulerInProcess) -> None:
        job_id = queue.submit()
        answer = queue.client.post("/workers")
        assert (answer.status_code, answer.text) == (201, '"0"\n')
        assert queue.ended(job_id).status is JobStatus.COMPLETED
        assert queue.client.post("/workers").text == '"1"\n'
        assert list(queue.client.get("/workers").get_json()) == ["0", "1"]

    def test_one_that_is_removed_takes_no_more_jobs(self, server: SchedulerInProcess) -> None:
        for worker in ("0", "1"):
            assert server.client.delete(f"/workers/{worker}").status_code == 204
        job_id = server.submit()
        assert server.client.get("/workers").get_json() == {}
        answer = server.client.delete("/workers/0")
        assert (answer.status_code, answer.text) == (404, "Bad worker id 0")
        assert server.client.delete("/workers/first").status_code == 404
        assert server.record(job_id).status is JobStatus.QUEUED

    def test_one_that_is_removed_while_all_are_busy_takes_its_job_along(self, server: SchedulerInProcess) -> None:
        first, second = running(server), running(server)
        assert server.client.delete("/workers/1").status_code == 204
        record = server.ended(second)
        assert (record.cause, record.cause_detail) == (Cause.STOPPED_BY_USER, "the worker that ran it was removed")
        assert server.record(first).status is JobStatus.RUNNING

    def test_one_that_is_removed_while_another_is_idle_stops_nothing(self, server: SchedulerInProcess) -> None:
        job_id = running(server)
        assert server.client.delete("/workers/0").status_code == 204
        assert server.record(job_id).status is JobStatus.RUNNING
        assert not (server.settings.work_root / job_id / "stopped").exists()

    def test_changes_outlive_the_scheduler(self, tmp_path: Path, redis_url: str) -> None:
        with scheduler_in_process(tmp_path, redis_url) as server:
            server.client.post("/workers")
        with scheduler_in_process(tmp_path, redis_url) as server:
            assert len(server.client.get("/workers").get_json()) == 3


class TestStop:
    def test_a_waiting_job_is_stopped_before_it_runs(self, queue: SchedulerInProcess) -> None:
        job_id = queue.submit()
        assert queue.client.post(f"/api/v3/jobs/{job_id}/stop").status_code == 202
        record = queue.record(job_id)
        assert (record.status, record.cause) == (JobStatus.FAILED, Cause.STOPPED_BY_USER)
        assert len(queue.tracker.queue) == 0

    def test_a_job_that_has_ended_cannot_be_stopped(self, server: SchedulerInProcess) -> None:
        job_id = server.submit()
        server.ended(job_id)
        for answer in (
            server.client.post(f"/api/v3/jobs/{job_id}/stop"),
            server.client.delete(f"/running_jobs/{job_id}"),
        ):
            assert (answer.status_code, answer.get_json()["code"]) == (409, "invalid_transition")

    def test_a_job_of_execution_mode_is_not_ours_to_stop(self, queue: SchedulerInProcess) -> None:
        queue.tracker.jobs.create("run-1", "digits", JobStatus.RUNNING, 1.0, "token", mode="execution", user="ada")
        answer = queue.client.post("/api/v3/jobs/run-1/stop")
        assert (answer.status_code, answer.get_json()["code"]) == (409, "conflict")
        assert queue.client.get("/running_jobs").get_json() == {}

    def test_unknown_jobs_are_not_found(self, queue: SchedulerInProcess) -> None:
        for answer in (
            queue.client.post("/api/v3/jobs/nobody/stop"),
            queue.client.get("/api/v3/jobs/nobody/state"),
            queue.client.get("/api/v3/jobs/nobody/log"),
        ):
            assert (answer.status_code, answer.get_json()["code"]) == (404, "job_not_found")


class TestLogs:
    def test_the_log_is_read_by_offset_and_by_range(self, server: SchedulerInProcess) -> None:
        job_id = server.submit("print('0123456789')")
        server.ended(job_id)
        path = f"/api/v3/jobs/{job_id}/log"
        whole = server.client.get(path)
        size = len(whole.data)
        assert whole.content_type == "text/plain; charset=utf-8"
        assert whole.data.endswith(b"0123456789\n")
        assert server.client.get(f"{path}?offset={size - 4}").data == b"789\n"
        assert server.client.get(f"{path}?offset={size + 4}").data == b""
        assert server.client.get(f"{path}?offset=-1").status_code == 400
        part = server.client.get(path, headers={"Range": f"bytes={size - 11}-{size - 9}"})
        assert (part.status_code, part.data) == (206, b"012")
        assert part.headers["Content-Range"] == f"bytes {size - 11}-{size - 9}/{size}"
        assert server.client.get(path, headers={"Range": "bytes=-4"}).data == b"789\n"
        assert server.client.get(path, headers={"Range": f"bytes={size}-"}).status_code == 416

    def test_a_followed_log_comes_as_it_is_written_and_ends_with_the_job(self, server: SchedulerInProcess) -> None:
        go_on = server.directory / "go-on"
        wait = f"while not os.path.exists({str(go_on)!r}): time.sleep(0.01)"
        code = f"import os, time\nprint('first')\n{wait}\nprint('last')"
        job_id = server.submit(code)
        answer = server.client.get(f"/api/v3/jobs/{job_id}/log?follow=1", buffered=False)
        assert answer.headers["X-Accel-Buffering"] == "no"
        received = b""
        for chunk in answer.response:
            received += chunk if isinstance(chunk, bytes) else chunk.encode()
            if b"first" in received:
                go_on.touch()
        assert received.endswith(b"first\nlast\n")
        assert server.record(job_id).status is JobStatus.COMPLETED

    def test_a_log_is_followed_in_frames_by_who_accepts_them(self, server: SchedulerInProcess) -> None:
        job_id = server.submit("print('first')")
        path, wanted = f"/api/v3/jobs/{job_id}/log", {"Accept": f"{FRAMES_TYPE}, text/plain;q=0.5"}
        answer = server.client.get(f"{path}?follow=1", headers=wanted)
        assert answer.headers["Content-Type"] == FRAMES_TYPE
        assert b"".join(log_parts([answer.data])) == server.client.get(path).data
        assert server.client.get(path, headers=wanted).headers["Content-Type"].startswith("text/plain")
        assert server.client.get(f"{path}?follow=1", headers={"Accept": "*/*"}).data.endswith(b"first\n")

    def test_a_silent_follower_hardly_asks_redis_and_notices_the_end_at_once(self, server: SchedulerInProcess) -> None:
        end = server.directory / "end"
        job_id = server.submit(f"import os, time\nwhile not os.path.exists({str(end)!r}): time.sleep(0.01)")
        wait_for(lambda: server.log(job_id).endswith(f"{'=' * 120}\n"))
        answer = server.client.get(f"/api/v3/jobs/{job_id}/log?follow=1", buffered=False)
        before = lookups(server)
        threading.Timer(2.0, end.touch).start()
        assert b"".join(answer.iter_encoded())
        assert server.record(job_id).status is JobStatus.COMPLETED
        assert lookups(server) - before < 15  # some of them for the end itself


class TestOldClients:
    def test_the_job_of_an_old_client_runs(self, server: SchedulerInProcess) -> None:
        body = old_client_body()
        code = "import os, sys; print(sys.argv[1], os.getcwd().rpartition('/')[2], os.environ['FOUNDATIONS_JOB_ID'])"
        content = old_bundle(body["job_id"], {"main.py": code, "config.txt": "x"})
        upload = {"job_bundle": (io.BytesIO(content), f"{body['job_id']}.tgz")}
        assert server.client.post("/job_bundle", data=upload).status_code == 200
        assert server.client.post("/queued_jobs", json=body).status_code == 201
        record = server.ended(body["job_id"])
        assert record.status is JobStatus.COMPLETED, server.log(body["job_id"])
        assert server.log(body["job_id"]).endswith(f"--arg job_source {body['job_id']}\n")

    def test_its_specification_is_kept_in_our_terms(self, queue: SchedulerInProcess) -> None:
        body = old_client_body()
        content = old_bundle(body["job_id"], {"main.py": ""})
        upload = {"job_bundle": (io.BytesIO(content), f"{body['job_id']}.tgz")}
        queue.client.post("/job_bundle", data=upload)
        assert queue.client.post("/queued_jobs", json=body).status_code == 201
        spec = queue.record(body["job_id"]).spec
        assert spec["command"] == ["main.py", "--arg"]
        assert spec["resources"]["ram"] == 4
        assert not {"volumes", "environment", "network", "image", "runtime", "mem_limit"} & set(spec)


def old_client_body() -> dict[str, Any]:
    job_id = str(uuid.uuid4())
    work, data, config = "/home/ada/.foundations/work", "/home/ada/.foundations/job_data", "/home/ada/.foundations/c"
    return {
        "job_id": job_id,
        "metadata": {"project_name": "digits", "username": "ada"},
        "gpu_spec": {"num_gpus": 0},
        "spec": {
            "volumes": {
                f"{work}/{job_id}": {"bind": "/job", "mode": "rw"},
                data: {"bind": data, "mode": "rw"},
                config: {"bind": "/root/.foundations/config", "mode": "rw"},
                work: {"bind": work, "mode": "rw"},
            },
            "working_dir": "/job/job_source",
            "environment": {
                "FOUNDATIONS_USER": "ada",
                "FOUNDATIONS_JOB_ID": job_id,
                "FOUNDATIONS_PROJECT_NAME": "digits",
                "PYTHONPATH": "/job/",
                "FOUNDATIONS_HOME": "/root/.foundations/",
                "FOUNDATIONS_TOKEN": None,
            },
            "network": "foundations-atlas",
            "image": "us.gcr.io/dessa-atlas/worker:latest",
            "runtime": "runc",
            "command": ["main.py", "--arg"],
            "mem_limit": 4,
        },
    }


def running(server: SchedulerInProcess) -> str:
    job_id = server.submit("import time; print('ready'); time.sleep(60)")
    wait_for(lambda: "ready" in server.log(job_id))
    return job_id


def assert_secrets_are_hidden(server: SchedulerInProcess, *paths: str) -> None:
    for path in paths:
        text = server.client.get(path).text
        assert '"A":"1"' in text
        assert "sesame" not in text
        assert "opener" not in text


def lookups(server: SchedulerInProcess) -> int:
    """Return how often the facts of a job were read from Redis."""
    return int(server.tracker.client.info("commandstats")["cmdstat_hgetall"]["calls"])


def failing(*_: object) -> None:
    raise OSError("the disk is broken")


def assert_store_is_empty(server: SchedulerInProcess) -> None:
    kept = {".incoming", ".senders", ".lock"}
    assert [path for path in server.settings.bundle_store.rglob("*") if path.name not in kept] == []


def hostile_bundle(kind: str) -> bytes:
    if kind == "not a tar":
        return b"not a tar"
    if kind == "cut":
        return gzip.compress(b"main.py" + b"\0" * 700)[:-9]
    info = tarfile.TarInfo("job-1/job_source/main.py")
    if kind in {"absolute", "parent"}:
        info.name = {"absolute": "/tmp/hostile", "parent": "job-1/job_source/../../../hostile"}[kind]
    elif kind in {"link", "link-parent"}:
        info.type, info.linkname = tarfile.SYMTYPE, {"link": "/etc", "link-parent": "../../../x"}[kind]
    else:
        info.type = tarfile.CHRTYPE
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        tar.addfile(info)
    return buffer.getvalue()


def test_gpus_are_given_in_order_and_none_twice(tmp_path: Path, redis_url: str) -> None:
    environment = {"CUDA_VISIBLE_DEVICES": "4,7", "PATH": "/usr/bin:/bin"}
    with scheduler_in_process(tmp_path, redis_url, environment, NUM_WORKERS="4") as server:
        code = "import os, time; print('gpus', os.environ['CUDA_VISIBLE_DEVICES'], 'end'); time.sleep({})"
        both = server.submit(code.format(0.3), num_gpus=2)
        one = server.submit(code.format(0), num_gpus=1)
        none = server.submit(code.format(0))
        assert "gpus 4,7 end" in (server.ended(both), server.log(both))[1]
        assert "gpus 4 end" in (server.ended(one), server.log(one))[1]
        assert "gpus  end" in (server.ended(none), server.log(none))[1]
        assert (server.record(one).start_time or 0) >= (server.record(both).completed_time or 0)


def test_a_job_cannot_widen_its_gpus(tmp_path: Path, redis_url: str) -> None:
    environment = {"CUDA_VISIBLE_DEVICES": "4,7", "PATH": "/usr/bin:/bin"}
    with scheduler_in_process(tmp_path, redis_url, environment) as server:
        code = "import os; print('gpus', os.environ['CUDA_VISIBLE_DEVICES'])"
        job_id = server.submit(code, num_gpus=1, environment={"CUDA_VISIBLE_DEVICES": "4,7", "A": "1"})
        server.ended(job_id)
        lines = server.log(job_id).splitlines()
        assert lines[0] == "WARNING: The server itself sets CUDA_VISIBLE_DEVICES; the job's own values do not count."
        assert lines[-1] == "gpus 4"


def test_a_queue_made_by_another_server_loses_only_the_job_that_cannot_run_here(tmp_path: Path, redis_url: str) -> None:
    tracker = open_tracker(redis_url)
    spec = JobSpec.from_dict({"resources": {"num_gpus": 3}})
    job = Submission("too-many", "digits", "ada", spec)
    facts: dict[str, Any] = {"mode": "scheduled", "user": "ada", "spec": job.spec.to_dict()}
    tracker.jobs.create(job.job_id, "digits", JobStatus.QUEUED, 1.0, "token", **facts)
    tracker.jobs.create("nonsense", "digits", JobStatus.QUEUED, 2.0, "token", mode="scheduled", spec={"resources": 7})
    with scheduler_in_process(tmp_path, redis_url) as server:
        assert server.ended(server.submit()).status is JobStatus.COMPLETED
        assert server.record("too-many").cause is Cause.INVALID_SPEC
        assert server.log("too-many") == (
            "Foundations ERROR: Job 'too-many' expects to use more GPUs (3) than available (0), "
            "removing from the queue\n"
        )
        assert server.record("nonsense").cause is Cause.INVALID_SPEC
    tracker.close()
