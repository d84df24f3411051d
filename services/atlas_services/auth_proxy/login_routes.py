"""The proxy's own routes for logging in and out, and for who somebody is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from atlas_core.errors import AtlasError, InvalidInput, Unauthorized
from atlas_services.auth_proxy.browser_sessions import LIFETIME, BrowserSessions
from atlas_services.auth_proxy.door import LOGIN_PATH, described
from atlas_services.auth_proxy.ended_login import EndedLogin
from atlas_services.auth_proxy.failed_login import failed_login
from atlas_services.auth_proxy.guard import COOKIE, Guard, refuse_other_pages
from atlas_services.auth_proxy.login import LOGIN_TIME, Login
from atlas_services.auth_proxy.stranger_body import refuse_to_wait
from atlas_services.web import json_body, problem

A = TypeVar("A", bound=AnyResponse)

#: The cookie of a browser that is about to log in.
_BEGUN = "atlas_login"
#: Characters of the longest word that a login takes.
_LONGEST = 16 * 1024


class LoginRoutes:
    """What answers the routes."""

    def __init__(self, login: Login, sessions: BrowserSessions, guard: Guard) -> None:
        self._login = login
        self._sessions = sessions
        self._guard = guard

    def begin(self) -> AnyResponse:
        """Send a browser to the issuer's page."""
        return _or_page_of_failure(self._begun)

    def finish(self) -> AnyResponse:
        """Take a browser back from there, logged in."""
        return _or_page_of_failure(self._finished)

    def log_out(self) -> AnyResponse:
        """End a browser's login, or that of a refresh token."""
        cookie, ended = request.cookies.get(COOKIE), EndedLogin()
        if cookie:
            refuse_other_pages()
            ended = self._sessions.end(cookie)
        refresh_token = (json_body() if request.content_length else {}).get("refresh_token")
        if refresh_token is not None:
            self._login.log_out(_word("refresh_token", refresh_token), caller_address())
        answer = jsonify({"left": ended.left, "page": ended.page or None}) if ended.left else Response(status=204)
        answer.delete_cookie(COOKIE, path="/")
        return private(answer)

    def session(self) -> Response:
        """Say who asks."""
        return private(jsonify(described(self._guard.caller())))

    def device(self) -> Response:
        """Begin a login that another device completes."""
        return private(jsonify(self._login.begin_device(caller_address())))

    def token(self) -> Response:
        """Return tokens for a password, a device's code or a refresh token."""
        return private(jsonify(_granted(self._login, json_body())))

    def _begun(self) -> AnyResponse:
        begun = self._login.begin(_callback(), request.args.get("next", "/"))
        answer = redirect(begun.url)
        _set_cookie(answer, _BEGUN, begun.kept, LOGIN_TIME, LOGIN_PATH)
        return answer

    def _finished(self) -> AnyResponse:
        if "error" in request.args:
            reason = request.args.get("error_description") or request.args["error"]
            raise Unauthorized(f"The issuer of tokens refused the login: {reason[:200]}.")
        code, state = request.args.get("code", ""), request.args.get("state", "")
        tokens, after = self._login.finish(request.cookies.get(_BEGUN, ""), state, code, _callback())
        answer = redirect(after)
        _set_cookie(answer, COOKIE, self._sessions.begin(tokens), LIFETIME, "/")
        answer.delete_cookie(_BEGUN, path=LOGIN_PATH)
        return answer


def login_routes(login: Login, sessions: BrowserSessions, guard: Guard) -> Blueprint:
    """Return the routes."""
    answers = LoginRoutes(login, sessions, guard)
    routes = Blueprint("login", __name__, url_prefix=LOGIN_PATH)
    routes.before_request(refuse_to_wait)
    routes.get("/login")(answers.begin)
    routes.get("/callback")(answers.finish)
    routes.post("/logout")(answers.log_out)
    routes.get("/session")(answers.session)
    routes.post("/device")(answers.device)
    routes.post("/token")(answers.token)
    return routes


def _or_page_of_failure(step: Callable[[], AnyResponse]) -> AnyResponse:
    """Return the answer of a step of the login, or what a person is shown when it fails."""
    try:
        return private(step())
    except AtlasError as error:
        if not wants_page():
            raise
        return private(failed_login(error))


def _set_cookie(answer: AnyResponse, name: str, value: str, lifetime: int, path: str) -> None:
    answer.set_cookie(name, value, lifetime, path=path, secure=_is_secure(), httponly=True, samesite="Lax")


def refusal(error: Unauthorized) -> Response:
    """Return the answer to who is not logged in: people are led to the issuer's page, programs get the reason."""
    if wants_page() and not request.path.startswith(LOGIN_PATH):
        after = quote(request.full_path.rstrip("?"), safe="/")
        return Response(
            status=302, headers={"Location": f"{LOGIN_PATH}/login?next={after}", "Cache-Control": "no-store"}
        )
    answer = problem(error)
    answer.headers["WWW-Authenticate"] = 'Bearer realm="Atlas"'
    return answer


def wants_page() -> bool:
    """Return whether a person asks, who looks at what comes, rather than a program."""
    # Not the best of them: for Chromium that is another, more particular kind, which it wants less.
    return request.method == "GET" and "text/html" in request.accept_mimetypes.values()


def _granted(login: Login, body: Any) -> dict[str, Any]:
    kind = body.get("grant_type")
    if kind == "password":
        user, password = _word("username", body.get("username")), _word("password", body.get("password"))
        return login.by_password(user, password, caller_address())
    if kind == "device_code":
        return login.finish_device(_word("device_code", body.get("device_code")), caller_address())
    if kind == "refresh_token":
        return login.renew(_word("refresh_token", body.get("refresh_token")), caller_address())
    raise InvalidInput(f"grant_type: {kind!r} is none of password, device_code, refresh_token.", field="grant_type")


def _word(name: str, value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST:
        raise InvalidInput(f"{name}: a text of 1 to {_LONGEST} characters is wanted.", field=name)
    return value


def caller_address() -> str:
    """Return from where the present request comes."""
    return request.remote_addr or "unknown"


def _is_secure() -> bool:
    return request.is_secure or request.headers.get("X-Forwarded-Proto", "").lower() == "https"


def _callback() -> str:
    """Return where the issuer sends the browser back to: the address that it called, which was checked to be ours."""
    return f"{'https' if _is_secure() else 'http'}://{request.host}{LOGIN_PATH}/callback"


def private(answer: A) -> A:
    """Return an answer that nobody else, and no cache, is to keep."""
    answer.headers["Cache-Control"] = "no-store"
    return answer
