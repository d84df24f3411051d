"""A small stack: one HTTP service, and whatever else $STACK_DOUBLE_REDIS names.

$STACK_DOUBLE_FAULT chooses what goes wrong: `port` ends it at once with a message, `sick` lets the service answer 503,
`silent` never gets ready, `deaf` does not stop.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from atlas_core.processes import birth_of

FAULT = os.environ.get("STACK_DOUBLE_FAULT", "")


class Healthz(BaseHTTPRequestHandler):
    """Answers every request, well or not."""

    def do_GET(self) -> None:
        self.send_response(503 if FAULT == "sick" else 200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


def main() -> int:
    """Run until a signal comes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["start"])
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--port-base", type=int)
    arguments = parser.parse_args()
    print(f"starting with port base {arguments.port_base}", flush=True)
    print(f"marked as a command: {'FOUNDATIONS_COMMAND_LINE' in os.environ}", flush=True)
    print(f"settings: {[os.environ.get(name) for name in ('ATLAS_ENGINE', 'ATLAS_GPUS', 'NUM_WORKERS')]}", flush=True)
    if FAULT == "port":
        print("port 5000 is taken; choose others with --port-base", flush=True)
        return 1
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Healthz)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    record = arguments.home / "server" / "stack.json"
    write_logs(record.parent / "logs")
    if FAULT != "silent":
        write_record(record, server.server_port, arguments.port_base)
    signal.sigwait(ends)
    while FAULT == "deaf":
        signal.sigwait(ends)
    record.unlink(missing_ok=True)
    print("stopped cleanly", flush=True)
    return 0


def write_logs(folder: Path) -> None:
    """Write what services write: structured lines, others, and one that is not complete."""
    folder.mkdir(parents=True, exist_ok=True)
    entry = {"time": "2026-11-21T14:00:00.123+00:00", "level": "INFO", "service": "scheduler", "message": "dispatching"}
    with (folder / "scheduler.log").open("a") as log:
        log.write(json.dumps(entry) + "\nplain words\nincomplete")


def write_record(record: Path, port: int, port_base: int | None) -> None:
    """Say what runs, as the real stack does."""
    pid = os.getpid()
    services = {"proxy": {"url": f"http://127.0.0.1:{port}", "port": port, "pid": pid}}
    if os.environ.get("STACK_DOUBLE_REDIS"):
        services["redis"] = {"url": os.environ["STACK_DOUBLE_REDIS"], "port": 0, "pid": pid}
    record.parent.mkdir(parents=True, exist_ok=True)
    part = record.with_suffix(".part")
    facts = {"pid": pid, "birth": birth_of(pid), "started": 1.0, "version": "0", "port_base": port_base, "workers": 3}
    if FAULT == "deaf":
        facts["stop_patience"] = 0.25
    part.write_text(json.dumps({**facts, "services": services}))
    part.replace(record)
    print("Foundations Atlas services have started with 3 worker(s)", flush=True)


if __name__ == "__main__":
    sys.exit(main())
