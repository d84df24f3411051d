"""How many jobs run at a time: as many as there are workers, which people add and remove."""

from __future__ import annotations

from dataclasses import replace

from atlas_services.scheduler.engines import Capacity, Engine
from atlas_services.tracker import Tracker


def present_capacity(engine: Engine, tracker: Tracker) -> Capacity:
    """Return what can run at this moment: what the engine has, and as many slots as there are workers."""
    capacity = engine.capacity()
    return replace(capacity, slots=len(tracker.workers.ids(capacity.slots)))
