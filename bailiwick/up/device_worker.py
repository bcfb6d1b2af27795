"""A process for devices, in which no thread waits for somebody who says nothing."""

from __future__ import annotations

import selectors
import ssl
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from gunicorn.workers.gthread import TConn, ThreadWorker

if TYPE_CHECKING:
    import socket

SECONDS = 5.0  # for the handshake, and for each request as a whole: threads are few, and devices may be hostile


class DeviceWorker(ThreadWorker):  # type: ignore[misc]
    """Without this, eight connections that say nothing keep eight threads for five seconds."""

    def accept(self, listener: socket.socket) -> None:
        """Takes a connection, and waits for its first byte where it costs nothing."""
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        conn = TConn(self.cfg, client, address, listener.getsockname())
        conn.timeout = time.monotonic() + SECONDS
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))


class HurriedSocket(ssl.SSLSocket):
    """A connection whose next request has so many seconds, however slowly its bytes come."""

    _until = 0.0

    def setblocking(self, flag: bool) -> None:
        """Gunicorn says so when it begins to read a request."""
        if not flag:
            super().setblocking(False)
            return
        self._until = time.monotonic() + SECONDS
        self.settimeout(SECONDS)

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """Whoever sends one byte a second is not waited for."""
        if self._until:
            left = self._until - time.monotonic()
            if left <= 0:
                raise ConnectionResetError("this request took too long")
            self.settimeout(left)
        return super().recv(buflen, flags)


class HurriedContext(ssl.SSLContext):
    """Begins with the handshake."""

    sslsocket_class = HurriedSocket

    def wrap_socket(self, sock: Any, *args: Any, **options: Any) -> Any:
        """Bounds it."""
        sock.settimeout(SECONDS)
        return super().wrap_socket(sock, *args, **options)
