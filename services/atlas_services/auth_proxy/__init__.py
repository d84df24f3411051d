"""The auth proxy: the one address that clients know, in front of every service."""
