"""Logging in, where nobody logs in: every answer is a 401 that says so, and clients go on as `CE User`."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from atlas_services.openapi import Answer, Operation, describes
from atlas_services.openapi.schema import TEXT, members

_NO_LOGIN = "This server has no login; every user is `CE User`."

_REFUSAL = {401: Answer("Why not.", members({"code": TEXT, "description": TEXT, "detail": TEXT}))}
_VERIFY = Operation("Whether the token of the request is valid", _REFUSAL, is_old=True)
_LOGIN = Operation("Log in", _REFUSAL, is_old=True)
_LOGOUT = Operation("Log out", _REFUSAL, is_old=True)


def routes() -> Blueprint:
    """Return the blueprint."""
    blueprint = Blueprint("auth", __name__)

    @blueprint.get("/auth/verify")
    @describes(_VERIFY)
    def verify() -> Response:
        return _refuse(*_defect(request.headers.get("Authorization")))

    @blueprint.get("/auth/cli_login")
    @describes(_LOGIN)
    def cli_login() -> Response:
        return _refuse("login_unavailable", _NO_LOGIN)

    @blueprint.get("/auth/logout")
    @describes(_LOGOUT)
    def logout() -> Response:
        return _refuse("login_unavailable", _NO_LOGIN)

    return blueprint


def _defect(header: str | None) -> tuple[str, str]:
    """Return code and description of what is wrong with an Authorization header; no token is right here."""
    if not header:
        return "authorization_header_missing", "Authorization header is expected"
    words = header.split()
    if not words or words[0].lower() != "bearer":
        return "invalid_header", "Authorization header must start with Bearer"
    if len(words) == 1:
        return "invalid_header", "Token not found"
    if len(words) > 2:
        return "invalid_header", "Authorization header must be 'Bearer <token>'"
    return "invalid_header", "Unable to find appropriate key."


def _refuse(code: str, description: str) -> Response:
    """Return the 401. `description` is what the original's clients read, `detail` what ours do."""
    response = jsonify({"code": code, "description": description, "detail": description})
    response.status_code = 401
    return response
