"""What the routes of a service take and answer, said beside each route and served as an OpenAPI 3.1 document."""

from __future__ import annotations

from atlas_services.openapi.document import Undescribed, document_of
from atlas_services.openapi.operation import (
    JSON_TYPE,
    PROBLEM_TYPE,
    TEXT_TYPE,
    Answer,
    Body,
    Header,
    Operation,
    Param,
    describes,
)

__all__ = [
    "JSON_TYPE",
    "PROBLEM_TYPE",
    "TEXT_TYPE",
    "Answer",
    "Body",
    "Header",
    "Operation",
    "Param",
    "Undescribed",
    "describes",
    "document_of",
]
