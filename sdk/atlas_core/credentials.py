"""Who this user is to a server: the tokens of `foundations login`, kept in `$FOUNDATIONS_HOME/credentials.yaml`.

Only their owner can read the file. A token is renewed shortly before its end, by one process at a time.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

import yaml

from atlas_core.settings import home_directory

if TYPE_CHECKING:
    from atlas_core.client import Token

#: What the token of a job begins with, when the job asks in its user's name.
_JOB_TOKEN = "atlas_job_"  # noqa: S105  its beginning is no secret
#: Seconds before its end at which a token is renewed.
_EARLY = 30.0
#: Seconds that a login or logout waits for another process that renews a token, and a request that needs the new one.
_PATIENCE, _RENEWAL_PATIENCE = 45.0, 5.0
#: Seconds between two looks whether the file is free, and for which no renewal is tried after one that failed.
_PAUSE, _RETRY = 0.05, 60.0

#: Takes a refresh token and returns what the server grants for it: `access_token` and more. It may raise any error.
Renew = Callable[[str], Mapping[str, Any]]


@dataclass(frozen=True)
class Credentials:
    """The tokens of a user at one server. `expires` is in seconds since the epoch."""

    token: str
    refresh_token: str = ""
    expires: float = 0.0

    @classmethod
    def of_grant(cls, grant: Mapping[str, Any], now: float) -> Credentials:
        """Return what a server has granted. Raises `KeyError` when it granted nothing."""
        lifetime = grant.get("expires_in")
        expires = now + float(lifetime) if isinstance(lifetime, (int, float)) else 0.0
        return cls(str(grant["access_token"]), str(grant.get("refresh_token") or ""), expires)


class CredentialsFile:
    """The file of one home. The original's `default: {token: ...}` is read, too, and kept up to date."""

    def __init__(self, home: Path) -> None:
        self._path = home / "credentials.yaml"

    def read(self, url: str) -> Credentials | None:
        """Return the credentials for a server, if there are any."""
        data = self._load()
        found = data.get("servers", {}).get(url)
        if not isinstance(found, Mapping):
            default = data.get("default")
            found = default if isinstance(default, Mapping) and default.get("server", url) == url else {}
        known = {name: found[name] for name in ("token", "refresh_token", "expires") if name in found}
        return Credentials(**known) if isinstance(known.get("token"), str) else None

    def write(self, url: str, credentials: Credentials) -> None:
        """Keep the credentials for a server. Raises `OSError`."""
        with self.locked(_PATIENCE):
            self.write_locked(url, credentials)

    def write_locked(self, url: str, credentials: Credentials) -> None:
        """Do so inside of `locked`. Raises `OSError`."""
        data = self._load()
        data.setdefault("servers", {})[url] = asdict(credentials)
        data["default"] = {"token": credentials.token, "server": url}
        self._save(data)

    def remove(self, url: str) -> None:
        """Forget the credentials for a server. Raises `OSError`."""
        with self.locked(_PATIENCE):
            data = self._load()
            data.get("servers", {}).pop(url, None)
            if isinstance(data.get("default"), dict) and data["default"].get("server", url) == url:
                del data["default"]
            if self._path.exists():
                self._save(data)

    @contextlib.contextmanager
    def locked(self, seconds: float) -> Iterator[None]:
        """Hold the file for this process alone. Raises `OSError`, also when another one holds it for so long."""
        deadline = time.monotonic() + seconds
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            while not _is_taken(descriptor):
                if time.monotonic() > deadline:
                    raise TimeoutError(f"`{self._path}` is in use by another process; try again.")
                time.sleep(_PAUSE)
            yield
        finally:
            os.close(descriptor)

    def _load(self) -> dict[str, Any]:
        try:
            data = yaml.safe_load(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError, yaml.YAMLError):
            return {}
        if not isinstance(data, dict):
            return {}
        if not isinstance(data.get("servers", {}), dict):
            del data["servers"]
        return data

    def _save(self, data: Mapping[str, Any]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_name(f"{self._path.name}.{os.getpid()}.part")
        with contextlib.suppress(FileNotFoundError):
            part.unlink()
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - the descriptor carries the mode
            yaml.safe_dump(dict(data), file)
        part.replace(self._path)


def _is_taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def token_for(url: str, renew: Renew | None = None) -> Token:
    """Return what says which token to send to the server at `url`.

    `$FOUNDATIONS_TOKEN` counts first, then the token of the job that this is, then what `foundations login` kept. That
    one is renewed with `renew`; without it, or when it fails, the old one is sent for as long as it lasts.
    """
    environment = os.environ
    given = environment.get("FOUNDATIONS_TOKEN") or _token_of_job(environment)
    if given:
        return lambda: given
    return _Kept(CredentialsFile(home_directory()), url.rstrip("/"), renew)


class _Kept:
    """The token that the file holds, renewed when it is about to end."""

    def __init__(self, file: CredentialsFile, url: str, renew: Renew | None) -> None:
        self._file = file
        self._url = url
        self._renew = renew
        self._known: Credentials | None = None
        self._next_renewal = 0.0

    def __call__(self) -> str | None:
        """Return the token."""
        if self._known is None or _is_ending(self._known):
            self._known = self._file.read(self._url)
        if self._known is None:
            return None
        if self._renew is not None and self._known.refresh_token and _is_ending(self._known) and self._may_renew():
            self._known = self._renewed(self._known, self._renew)
        return self._known.token

    def _may_renew(self) -> bool:
        return time.monotonic() >= self._next_renewal

    def _renewed(self, old: Credentials, renew: Renew) -> Credentials:
        try:
            with self._file.locked(_RENEWAL_PATIENCE):
                present = self._file.read(self._url) or old
                if not _is_ending(present):
                    return present  # another process was faster
                grant = {"refresh_token": present.refresh_token, **renew(present.refresh_token)}
                fresh = Credentials.of_grant(grant, time.time())
                self._file.write_locked(self._url, fresh)
                return fresh
        except Exception:  # whatever fails here, the server says of the old token what is wrong with it
            self._next_renewal = time.monotonic() + _RETRY
            return old


def _is_ending(credentials: Credentials) -> bool:
    return bool(credentials.expires) and credentials.expires - _EARLY < time.time()


def _token_of_job(environment: Mapping[str, str]) -> str | None:
    job_id, token = environment.get("FOUNDATIONS_JOB_ID"), environment.get("FOUNDATIONS_JOB_TOKEN")
    return f"{_JOB_TOKEN}{job_id}.{token}" if job_id and token else None
