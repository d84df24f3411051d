"""The web page's built files, served on the GUI's port beside the routes that the page calls.

The page and what it asks for have one origin, so the browser needs no permission to cross from one to the other.
"""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, request, send_from_directory
from werkzeug.exceptions import NotFound

#: What begins like this is a route of the services, on every port.
_ROUTES = ("/api/", "/archive/", "/scheduled_jobs", "/healthz", "/readyz", "/metrics")
#: Built files carry a hash in their names; the page itself must be asked for anew.
_FOREVER = 31536000

#: What goes with the page and its files; gui/nginx.conf says the same. Styles may stand in the page: its components
#: set them so, and charts do. Nothing else is loaded that is not ours, and no script that is written into a page runs.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' blob:; connect-src 'self'; "
    "worker-src 'self' blob:; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

_NOT_BUILT = """\
<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Atlas</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:38rem;margin:12vh auto;padding:0 1.5rem;color:#1c2430;
background:#fbfbfa}code{background:#ececea;padding:.1em .35em;border-radius:4px}a{color:#2f5bd0}</style>
<h1>Atlas runs. Its page is not built yet.</h1>
<p>Install Node.js 20.19 or newer, then run <code>make gui</code> in the clone and reload this page.</p>
<p>Everything that jobs log is there without it: <a href="/api/v2beta/projects">projects</a> as JSON, and
<code>foundations get logs</code> in a terminal.</p></html>
"""


def find_gui() -> Path | None:
    """Return the directory of the built page: in this package, or in the clone that it is installed from."""
    package = Path(__file__).parents[1]
    places = (package / "gui", package.parents[1] / "gui" / "dist")
    return next((place for place in places if (place / "index.html").is_file()), None)


def gui_files(port: int) -> Blueprint:
    """Return what answers page loads on `port`, and leaves everything else to the proxy.

    The directory is looked for at each load, so that a page that is built later appears.
    """
    blueprint = Blueprint("gui_files", __name__)

    @blueprint.before_app_request
    def answer() -> Response | None:
        if request.environ.get("SERVER_PORT") != str(port) or request.path.startswith(_ROUTES):
            return None
        if request.method not in ("GET", "HEAD"):
            return None
        response = _file(request.path.lstrip("/"))
        response.headers.update(HEADERS)
        return response

    return blueprint


def _file(path: str) -> Response:
    directory = find_gui()
    if directory is None:
        return _page(Response(_NOT_BUILT, content_type="text/html; charset=utf-8"))
    if path and not path.endswith("/"):
        try:
            return _asset(send_from_directory(directory, path), path)
        except NotFound:
            if path.startswith("assets/"):
                raise
    return _page(send_from_directory(directory, "index.html"))


def _asset(response: Response, path: str) -> Response:
    if path.startswith("assets/"):
        response.cache_control.max_age = _FOREVER
        response.cache_control.immutable = True
    return response


def _page(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-cache"
    return response
