"""The embedded stack: every service in one process tree, for a laptop or a single server."""
