"""Taking a port before anything is started."""

from __future__ import annotations

import socket

from bailiwick.up.home import ProblemError, reason

LOOPBACK = "127.0.0.1"


def listen(port: int, *, name: str = "PORT") -> socket.socket:
    """Takes the port before anything is started; the server inherits it, so it stays ours while that restarts."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
    except (OSError, OverflowError) as error:
        listener.close()
        why = reason(error) if isinstance(error, OSError) else "a port is a number from 1 to 65535"
        raise ProblemError(f"Port {port} cannot be used: {why}. Name another one with {name}.") from None
    listener.listen(1024)
    return listener
