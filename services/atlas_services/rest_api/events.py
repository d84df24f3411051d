"""What happens, as it happens, as server-sent events."""

from __future__ import annotations

import re
from collections.abc import Collection, Generator

from flask import Blueprint, Response, request

from atlas_core.errors import InvalidInput
from atlas_services import web
from atlas_services.gate import identity
from atlas_services.openapi import Answer, Header, Operation, Param, describes
from atlas_services.openapi.schema import text, whole
from atlas_services.rest_api.broadcast import Broadcast, Ended
from atlas_services.tracker import UNAVAILABLE, Tracker
from atlas_services.web import query_int

#: After this many silent seconds a comment shows that the connection lives, and finds out whether the reader does.
SILENCE = 15.0
#: Milliseconds after which a browser that lost the connection comes back.
_RETRY = 1000

#: Seconds: the most that a page needs that has just read what it shows, and asks what has happened since.
_LONGEST_AGO = 60

_EVENT_ID = re.compile(r"[0-9]{1,19}-[0-9]{1,19}")

_EVENTS = Operation(
    "What happens, as it happens: server-sent events, each with kind, job_id, project and status",
    {200: Answer("A stream that never ends.", media="text/event-stream")},
    (400, 503),
    query=(
        Param("project", "Events of this project alone."),
        Param(
            "recent",
            f"Begin with the events of so many seconds before, {_LONGEST_AGO} at most.",
            whole(0, _LONGEST_AGO),
        ),
    ),
    headers=(Header("Last-Event-ID", "Begin behind this event.", text(f"^{_EVENT_ID.pattern}$")),),
)


def routes(tracker: Tracker, broadcast: Broadcast) -> Blueprint:
    """Return the blueprint."""
    blueprint = Blueprint("events", __name__)

    @blueprint.get("/events")
    @describes(_EVENTS)
    def events() -> Response:
        after = _last_event_id() or _recently(tracker) or tracker.events.last_id()
        stream = event_stream(broadcast, after, _wanted(request.args.get("project")))
        headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
        return web.stream(stream, "text/event-stream; charset=utf-8", headers)

    return blueprint


def event_stream(
    broadcast: Broadcast, after: str, projects: Collection[str] | None, silence: float = SILENCE
) -> Generator[str, None, None]:
    """Yield the events after the one with id `after`, of some projects or of all, until the tracker is gone.

    The position comes first, so that a reader that loses the connection before any event misses none.
    """
    yield f"retry: {_RETRY}\nid: {after}\n\n"
    try:
        with broadcast.listening(projects) as listener:
            yield from broadcast.missed(listener, after)
            while True:
                yield listener.hear(silence) or ": still here\n\n"
    except (Ended, *UNAVAILABLE):
        return  # the reader comes back with the id of the last event that it saw


def _wanted(project: str | None) -> Collection[str] | None:
    """Return the projects that are told of: the one that is named, or all that who asks sees. None is every one."""
    return identity().projects if project is None else (project,)


def _last_event_id() -> str | None:
    text = request.headers.get("Last-Event-ID")
    if not text:
        return None
    if not _EVENT_ID.fullmatch(text):
        raise InvalidInput(f"Last-Event-ID: {text!r} is no id of an event; leave it out to begin now.", field="id")
    return text


def _recently(tracker: Tracker) -> str | None:
    """Return the place in the stream of so many seconds ago, by the tracker's clock; None if nobody asks for it."""
    if "recent" not in request.args:
        return None
    ago = query_int("recent", 0)
    if ago > _LONGEST_AGO:
        raise InvalidInput(f"recent: {ago} is too long ago; {_LONGEST_AGO} seconds are the most.", field="recent")
    return tracker.events.id_of(ago)
