"""Answers of Redis of which the next is worked out while one is used: Redis has a core of its own."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from typing import Any

from atlas_services.tracker.connection import Client


def read_ahead(client: Client, script: str, batches: Iterable[Sequence[Any]]) -> Generator[Any, None, None]:
    """Yield what a read-only script answers to each batch of arguments. Raises what a call of `client` does.

    The script is asked for the next answer before one is yielded.
    """
    registered = client.register_script(script)
    if not all(client.script_exists(registered.sha)):
        client.script_load(script)
    connection = client.connection_pool.get_connection()
    is_owed = False
    try:
        for batch in batches:
            answer = connection.read_response() if is_owed else None
            connection.send_command("EVALSHA", registered.sha, 0, *batch)
            if is_owed:
                yield answer
            is_owed = True
        if is_owed:
            answer, is_owed = connection.read_response(), False
            yield answer
    finally:
        if is_owed:  # nobody may take the answer for that to another question
            connection.disconnect()
        client.connection_pool.release(connection)
