"""What stands in the browser's window in place of a TensorBoard that cannot be shown."""

from __future__ import annotations

from html import escape

from flask import Response

from atlas_core.errors import AtlasError

_PAGE = """\
<!doctype html>
<html lang="en"><meta charset="utf-8"><title>TensorBoard</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{{font:16px/1.6 system-ui,sans-serif;max-width:38rem;margin:12vh auto;padding:0 1.5rem;color:#1c2430;
background:#fbfbfa}}</style>
<h1>TensorBoard cannot be shown</h1>
<p>{reason}</p></html>
"""


def sorry(error: AtlasError) -> Response:
    """Return a page that says why."""
    response = Response(_PAGE.format(reason=escape(error.message)), error.status)
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return response
