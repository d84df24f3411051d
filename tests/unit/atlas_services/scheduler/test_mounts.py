"""What a job asks to have mounted."""

from __future__ import annotations

from typing import Any

import pytest

from atlas_core.errors import InvalidSpec
from atlas_services.scheduler.mounts import Mount, read_mounts, written
from atlas_services.scheduler.old_mounts import asked_mounts


@pytest.mark.parametrize(
    "volumes",
    [
        {"/data//sets/": {"bind": "/mnt/data", "mode": "ro"}, "models": {"bind": "/models"}},
        ["/data/sets:/mnt/data/:ro", "models:/models:rw"],
        ("/data/sets:/mnt/data:ro", "models:/models"),
    ],
)
def test_both_forms_of_docker_are_understood(volumes: Any) -> None:
    mounts = read_mounts(volumes)
    assert mounts == (Mount("/data/sets", "/mnt/data", "ro"), Mount("models", "/models", "rw"))
    assert [mount.is_volume for mount in mounts] == [False, True]
    assert read_mounts(written(mounts)) == mounts


@pytest.mark.parametrize(
    "volumes",
    [
        "all",
        7,
        [1],
        ["/data"],
        ["/a:/b:ro:z"],
        {"/data": None},
        {"/data": {}},
        {"/data": {"bind": "mnt"}},
        {"/data": {"bind": "/mnt/../proc"}},
        {"/data": {"bind": "/mnt", "mode": "rwz"}},
        {"/data": {"bind": "/mnt", "mode": ["ro"]}},
        {"/data": {"bind": "/mnt", "propagation": "shared"}},
        {"/data": {"bind": "/mnt\n"}},
        {"./data": {"bind": "/mnt"}},
        {"~": {"bind": "/mnt"}},
        {"../data": {"bind": "/mnt"}},
        {"/data/../etc": {"bind": "/mnt"}},
        {"": {"bind": "/mnt"}},
        {"/data\x00": {"bind": "/mnt"}},
        {"/a": {"bind": "/mnt"}, "/b": {"bind": "/mnt/"}},
        ["/a:/mnt", "/a:/other"],
    ],
)
def test_what_is_no_mount_is_refused_by_the_field(volumes: Any) -> None:
    with pytest.raises(InvalidSpec, match=r"^volumes: .*\.$") as caught:
        read_mounts(volumes)
    assert caught.value.details["field"] == "volumes"


@pytest.mark.parametrize(
    "bind",
    ["/", "//", "/job", "/job/home", "/environments/x", "/proc", "/sys/fs", "/dev/shm", "/etc/passwd", "/run", "/var"],
)
def test_nothing_is_mounted_over_what_is_not_the_jobs_to_replace(bind: str) -> None:
    with pytest.raises(InvalidSpec, match="not the job's to replace"):
        read_mounts({"/data": {"bind": bind}})


def test_a_place_that_only_begins_alike_is_free() -> None:
    assert read_mounts({"/data": "/jobs"}) == (Mount("/data", "/jobs"),)


class TestOldClients:
    def test_what_they_always_ask_for_is_dropped(self) -> None:
        assert asked_mounts(old_volumes("7"), "7") == ()
        extra = {"/data": {"bind": "/mnt", "mode": "ro"}}
        assert asked_mounts({**old_volumes("7"), **extra}, "7") == (Mount("/data", "/mnt", "ro"),)

    @pytest.mark.parametrize("job_id", ["8", None])
    def test_another_jobs_directory_is_none_of_it(self, job_id: object) -> None:
        with pytest.raises(InvalidSpec, match="/work/7"):
            asked_mounts(old_volumes("7"), job_id)

    @pytest.mark.parametrize("host", ["/var/run/docker.sock", "/var/run", "/", "/etc", "/var/lib/docker/volumes"])
    def test_the_machine_does_not_pass_as_their_archive(self, host: str) -> None:
        volumes = old_volumes("7")
        del volumes["/home/ada/archive"]
        try:
            mounts = asked_mounts({**volumes, host: {"bind": host}}, "7")
        except InvalidSpec as error:
            assert host in error.message
        else:
            assert [mount.source for mount in mounts] == [host]

    def test_only_one_archive_is_dropped(self) -> None:
        volumes = {**old_volumes("7"), "/srv/private": {"bind": "/srv/private", "mode": "rw"}}
        assert asked_mounts(volumes, "7") == (Mount("/srv/private", "/srv/private"),)

    def test_without_the_jobs_directory_nothing_is_taken_for_theirs(self) -> None:
        assert asked_mounts({"/data": {"bind": "/data"}}, "7") == (Mount("/data", "/data"),)


def old_volumes(job_id: str) -> dict[str, Any]:
    return {
        f"/home/ada/work/{job_id}": {"bind": "/job", "mode": "rw"},
        "/home/ada/archive": {"bind": "/home/ada/archive", "mode": "rw"},
        "/home/ada/config": {"bind": "/root/.foundations/config", "mode": "rw"},
        "/home/ada/work": {"bind": "/home/ada/work", "mode": "rw"},
    }
