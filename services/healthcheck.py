#!/usr/local/bin/python -IS
"""Ends with 0 when the service on the port given as the only word answers that it is ready.

Asked every few seconds for as long as a container lives: it imports no HTTP client, which would take most of the time.
"""

import socket
import sys

with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=4) as connection:
    connection.sendall(b"GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n")
    answer = connection.makefile("rb").read().decode(errors="replace")
head, _, body = answer.partition("\r\n\r\n")
sys.stdout.write(body)  # Docker keeps it: `docker inspect` shows what was missing
sys.exit(0 if " 200 " in head.partition("\r\n")[0] else 1)
