"""The language of queries: filters and orders as people write them, and what they mean over the index of a project."""

from __future__ import annotations

from atlas_services.rest_api.query.conditions import Condition
from atlas_services.rest_api.query.evaluation import Jobs, matching
from atlas_services.rest_api.query.fields import Field
from atlas_services.rest_api.query.order import Mark, Term, ordered
from atlas_services.rest_api.query.parser import parse_fields, parse_filter, parse_sort

__all__ = [
    "Condition",
    "Field",
    "Jobs",
    "Mark",
    "Term",
    "matching",
    "ordered",
    "parse_fields",
    "parse_filter",
    "parse_sort",
]
