"""Settings of an installation: where its state lies, which ports it uses, how much it may run.

Each process makes one `Settings` in its `__main__` and hands on what others need. Every setting has an environment
variable, a default and a sentence in docs/reference/settings.md.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Callable, TypeVar
from urllib.parse import quote, urlsplit, urlunsplit

from atlas_core.errors import InvalidConfig
from atlas_core.oidc_settings import OidcSettings, read_secret

T = TypeVar("T")

_GB = 1024**3
#: No setting is larger: in GB it is what a 64-bit size in bytes can hold.
_LARGEST = 10**9
#: What runs jobs; the first is the default.
ENGINES = ("auto", "process", "docker")
#: The Docker network that jobs join.
JOB_NETWORK = "foundations-atlas"


@dataclass(frozen=True)
class Ports:
    """The TCP port of each service."""

    gui: int = 3000
    scheduler: int = 5000
    rest_api: int = 37722
    archive: int = 5557
    proxy: int = 5558
    redis: int = 5556
    tensorboard: int = 5959
    tensorboard_api: int = 5960

    @classmethod
    def from_base(cls, base: int) -> Ports:
        """Return eight consecutive ports from `base`, so that several stacks run side by side."""
        if not 1024 <= base <= 65535 - 7:
            raise InvalidConfig(
                f"port-base: {base} leaves no room for eight ports; choose 1024 to 65528.", field="port_base"
            )
        return cls(*(base + offset for offset in range(len(fields(cls)))))


@dataclass(frozen=True)
class Settings:
    """One installation's settings."""

    home: Path
    ports: Ports
    host: str
    redis_url: str
    scheduler_url: str
    rest_api_url: str
    archive_url: str
    proxy_url: str
    gui_url: str
    workers: int
    max_bundle_bytes: int
    max_unpacked_bytes: int
    heartbeat_timeout: float
    stop_grace: float
    stop_jobs_on_exit: bool = False
    max_artifact_bytes: int = 32 * _GB
    bundle_days: float = 30.0
    environment_days: float = 30.0
    allow_open_proxy: bool = False
    engine: str = "auto"
    gpus: str = ""
    cpus: float | None = None
    ram: float | None = None
    job_server_url: str = ""
    job_gateway: str = ""
    job_network: str = JOB_NETWORK
    worker_image: str = ""
    worker_user: str = ""
    allowed_hosts: tuple[str, ...] = ()
    tensorboard_api_url: str = ""
    tensorboard_url: str = ""
    tensorboard_logdirs: Path = Path()
    tensorboard_processes: int = 4
    tensorboard_minutes: float = 15.0
    tensorboard_days: float = 30.0
    no_login: bool = False
    oidc: OidcSettings | None = None
    identity_secret: str = ""
    seal_minutes: float = 10.0
    job_days: float = 0.0
    archive_store: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None, ports: Ports | None = None) -> Settings:
        """Return the settings that `environment` (default: this process's) describes.

        Raises `InvalidConfig` naming the variable, its value and what it should be.
        """
        env = os.environ if environment is None else environment
        if ports is None:
            base = _read(env, "ATLAS_PORT_BASE", int, 0)
            ports = Ports.from_base(base) if base else Ports()
        host = env.get("ATLAS_HOST", "127.0.0.1")
        home = home_directory(env)
        no_login = _read(env, "ATLAS_NO_LOGIN", int, 0, minimum=0) > 0
        proxy_url = env.get("ATLAS_PROXY_URL", f"http://{reachable(host)}:{ports.proxy}")
        return cls(
            home=home,
            ports=ports,
            host=host,
            redis_url=_redis_url(env, ports.redis),
            scheduler_url=env.get("ATLAS_SCHEDULER_URL", f"http://127.0.0.1:{ports.scheduler}"),
            rest_api_url=env.get("ATLAS_REST_API_URL", f"http://127.0.0.1:{ports.rest_api}"),
            archive_url=env.get("ATLAS_ARCHIVE_URL", f"http://127.0.0.1:{ports.archive}"),
            proxy_url=proxy_url,
            gui_url=env.get("ATLAS_GUI_URL") or f"http://{reachable(host)}:{ports.gui}",
            workers=_read(env, "NUM_WORKERS", int, os.cpu_count() or 1, minimum=0),
            max_bundle_bytes=int(_read(env, "ATLAS_MAX_BUNDLE_GB", float, 8.0, minimum=0.0) * _GB),
            max_unpacked_bytes=int(_read(env, "ATLAS_MAX_UNPACKED_GB", float, 32.0, minimum=0.0) * _GB),
            heartbeat_timeout=_read(env, "ATLAS_HEARTBEAT_TIMEOUT", float, 60.0, minimum=1.0),
            stop_grace=_read(env, "ATLAS_STOP_GRACE", float, 5.0, minimum=0.0),
            stop_jobs_on_exit=_read(env, "ATLAS_STOP_JOBS_ON_EXIT", int, 0, minimum=0) > 0,
            max_artifact_bytes=int(_read(env, "ATLAS_MAX_ARTIFACT_GB", float, 32.0, minimum=0.0) * _GB),
            bundle_days=_read(env, "ATLAS_BUNDLE_DAYS", float, 30.0, minimum=0.0),
            environment_days=_read(env, "ATLAS_ENVIRONMENT_DAYS", float, 30.0, minimum=0.0),
            allow_open_proxy=_read(env, "ATLAS_ALLOW_OPEN_PROXY", int, 0, minimum=0) > 0,
            engine=_choice(env, "ATLAS_ENGINE", ENGINES),
            gpus=env.get("ATLAS_GPUS", ""),
            cpus=_read(env, "ATLAS_CPUS", float, 0.0, minimum=0.0) or None,
            ram=_read(env, "ATLAS_RAM", float, 0.0, minimum=0.0) or None,
            job_server_url=env.get("ATLAS_JOB_SERVER_URL", ""),
            job_network=env.get("ATLAS_JOB_NETWORK") or JOB_NETWORK,
            job_gateway=_interface(env, "ATLAS_JOB_GATEWAY"),
            worker_image=env.get("ATLAS_WORKER_IMAGE", ""),
            worker_user=_user(env, "ATLAS_WORKER_USER"),
            allowed_hosts=tuple(env.get("ATLAS_ALLOWED_HOSTS", "").replace(",", " ").split()),
            tensorboard_api_url=_tensorboard_api_url(env, ports.tensorboard_api),
            tensorboard_url=_tensorboard_url(env, proxy_url),
            tensorboard_logdirs=Path(env.get("ATLAS_TENSORBOARD_LOGDIRS") or home / "tensorboard" / "work_dir"),
            tensorboard_processes=_read(env, "ATLAS_TENSORBOARD_PROCESSES", int, 4, minimum=1),
            tensorboard_minutes=_read(env, "ATLAS_TENSORBOARD_MINUTES", float, 15.0, minimum=0.0),
            tensorboard_days=_read(env, "ATLAS_TENSORBOARD_DAYS", float, 30.0, minimum=0.0),
            no_login=no_login,
            oidc=None if no_login else OidcSettings.from_environment(env),
            identity_secret=read_secret(env, "ATLAS_IDENTITY_SECRET_FILE"),
            seal_minutes=_read(env, "ATLAS_SEAL_MINUTES", float, 10.0, minimum=0.0),
            job_days=_read(env, "ATLAS_JOB_DAYS", float, 0.0, minimum=0.0),
            archive_store=_object_store(env, "ATLAS_ARCHIVE_STORE"),
        )

    @property
    def archive_root(self) -> Path:
        """One directory a job: `artifacts/`, `user_artifacts/`, `synced_directories/`, `logs/`."""
        return self.home / "job_data" / "archive"

    @property
    def bundle_store(self) -> Path:
        """Uploaded bundles, named by their id."""
        return self.home / "job_bundle_store_dir"

    @property
    def work_root(self) -> Path:
        """One directory a running job."""
        return self.home / "local_docker_scheduler" / "work_dir"

    @property
    def environments_root(self) -> Path:
        """Python environments of jobs, named by the hash of their requirements."""
        return self.home / "environments"


