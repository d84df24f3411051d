"""A real Docker engine for tests: the one of this machine, with a network of the tests' own, or a second one."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docker import APIClient
from docker.errors import DockerException

from atlas_services.scheduler.engines.container_spec import INSTALLATION, JOB_ID
from atlas_services.scheduler.engines.docker_images import default_image
from tests.redis_server import require
from tests.scheduler_service import wait_for

_CONTAINERD = """
version = 2
root = "{place}/containerd"
state = "{place}/containerd-state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "{place}/containerd.sock"
"""
#: Large enough for a slow disk.
_PATIENCE = 60.0


def docker_client(host: str | None = None) -> APIClient | None:
    """Return a client of the engine, None when it does not answer."""
    try:
        return APIClient(base_url=host or os.environ.get("DOCKER_HOST"), version="auto", timeout=60)
    except DockerException:
        return None


def require_docker() -> APIClient:
    """Return a client of the engine of this machine, which must have the worker image."""
    client = docker_client()
    require(client, "A Docker engine that answers")
    assert client is not None
    image = default_image()
    require(client.images(name=image), f"The image {image} (make worker-image)")
    return client


@contextlib.contextmanager
def network_of_jobs(client: APIClient) -> Iterator[str]:
    """Yield the name of a network; it is removed at the end, whoever made it."""
    name = f"atlas-tests-{uuid.uuid4().hex[:8]}"
    try:
        yield name
    finally:
        with contextlib.suppress(DockerException):
            client.remove_network(name)


def containers_of(client: APIClient, home: Path, job_id: str | None = None) -> list[dict[str, Any]]:
    """Return the containers of an installation, or of one job of it."""
    file = home / "server" / "installation.id"
    if not file.exists():
        return []
    labels = [f"{INSTALLATION}={file.read_text().strip()}"] + ([f"{JOB_ID}={job_id}"] if job_id else [])
    return list(client.containers(all=True, filters={"label": labels}))


def remove_containers(client: APIClient, home: Path) -> None:
    """Remove what an installation left."""
    for container in containers_of(client, home):
        with contextlib.suppress(DockerException):
            client.remove_container(container["Id"], force=True, v=True)


@dataclass
class SecondEngine:
    """A Docker daemon of the test's own, beside the one of this machine, with a bridge of its own."""

    directory: Path
    options: tuple[str, ...] = ()
    bridge: str = field(default_factory=lambda: f"atlas-{uuid.uuid4().hex[:6]}")
    _started: list[subprocess.Popen[bytes]] = field(default_factory=list, repr=False)
    _client: APIClient | None = field(default=None, repr=False)

    @property
    def host(self) -> str:
        """What `DOCKER_HOST` is set to."""
        return f"unix://{self.directory}/docker.sock"

    @property
    def client(self) -> APIClient:
        """A client; only while it runs."""
        if self._client is None:
            self._client = docker_client(self.host)
        assert self._client is not None
        return self._client

    def answers(self) -> bool:
        """Whether it takes calls."""
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(self.host.removeprefix("unix://")) == 0

    def start_containers(self) -> None:
        """Start what holds the containers: as on a server, it does not end with the daemon."""
        place = self.directory
        (place / "containerd.toml").write_text(_CONTAINERD.format(place=place))
        command = ["containerd", f"--config={place}/containerd.toml"]
        with (place / "log").open("ab") as log:
            self._started.append(subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True))

    def start(self) -> None:
        """Start it and wait until it answers."""
        place = self.directory
        command = [
            "dockerd",
            *(f"--data-root={place}/data", f"--exec-root={place}/exec", f"--pidfile={place}/pid"),
            *(f"--host={self.host}", "--iptables=false", "--ip6tables=false", "--ip-masq=false"),
            *(f"--containerd={place}/containerd.sock",),
            *(f"--containerd-namespace={self.bridge}", f"--containerd-plugins-namespace={self.bridge}-plugins"),
            f"--bridge={self.bridge}",
            *self.options,
        ]
        with (place / "log").open("ab") as log:
            self._started.append(subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True))
        wait_for(self.answers, _PATIENCE)

    def add_bridge(self) -> None:
        """Make the bridge, which a daemon is only told of when there is another one."""
        for words in (f"link add {self.bridge} type bridge", f"address add 10.213.77.1/24 dev {self.bridge}"):
            subprocess.run(["ip", *words.split()], check=True)
        subprocess.run(["ip", "link", "set", self.bridge, "up"], check=True)

    def kill(self) -> None:
        """Kill the daemon alone: its containers do not die with it."""
        self._started[-1].kill()
        self._started[-1].wait(30)
        (self.directory / "pid").unlink(missing_ok=True)

    @contextlib.contextmanager
    def stalled(self) -> Iterator[None]:
        """Have it take calls inside the block, and answer none before its end."""
        self._started[-1].send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._started[-1].send_signal(signal.SIGCONT)

    def load(self, source: APIClient, image: str) -> None:
        """Give it an image of another engine."""
        with (self.directory / "image.tar").open("wb") as file:
            for chunk in source.get_image(image):
                file.write(chunk)
        with (self.directory / "image.tar").open("rb") as file:
            self.client.load_image(file)

    def end(self) -> None:
        """Leave nothing behind: containers, processes, mounts, the bridge."""
        if not self.answers():
            self.start()
        for container in self.client.containers(all=True):
            with contextlib.suppress(DockerException):
                self.client.remove_container(container["Id"], force=True)
        self.client.close()
        for process in reversed(self._started):
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            process.wait(30)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
        for mount in sorted(mounts, reverse=True):
            if Path(mount).is_relative_to(self.directory):
                subprocess.run(["umount", "--lazy", mount], check=True)
        subprocess.run(["ip", "link", "delete", self.bridge], check=True)


@contextlib.contextmanager
def second_engine(directory: Path, *options: str) -> Iterator[SecondEngine]:
    """Run a second Docker daemon. It needs root, and a directory with a short path for its socket."""
    require(os.geteuid() == 0 and shutil.which("dockerd"), "dockerd, and root to run it,")
    engine = SecondEngine(directory, options)
    engine.add_bridge()
    engine.start_containers()
    try:
        engine.start()
        yield engine
    finally:
        engine.end()
