"""Sends exactly the bytes a test says, over TLS, from an address of its choice."""

from __future__ import annotations

import socket
import ssl

TRUSTING = ssl.create_default_context()
TRUSTING.check_hostname = False
TRUSTING.verify_mode = ssl.CERT_NONE


def connect(port: int, *, source: str = "127.0.0.1", timeout: float = 30) -> ssl.SSLSocket:
    plain = socket.create_connection(("127.0.0.1", port), timeout=timeout, source_address=(source, 0))
    return TRUSTING.wrap_socket(plain, server_hostname="portal.example.net")


def head(line: str, *headers: str) -> bytes:
    return "\r\n".join([f"{line} HTTP/1.1", "Host: portal.example.net", *headers, "", ""]).encode("latin-1")


def ask(port: int, request: bytes, *, source: str = "127.0.0.1") -> tuple[int, str]:
    """The status and the body of the answer; 0 when the connection was closed without one."""
    with connect(port, source=source) as connection:
        connection.sendall(request)
        return read(connection)


def read(connection: ssl.SSLSocket) -> tuple[int, str]:
    answer = b""
    try:
        while part := connection.recv(65536):
            answer += part
            if complete(answer):
                break
    except ConnectionResetError:
        pass
    start, _, body = answer.partition(b"\r\n\r\n")
    return (int(start.split(b" ", 2)[1]) if start else 0), body.decode("utf-8", "replace")


def complete(answer: bytes) -> bool:
    start, end, body = answer.partition(b"\r\n\r\n")
    for line in start.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return bool(end) and len(body) >= int(value)
    return False
