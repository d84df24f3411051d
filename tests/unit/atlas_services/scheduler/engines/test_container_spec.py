"""What containers of jobs are allowed."""

from __future__ import annotations

from typing import Any

from atlas_core.jobs import JobSpec
from atlas_core.resources import Resources
from atlas_services.scheduler.engines import Assignment
from atlas_services.scheduler.engines.container_spec import Place, container_spec, gpu_variables
from atlas_services.scheduler.mounts import Mount

_PLACE = Place("atlas-worker:1", "1000:1000", "/work/job-1", "/environments/ada", "net", "home-1")
_GB = 1024**3


def spec_of(spec: JobSpec, gpus: tuple[str, ...] = (), mounts: tuple[Mount, ...] = ()) -> dict[str, Any]:
    return container_spec(Assignment("job-1", "digits", "ada", spec, gpus), _PLACE, {"A": "1"}, mounts)


def test_a_container_gets_no_privileges_whatever_the_job_asks_for() -> None:
    host = spec_of(JobSpec(entrypoint=("sh",), environment={"PRIVILEGED": "1"}))["HostConfig"]
    assert (host["Privileged"], host["CapDrop"], host["SecurityOpt"]) == (False, ["ALL"], ["no-new-privileges"])
    assert not {"CapAdd", "Devices", "PidMode", "IpcMode", "PortBindings", "Binds", "VolumesFrom"} & set(host)
    assert (host["RestartPolicy"], host["AutoRemove"]) == ({"Name": "no"}, False)


def test_the_log_of_a_container_is_never_cut() -> None:
    log = spec_of(JobSpec())["HostConfig"]["LogConfig"]
    assert log["Type"] == "local"
    assert (log["Config"]["max-file"], log["Config"]["compress"]) == ("1", "false")


def test_the_image_runs_the_command_unless_the_job_brings_an_entrypoint() -> None:
    assert spec_of(JobSpec(command=("main.py", "--x")))["Cmd"] == ["main.py", "--x"]
    assert "Entrypoint" not in spec_of(JobSpec())
    assert "Cmd" not in spec_of(JobSpec())
    assert spec_of(JobSpec(entrypoint=("sh", "-c")))["Entrypoint"] == ["sh", "-c"]


def test_a_job_has_its_own_directories_and_what_it_may_mount() -> None:
    mounts = (Mount("/data", "/data", "ro"), Mount("cache", "/cache"))
    found = [
        (each["Type"], each["Source"], each["Target"], each["ReadOnly"])
        for each in spec_of(JobSpec(), mounts=mounts)["HostConfig"]["Mounts"]
    ]
    assert found == [
        ("bind", "/work/job-1", "/job", False),
        ("bind", "/environments/ada", "/environments", False),
        ("bind", "/data", "/data", True),
        ("volume", "cache", "/cache", False),
    ]


def test_a_job_runs_in_the_directory_that_it_asks_for() -> None:
    assert spec_of(JobSpec())["WorkingDir"] == "/job/job_source"
    assert spec_of(JobSpec(working_dir="sub"))["WorkingDir"] == "/job/job_source/sub"


def test_resources_become_limits() -> None:
    host = spec_of(JobSpec(resources=Resources(ram=1.5, cpus=0.5, shm=2)))["HostConfig"]
    assert (host["Memory"], host["MemorySwap"]) == (3 * _GB // 2, 3 * _GB // 2)
    assert (host["NanoCpus"], host["ShmSize"], host["PidsLimit"]) == (500_000_000, 2 * _GB, 4096)
    host = spec_of(JobSpec())["HostConfig"]
    assert host["ShmSize"] == _GB
    assert not {"Memory", "NanoCpus", "DeviceRequests"} & set(host)


def test_gpus_are_asked_for_by_id_and_count_from_nought_inside() -> None:
    host = spec_of(JobSpec(resources=Resources(num_gpus=2)), ("3", "GPU-7"))["HostConfig"]
    assert host["DeviceRequests"] == [
        {"Driver": "nvidia", "DeviceIDs": ["3", "GPU-7"], "Capabilities": [["gpu", "compute", "utility"]]}
    ]
    assert gpu_variables(("3", "GPU-7")) == {"NVIDIA_VISIBLE_DEVICES": "3,GPU-7", "CUDA_VISIBLE_DEVICES": "0,1"}


def test_a_job_without_gpus_sees_none() -> None:
    assert gpu_variables(()) == {"NVIDIA_VISIBLE_DEVICES": "void", "CUDA_VISIBLE_DEVICES": ""}


def test_the_network_is_the_servers_unless_the_job_names_one() -> None:
    assert spec_of(JobSpec())["HostConfig"]["NetworkMode"] == "net"
    other = spec_of(JobSpec(network="lab"))
    assert (other["HostConfig"]["NetworkMode"], list(other["NetworkingConfig"]["EndpointsConfig"])) == ("lab", ["lab"])


def test_labels_say_whose_the_container_is() -> None:
    assert spec_of(JobSpec())["Labels"] == {
        "atlas.installation": "home-1",
        "atlas.job": "job-1",
        "atlas.project": "digits",
        "atlas.user": "ada",
        # An image that Compose built would make a service of it.
        "com.docker.compose.project": "",
        "com.docker.compose.service": "",
        "com.docker.compose.version": "",
    }
