"""`python -m atlas_services.audit`: whether the audit log is whole, and its last entries, in JSON."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from atlas_core.errors import AtlasError
from atlas_core.settings import Settings
from atlas_services.tracker import NOT_ALLOWED, UNAVAILABLE, open_tracker


def main() -> int:
    """Run the command; returns the exit status: 1 where the chain is broken, or nothing could be read.

    Why nothing could be read is one sentence on standard error.
    """
    parser = argparse.ArgumentParser("python -m atlas_services.audit", description=__doc__)
    parser.add_argument("--last", type=int, default=0, help="also show so many of the last entries")
    last = parser.parse_args().last
    try:
        audit = open_tracker(Settings.from_environment().redis_url).audit
        verdict = audit.verify()
        report = {**asdict(verdict), "last": audit.entries(last) if last > 0 else []}
    except AtlasError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    except UNAVAILABLE as error:
        sys.stderr.write(f"Redis does not answer: {error}\n")
        return 1
    except NOT_ALLOWED:
        sys.stderr.write("This user of Redis may not read the audit log; the proxy's and the administrator may.\n")
        return 1
    sys.stdout.write(json.dumps(report) + "\n")
    return 0 if verdict.broken_at is None else 1


if __name__ == "__main__":
    sys.exit(main())