def reachable(host: str) -> str:
    """Return the address at which this machine reaches a server that listens on `host`, as part of a URL."""
    if host in {"0.0.0.0", "::", ""}:  # noqa: S104  every interface, the loopback one among them
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def home_directory(environment: Mapping[str, str] | None = None) -> Path:
    """Return `$FOUNDATIONS_HOME`, by default `~/.foundations`, absolute."""
    env = os.environ if environment is None else environment
    return Path(env.get("FOUNDATIONS_HOME") or "~/.foundations").expanduser().absolute()


def _interface(env: Mapping[str, str], name: str) -> str:
    text = env.get(name, "")
    try:
        if text:
            ipaddress.ip_interface(text)
    except ValueError:
        raise InvalidConfig(
            f"{name}: {text!r} is not usable; set it to an address with its network, such as 172.18.0.1/16.", field=name
        ) from None
    return text


def _redis_url(env: Mapping[str, str], port: int) -> str:
    """Return Redis's address, with the password in the file `$ATLAS_REDIS_PASSWORD_FILE` if that is set."""
    url = env.get("ATLAS_REDIS_URL") or env.get("REDIS_URL") or f"redis://127.0.0.1:{port}/0"
    password = read_secret(env, "ATLAS_REDIS_PASSWORD_FILE")
    if not password:
        return url
    parts = urlsplit(url)
    address = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:{quote(password, safe='')}@{address}"))


