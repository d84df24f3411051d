"""`/openapi.json` and `/docs` of a service: the document of its own routes, and a page for people made of it.

Both are also below `/api/v3/openapi/`, by the name of the service: there the proxy can tell services apart.
"""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, current_app

from atlas_services.openapi.document import OWN, document_of
from atlas_services.openapi.page import page_of

#: The page runs nothing and loads nothing.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def document_routes(service: str, title: str, about: str) -> Blueprint:
    """Return the routes; the document is made when it is first asked for."""
    blueprint = Blueprint(OWN, __name__)
    made: list[dict[str, Any]] = []

    def document() -> dict[str, Any]:
        if not made:
            made.append(document_of(current_app, title, about))
        return made[0]

    @blueprint.get("/openapi.json")
    @blueprint.get(f"/api/v3/openapi/{service}.json")
    def openapi() -> Response:
        return Response(json.dumps(document(), ensure_ascii=False) + "\n", content_type="application/json")

    @blueprint.get("/docs")
    @blueprint.get(f"/api/v3/openapi/{service}.html")
    def docs() -> Response:
        page = page_of(document(), f"/api/v3/openapi/{service}.json")
        return Response(page, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": _POLICY})

    return blueprint
