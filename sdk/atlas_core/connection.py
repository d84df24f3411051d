"""A connection to a server over HTTP: one pool, one way to fail.

Every failure is an `AtlasError`: what the server rendered is raised again as the same class, a server that does not
answer is `ServerUnreachable`. Every call has a time-out. A call that is safe to repeat is repeated for a while when the
server dies over it: a server that is supervised is back within seconds. One that refuses the connection is not running.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar, Union

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NewConnectionError

from atlas_core.errors import (
    AtlasError,
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    ServerError,
    ServerUnreachable,
    Unauthorized,
    from_problem,
)

#: Seconds to connect, and to wait for the next bytes of an answer.
TIMEOUT = (3.05, 30.0)
#: A large bundle is on the disk before the answer comes.
UPLOAD_TIMEOUT = (3.05, 600.0)

#: Seconds for which a call that is safe to repeat is repeated, and the pause before each repetition.
PATIENCE = 15.0
_PAUSE = 0.2

T = TypeVar("T")

#: Returns the token to send now, if there is one.
Token = Callable[[], Union[str, None]]
#: Carries who makes a request beside the token of a job, which the server may not know yet.
USER_HEADER = "X-Atlas-User-Token"

_CHUNK = 64 * 1024
_SAFE = frozenset({"GET", "HEAD", "PUT"})


class Connection:
    """A server's address with its connection pool and token. Not to be shared between processes.

    A token may be something that says which one to send at the moment. A call that brings a token of its own, a job's,
    sends that of the connection beside it.

    `patience` is for how many seconds a call that is safe to repeat is repeated, `timeout` how long a call that has no
    time-out of its own waits: to connect, and for the next bytes.
    """

    def __init__(
        self,
        url: str,
        token: Token | str | None = None,
        patience: float = PATIENCE,
        timeout: tuple[float, float] = TIMEOUT,
    ) -> None:
        self.url = url.rstrip("/")
        self._timeout = timeout
        self._patience = patience
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy for the internet is none for the server next door
        self._token: Token = token if callable(token) else lambda: token
        adapter = HTTPAdapter(pool_maxsize=16)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def request(self, method: str, path: str, *, safe: bool = False, **options: Any) -> requests.Response:
        """Return the answer to a request; one that is no success, a redirection too, is raised as an error.

        `safe` says that a POST or DELETE may be repeated, as GET, HEAD and PUT may.
        """
        deadline = time.monotonic() + self._patience
        body = options.get("data")
        start = _place(body)
        while True:
            try:
                return self._attempt(method, path, options)
            except ServerUnreachable as error:
                repeatable = (safe or method in _SAFE) and not error.details.get("refused")
                if not repeatable or time.monotonic() > deadline:
                    raise
            time.sleep(_PAUSE)
            _rewind(body, start)

    def _attempt(self, method: str, path: str, options: Mapping[str, Any]) -> requests.Response:
        headers = {**self._credentials(options.get("headers") or {}), **(options.get("headers") or {})}
        with_defaults = {"timeout": self._timeout, "allow_redirects": False, **options, "headers": headers}
        try:
            response = self._session.request(method, self.url + path, **with_defaults)
        except requests.RequestException as error:
            raise self._unreachable(error) from error
        if not 200 <= response.status_code < 300:
            with response:
                raise error_of(response) if response.status_code >= 400 else self._redirected(response)
        return response

    def _credentials(self, given: Mapping[str, str]) -> dict[str, str]:
        token = self._token()
        if not token:
            return {}
        return {USER_HEADER: token} if "Authorization" in given else {"Authorization": f"Bearer {token}"}

    def ask(self, kind: type[T], method: str, path: str, **options: Any) -> T:
        """Return the JSON of an answer, which is a `kind`. Raises `ServerError` when it is something else."""
        with self.request(method, path, **options) as response, self.understood():
            answer = response.json()
        if not isinstance(answer, kind):
            raise self._stranger()
        return answer

    @contextlib.contextmanager
    def understood(self) -> Iterator[None]:
        """Raise `ServerError` when an answer, read in this block, lacks something that ours have."""
        try:
            yield
        except (ValueError, KeyError, TypeError):
            raise self._stranger() from None

    def close(self) -> None:
        """Close every connection."""
        self._session.close()

    def _stranger(self) -> ServerError:
        return ServerError(f"What answers at {self.url} is no Atlas server.", url=self.url)

    def _redirected(self, response: requests.Response) -> ServerError:
        place = response.headers.get("Location", "no other address")
        return ServerError(
            f"What answers at {self.url} names {place} in its place (status {response.status_code}); "
            "use the address of the server itself.",
            url=self.url,
            http_status=response.status_code,
        )

    def _unreachable(self, error: requests.RequestException) -> AtlasError:
        if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
            return InvalidInput(f"`{self.url}` is no address of a server.", field="url")
        reason = "it does not answer in time" if isinstance(error, requests.Timeout) else "no connection"
        return ServerUnreachable(
            f"Cannot currently find Atlas server at {self.url} ({reason}). "
            "Start Atlas server with `atlas-server start`.",
            url=self.url,
            refused=_is_refused(error),
        )


def chunks_of(response: requests.Response, url: str) -> Iterator[bytes]:
    """Yield the body of a streamed answer as it arrives. Raises `ServerUnreachable` when the connection breaks."""
    # read1-like: hand on whatever has arrived, instead of waiting for a full chunk
    stream = (
        response.raw.stream(_CHUNK, decode_content=True) if not response.raw.chunked else response.raw.read_chunked()
    )
    try:
        yield from stream
    except Exception as error:  # urllib3's own errors, which requests translates only in iter_content
        raise ServerUnreachable(f"The connection to {url} was lost.", url=url) from error


def error_of(response: requests.Response) -> AtlasError:
    """Return the error that an answer of 400 or above stands for. Old routes answer with a plain sentence."""
    text = response.text.strip()
    with contextlib.suppress(ValueError):
        body = response.json()
        if isinstance(body, Mapping) and "code" in body:
            return from_problem(dict(body))
        text = body if isinstance(body, str) else text
    kinds: dict[int, type[AtlasError]] = {
        400: InvalidInput,
        401: Unauthorized,
        403: Forbidden,
        404: NotFound,
        409: Conflict,
    }
    kind = kinds.get(response.status_code, ServerError)
    return kind(text[:500] or f"The server answered {response.status_code}.", http_status=response.status_code)


def _is_refused(error: requests.RequestException) -> bool:
    """Whether there was nobody to connect to, so that nothing was sent and nobody is about to come back."""
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", cause), NewConnectionError)


def _place(body: object) -> int:
    return int(body.tell()) if hasattr(body, "tell") else 0


def _rewind(body: object, place: int) -> None:
    if hasattr(body, "seek"):
        body.seek(place)
