from __future__ import annotations

import io

import pytest
import requests

from atlas_core.errors import ServerError
from atlas_services.rest_api.event_scalars import _lines

POINTS = b'{"file": "a", "points": [["loss", 1, 2.0, 3.0]]}\n'


def answer(text: bytes) -> requests.Response:
    """Return an answer of the TensorBoard service."""
    made = requests.Response()
    made.status_code, made.raw = 200, io.BytesIO(text)
    return made


def test_lines_come_until_the_last_says_how_many_files_there_are() -> None:
    assert [*_lines(answer(POINTS + b'{"files": 1}\n'))][1] == {"files": 1}


@pytest.mark.parametrize("text", [b"", POINTS, b"[]\n", b"true\n", b'"files"\n', b"{}\n", b'{"file": 1}\n', b"{"])
def test_what_is_no_answer_of_ours_is_told(text: bytes) -> None:
    with pytest.raises(ServerError):
        list(_lines(answer(text)))
