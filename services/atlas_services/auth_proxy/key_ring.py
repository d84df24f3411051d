"""The issuer's public keys: kept, so that no request waits for the issuer, and fetched anew when they have changed."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from jwt import PyJWK
from jwt.exceptions import PyJWTError

from atlas_core.errors import AtlasError, Unauthorized

_log = logging.getLogger("atlas.proxy")

#: The algorithms by which a token may be signed: with a private key that the issuer alone has.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
#: Seconds after which keys are fetched anew, and the least between two attempts, whatever tokens come.
_KEPT = 300.0
_PAUSE = 10.0

Keys = list[dict[str, Any]]


class KeyRing:
    """The keys of one issuer. `recall` and `remember` keep them over a restart: the issuer may be away by then."""

    def __init__(
        self,
        fetch: Callable[[], Keys],
        recall: Callable[[], str | None] = lambda: None,
        remember: Callable[[str], None] = lambda _keys: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._recall = recall
        self._remember = remember
        self._clock = clock
        self._keys: dict[str, PyJWK] = {}
        self._tried_at: float | None = None
        self._lock = threading.Lock()

    def key(self, name: str) -> PyJWK:
        """Return the key of this name. Raises `Unauthorized` for an unknown one, and `IssuerAway` without any."""
        if self._is_due(_KEPT if name in self._keys else _PAUSE):
            self._renew()
        found = self._keys.get(name)
        if found is None:
            raise Unauthorized("Token is not valid: the issuer does not know the key that signed it.")
        return found

    def _is_due(self, period: float) -> bool:
        return self._tried_at is None or self._clock() - self._tried_at > period

    def _renew(self) -> None:
        with self._lock:
            if not self._is_due(_PAUSE):
                return  # another thread was faster
            self._tried_at = self._clock()
            try:
                keys = self._fetch()
            except AtlasError as error:
                self._keys = self._keys or _usable(json.loads(self._recall() or "[]"))
                if not self._keys:
                    self._tried_at = None
                    raise
                _log.warning("The issuer's keys cannot be fetched; those that are known go on: %s", error.message)
                return
            self._keys = _usable(keys)
            self._remember(json.dumps(keys))


def _usable(keys: Keys) -> dict[str, PyJWK]:
    found = {}
    for key in keys:
        if key.get("kid") and key.get("use", "sig") == "sig" and key.get("kty") != "oct":
            try:
                found[str(key["kid"])] = PyJWK(key)
            except PyJWTError as error:  # a kind of key that we do not know signs nothing that we take
                _log.info("A key of the issuer is left out: %s", error)
    return found
