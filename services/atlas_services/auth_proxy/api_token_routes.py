"""The routes of the tokens that users make for programs: make one, list them, revoke one."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify

from atlas_core.errors import Forbidden, InvalidInput, NotFound
from atlas_services.auth_proxy.door import LOGIN_PATH
from atlas_services.auth_proxy.guard import API_TOKEN, Guard
from atlas_services.auth_proxy.login_routes import private
from atlas_services.identity import Identity, Role
from atlas_services.tracker import ApiToken, ApiTokens
from atlas_services.tracker.api_tokens import digest_of
from atlas_services.web import bearer_token, json_body, query_int

#: Days for which a token holds, unless its maker says otherwise, and at most.
_DAYS, _MOST_DAYS = 90, 366
_DAY = 86400
_LONGEST_NAME = 100


def api_token_routes(guard: Guard, tokens: ApiTokens) -> Blueprint:
    """Return the routes."""
    routes = Blueprint("api_tokens", __name__, url_prefix=f"{LOGIN_PATH}/tokens")

    @routes.post("")
    def create() -> tuple[Response, int]:
        caller = _person(guard)
        token, secret = _made(caller, json_body(), time.time())
        tokens.add(token, time.time())
        shown = {**_shown(token, {}), "token": f"{API_TOKEN}{token.token_id}_{secret}"}
        return private(jsonify(shown)), 201

    @routes.get("")
    def listing() -> Response:
        caller = _person(guard)
        everybody = bool(query_int("all", 0))
        if everybody and caller.role is not Role.ADMIN:
            raise Forbidden("all: the tokens of others are shown to administrators alone.", field="all")
        used = tokens.last_used()
        found = tokens.of(None if everybody else caller.subject, time.time())
        return private(jsonify({"tokens": [_shown(token, used) for token in found]}))

    @routes.delete("/<token_id>")
    def revoke(token_id: str) -> Response:
        caller = _person(guard)
        found = tokens.get(token_id)
        if found is None or (found.subject != caller.subject and caller.role is not Role.ADMIN):
            raise NotFound(f"You have no token `{token_id}`.", token_id=token_id)
        tokens.revoke(token_id)
        return Response(status=204)

    return routes


def _person(guard: Guard) -> Identity:
    """Return the user who asks. A program cannot make itself more tokens, or revoke those of its user."""
    caller = guard.caller()
    if caller.job_id or (bearer_token() or "").startswith(API_TOKEN):
        raise Forbidden("Tokens are made and revoked by users who are logged in, not with another token.")
    return caller


def _made(caller: Identity, body: Mapping[str, Any], now: float) -> tuple[ApiToken, str]:
    secret = secrets.token_urlsafe(32)
    token = ApiToken(
        token_id=secrets.token_hex(6),
        name=_name(body.get("name")),
        user=caller.user,
        subject=caller.subject,
        role=_role(body.get("role", Role.MEMBER.value if caller.role is Role.ADMIN else caller.role.value), caller),
        projects=_projects(body.get("projects"), caller),
        created=now,
        expires=now + _days(body.get("days", _DAYS)) * _DAY,
        digest=digest_of(secret),
    )
    return token, secret


def _name(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable() or len(value) > _LONGEST_NAME:
        raise InvalidInput(f"name: say what the token is for, in 1 to {_LONGEST_NAME} characters.", field="name")
    return value


def _role(value: Any, caller: Identity) -> str:
    try:
        role = Role(value)
    except ValueError:
        raise InvalidInput(
            f"role: {value!r} is none of {', '.join(each.value for each in Role)}.", field="role"
        ) from None
    if not caller.role.includes(role):
        raise Forbidden(f"role: you are {caller.role.value} here; a token cannot be {role.value}.", field="role")
    return role.value


def _projects(value: Any, caller: Identity) -> list[str] | None:
    """Return the projects of a token: those that are asked for, if its maker sees them, else all of its maker's."""
    if value is None:
        return None if caller.projects is None else list(caller.projects)
    if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
        raise InvalidInput(
            f"projects: {value!r} is no list of projects; leave it out for all of yours.", field="projects"
        )
    foreign = [each for each in value if not caller.sees(each)]
    if foreign:
        raise Forbidden(f"projects: you do not see {', '.join(foreign)}.", field="projects")
    return sorted(set(value))


def _days(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= _MOST_DAYS:
        raise InvalidInput(f"days: {value!r} is not usable; set it to a number up to {_MOST_DAYS}.", field="days")
    return float(value)


def _shown(token: ApiToken, used: Mapping[str, float]) -> dict[str, Any]:
    return {
        "id": token.token_id,
        "name": token.name,
        "user": token.user,
        "role": token.role,
        "projects": token.projects,
        "created": token.created,
        "expires": token.expires,
        "last_used": used.get(token.token_id),
    }
