"""Writing what jobs logged as files for others, in a process of its own: it takes more memory than an idle service."""
