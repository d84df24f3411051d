"""The connection to the Docker engine. Every call has an end; an engine that is away is told from one that refuses."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import requests
import urllib3
from docker import APIClient
from docker.auth import get_config_header, resolve_repository_name
from docker.errors import APIError, DockerException, create_api_error_from_http_exception
from docker.types import CancellableStream
from docker.utils import kwargs_from_env, parse_repository_tag

from atlas_services.scheduler.engines import EngineAway

T = TypeVar("T")

#: Seconds for an answer. Starting a container on a busy disk may take many.
_PATIENCE = 60
#: Seconds to connect, and for the beginning of a stream.
_OPENING = 20
#: Bytes that are read at a time.
_PIECE = 1 << 16
#: What the daemon answers when it is about to go or to come.
_NOT_NOW = 503
_NONE: Mapping[str, str] = {}


@dataclass(frozen=True)
class Facts:
    """What one daemon can do: the log driver that keeps every byte, or the next best; and whether it has an init."""

    log_driver: str
    has_init: bool
    is_desktop: bool


class Daemon:
    """The daemon that `DOCKER_HOST` names, by default the one of this machine. May be used by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._client: APIClient | None = None
        self._facts: Facts | None = None

    def ask(self, question: Callable[[Any], T]) -> T:
        """Return what `question` makes of the client. Raises `EngineAway` without an answer, else `APIError`."""
        with _translated():
            try:
                return question(self._connected())
            except APIError as error:
                if error.status_code == _NOT_NOW:
                    raise EngineAway(sentence_of(error)) from error
                raise

    def find(self, question: Callable[[Any], T]) -> T | None:
        """As `ask`; None when there is no such thing."""
        try:
            return self.ask(question)
        except APIError as error:
            if error.status_code == requests.codes.not_found:
                return None
            raise

    @contextmanager
    def stream(self, path: str, **params: Any) -> Iterator[Stream]:
        """Open a stream that may be silent for as long as it likes, once it has begun.

        Raises `EngineAway`, also when it breaks off inside the block, or `APIError`.
        """
        with self._open("GET", path, _OPENING, params) as (client, response):
            _let_be_silent(client, response)
            yield Stream(response)

    @contextmanager
    def attached(self, container: str) -> Iterator[Stream]:
        """Open the stream of what a container writes from now on.

        Who does not read it at once makes the container wait. Raises as `stream` does.
        """
        wanted = {"stream": 1, "stdout": 1, "stderr": 1}
        with self._open("POST", f"/containers/{container}/attach", _OPENING, wanted) as (client, response):
            _let_be_silent(client, response)
            yield Stream(response)

    @contextmanager
    def pull(self, image: str, silence: float) -> Iterator[Stream]:
        """Have the daemon fetch an image, and open the stream of what it tells of that.

        Raises `EngineAway`, also when it breaks off or is silent for so many seconds inside the block, or `APIError`.
        """
        repository, tag = parse_repository_tag(image)
        params = {"fromImage": repository, "tag": tag or "latest"}
        with _translated():
            credentials = get_config_header(self._connected(), resolve_repository_name(repository)[0])
        headers = {"X-Registry-Auth": credentials} if credentials else {}
        with self._open("POST", "/images/create", silence, params, headers) as (_, response):
            yield Stream(response)

    @contextmanager
    def _open(
        self, method: str, path: str, silence: float, params: Mapping[str, Any], headers: Mapping[str, str] = _NONE
    ) -> Iterator[tuple[Any, requests.Response]]:
        with _translated():
            client: Any = self._connected()
            url = f"{client.base_url}/v{client.api_version}{path}"
            wait = (_OPENING, silence)
            response = client.request(method, url, params=params, headers=headers, stream=True, timeout=wait)
            try:
                _check(response)
                yield client, response
            finally:
                response.close()

    @property
    def facts(self) -> Facts:
        """What the daemon can do. Raises `EngineAway`."""
        if self._facts is None:
            info = self.ask(lambda client: client.info())
            drivers = (info.get("Plugins") or {}).get("Log") or []
            self._facts = Facts(
                log_driver="local" if "local" in drivers else "json-file",
                has_init=bool(info.get("InitBinary")),
                is_desktop="Docker Desktop" in str(info.get("OperatingSystem")),
            )
        return self._facts

    def forget(self) -> None:
        """Find out anew what the daemon is; it may be another one after a break."""
        self._facts = None

    def close(self) -> None:
        """Let go of what no call uses."""
        with self._lock:
            if self._client is not None:
                self._client.close()

    def _connected(self) -> APIClient:
        with self._lock:
            if self._client is None:
                self._client = APIClient(version="auto", timeout=_PATIENCE, **kwargs_from_env())
            return self._client


class Stream:
    """What the daemon sends, piece by piece, as it comes."""

    def __init__(self, response: requests.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        raw = self._response.raw
        if raw.chunked:  # of that, urllib3 hands on each piece as it comes, whatever the size asked for
            yield from raw.stream(_PIECE)
        else:
            yield from iter(partial(raw.read1, _PIECE), b"")

    def lines(self) -> Iterator[bytes]:
        """Yield each line as it ends; what a stream that broke off left of one is nothing."""
        waiting = b""
        for piece in self:
            *lines, waiting = (waiting + piece).split(b"\n")
            yield from lines

    def cut(self) -> None:
        """End it from another thread, which closing alone would not do while it is being read."""
        with suppress(OSError, AttributeError, ValueError, DockerException):  # it has just ended by itself
            CancellableStream(iter(()), self._response).close()


def _let_be_silent(client: Any, response: requests.Response) -> None:
    with suppress(AttributeError):  # it has ended already
        client._disable_socket_timeout(client._get_raw_response_socket(response))


def sentence_of(error: APIError) -> str:
    """Return what the daemon said, without the address that was asked; `404 Client Error` and the like stay."""
    explanation = error.explanation
    text = explanation.decode("utf-8", "replace") if isinstance(explanation, bytes) else str(explanation or "")
    kind = re.match(r"\d+ (Client|Server) Error", str(error))
    said = " ".join(text.split()).rstrip(".")
    return f"{kind[0]}: {said}" if kind else said or str(error)


def _check(response: requests.Response) -> None:
    try:
        response.raise_for_status()
    except requests.HTTPError as error:
        create_api_error_from_http_exception(error)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except APIError:
        raise
    except (requests.RequestException, DockerException, urllib3.exceptions.HTTPError, OSError) as error:
        raise EngineAway(f"The Docker engine does not answer: {error}") from error
