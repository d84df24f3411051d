"""`python -m atlas_services.tensorboard_api`: serve the TensorBoard service alone."""

from __future__ import annotations

from flask import Flask

from atlas_core.settings import Settings
from atlas_services.alone import run_alone
from atlas_services.tensorboard_api.app import TensorBoardApi
from atlas_services.web import serve


def main(settings: Settings, bind: str) -> None:
    """Serve until SIGTERM. `bind` is `host:port` or `fd://N`. No TensorBoard outlives the service."""
    made: list[TensorBoardApi] = []

    def make() -> Flask:
        made.append(TensorBoardApi(settings))
        return made[0].start()

    def close() -> None:
        for service in made:  # none when the application could not be made
            service.close()

    serve(make, bind, on_exit=close)


if __name__ == "__main__":
    run_alone("tensorboard_api", main, lambda ports: ports.tensorboard_api)
