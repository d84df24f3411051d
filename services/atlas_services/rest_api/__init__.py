"""The REST API: what jobs logged, to read; and the door through which they log it."""