def _tensorboard_api_url(env: Mapping[str, str], port: int) -> str:
    """Return where the TensorBoard service is; the original knew it by two names, and without a scheme."""
    old = env.get("FOUNDATIONS_TENSORBOARD_API_HOST") or env.get("TENSORBOARD_API_HOST")
    return _with_scheme(env.get("ATLAS_TENSORBOARD_API_URL") or old or f"127.0.0.1:{port}")


def _tensorboard_url(env: Mapping[str, str], proxy_url: str) -> str:
    """Return the address at which browsers find `/tensorboard/`."""
    old = env.get("FOUNDATIONS_TENSORBOARD_HOST") or env.get("TENSORBOARD_HOST")
    return _with_scheme(env.get("ATLAS_TENSORBOARD_URL") or old or proxy_url)


def _with_scheme(url: str) -> str:
    return (url if "://" in url else f"http://{url}").rstrip("/")


def _user(env: Mapping[str, str], name: str) -> str:
    text = env.get(name, "")
    if text and not re.fullmatch(r"\d{1,9}:\d{1,9}", text):
        raise InvalidConfig(
            f"{name}: {text!r} is no user; set it to two numbers, the user's and the group's, such as 1000:1000.",
            field=name,
        )
    return text


def _object_store(env: Mapping[str, str], name: str) -> str:
    text = env.get(name, "").rstrip("/")
    if text and not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,62}(/[^/?#]+)*", text):
        raise InvalidConfig(
            f"{name}: {text!r} is not usable; set it to a bucket and a directory in it, such as s3://bucket/atlas.",
            field=name,
        )
    return text


def _choice(env: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = env.get(name) or choices[0]
    if value not in choices:
        raise InvalidConfig(f"{name}: {value!r} is not usable; set it to {' or '.join(choices)}.", field=name)
    return value


def _read(env: Mapping[str, str], name: str, kind: Callable[[str], T], default: T, minimum: T | None = None) -> T:
    text = env.get(name)
    if not text:
        return default
    try:
        value = kind(text)
    except ValueError:
        value = None
    least = -_LARGEST if minimum is None else minimum
    if value is None or not least <= value <= _LARGEST:  # type: ignore[operator]  # NaN is not either
        wanted = "a number" if minimum is None else f"a number from {minimum} to {_LARGEST}"
        raise InvalidConfig(f"{name}: {text!r} is not usable; set it to {wanted}.", field=name)
    return value
