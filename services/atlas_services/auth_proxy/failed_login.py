"""The page for somebody whose login in the browser failed: why, and what to do next."""

from __future__ import annotations

from html import escape

from flask import Response

from atlas_core.errors import AtlasError, Forbidden
from atlas_services.auth_proxy.door import LOGIN_PATH

_PAGE = """\
<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Not logged in - Atlas</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>:root{{color-scheme:light dark}}body{{font:16px/1.6 system-ui,sans-serif;max-width:38rem;margin:12vh auto;
padding:0 1.5rem}}</style>
<h1>You are not logged in</h1>
<p>{reason}</p>
<p>{next}</p>
<p><a href="{login}">Log in again</a></p></html>
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def failed_login(error: AtlasError) -> Response:
    """Return the page that says so."""
    page = _PAGE.format(reason=escape(error.message), next=_next_step(error), login=f"{LOGIN_PATH}/login")
    return Response(
        page, error.status, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": _POLICY}
    )


def _next_step(error: AtlasError) -> str:
    if isinstance(error, Forbidden):
        return "As soon as you have a role, log in again. To be somebody else, log out where you logged in first."
    if error.status >= 500:
        return "Your password was not at fault: the place where people log in does not answer. Try again in a minute."
    return "A login must be finished in the browser that began it, within ten minutes, and once."
