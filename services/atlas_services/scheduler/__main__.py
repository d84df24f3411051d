"""`python -m atlas_services.scheduler`: the scheduler as a service."""

from __future__ import annotations

from flask import Flask

from atlas_core.settings import Settings
from atlas_services import web
from atlas_services.alone import run_alone
from atlas_services.scheduler.app import STOP_MARGIN, Scheduler


def main(settings: Settings, bind: str) -> None:
    """Serve until SIGTERM. The scheduler is made, and its threads start, in the serving process."""
    made: list[Scheduler] = []

    def make() -> Flask:
        made.append(Scheduler(settings))
        return made[0].start()

    def begin_stop() -> None:
        made[0].begin_stop()

    def finish_stop() -> None:
        for scheduler in made:  # none when the application could not be made
            scheduler.finish_stop()

    grace = settings.stop_grace + STOP_MARGIN + 1
    web.serve(make, bind, on_term=begin_stop, on_exit=finish_stop, grace=grace)


if __name__ == "__main__":
    run_alone("scheduler", main, lambda ports: ports.scheduler)
