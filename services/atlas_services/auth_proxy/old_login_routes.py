"""The original's routes for logging in, where people log in; where nobody does, the REST API answers them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from atlas_core.errors import Unauthorized
from atlas_services.auth_proxy.door import LOGIN_PATH, described
from atlas_services.auth_proxy.guard import Guard
from atlas_services.auth_proxy.login import Login
from atlas_services.auth_proxy.login_routes import caller_address, private
from atlas_services.web import bearer_token


def old_login_routes(login: Login, guard: Guard) -> Blueprint:
    """Return the routes."""
    routes = Blueprint("old_login", __name__, url_prefix="/api/v2beta/auth")

    @routes.errorhandler(Unauthorized)
    def refused(error: Unauthorized) -> Response:
        code = error.details.get("reason", "invalid_header")
        answer = jsonify({**error.to_problem(), "code": code, "description": error.message})
        answer.status_code = 401
        return answer

    @routes.get("/verify")
    def verify() -> Response:
        _check_header(request.headers.get("Authorization"))
        return private(jsonify(_claims(guard)))

    @routes.get("/cli_login")
    def cli_login() -> Response:
        given = request.authorization
        if given is None or given.type != "basic" or not given.username or given.password is None:
            raise Unauthorized("Authorization header is expected", reason="authorization_header_missing")
        return private(jsonify(login.by_password(given.username, given.password, caller_address())))

    @routes.get("/logout")
    def log_out() -> Response:
        token = bearer_token()
        if not token:
            raise Unauthorized("Authorization header is expected", reason="authorization_header_missing")
        login.log_out(token, caller_address())
        return private(Response(status=200))

    @routes.get("/login")
    def page() -> AnyResponse:
        return redirect(f"{LOGIN_PATH}/login")

    return routes


def _claims(guard: Guard) -> dict[str, Any]:
    identity = guard.caller()
    return {**described(identity), "preferred_username": identity.user, "sub": identity.subject}


def _check_header(header: str | None) -> None:
    """Raise `Unauthorized` in the original's words for a header that is there and holds no token."""
    words = (header or "").split()
    if header is None:
        return
    if not words or words[0].lower() != "bearer":
        raise Unauthorized("Authorization header must start with Bearer", reason="invalid_header")
    if len(words) == 1:
        raise Unauthorized("Token not found", reason="invalid_header")
    if len(words) > 2:
        raise Unauthorized("Authorization header must be 'Bearer <token>'", reason="invalid_header")
