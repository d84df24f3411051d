"""The commands `foundations` and `atlas-server`."""

from __future__ import annotations

import os

# The one thing that importing this package does: `import foundations`, which some commands need, creates a job in a
# user's script. A command is no training run, so it says so before anybody imports the SDK.
os.environ.setdefault("FOUNDATIONS_COMMAND_LINE", "True")
