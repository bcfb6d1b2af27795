"""A relay that cannot be spoken to in secret gets no letter, and loses none (N-36)."""

from __future__ import annotations

import logging
import socketserver
import ssl
import subprocess
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from aiosmtpd.controller import Controller

from bailiwick.engine.outbox import deliver, enqueue_mail
from bailiwick.models import OutboxMessage
from bailiwick.outbox import text_of
from tests.engine.test_outbox import Relay
from tests.portal import free_port
from tests.web.conftest import signed_in
from tests.world import NOW, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET, READER, USER, PASSWORD = "the secret link", "reader@example.com", "relay-user", "relay-password"
GREETING, EXTENSIONS, GO = b"220 relay\r\n", b"250-relay\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS\r\n", b"220 go\r\n"
# What the relay answers: to the connection, to EHLO, to STARTTLS; and what it does afterwards.
FAULTS = {
    "it does not offer it": (GREETING, b"250-relay\r\n250 AUTH PLAIN LOGIN\r\n", b"", "talk"),
    "it refuses for now": (GREETING, EXTENSIONS, b"454 4.7.0 TLS not available\r\n", "talk"),
    "it refuses for good": (GREETING, EXTENSIONS, b"554 5.7.0 no TLS here\r\n", "talk"),
    "it goes on in clear": (GREETING, EXTENSIONS, GO, "talk"),
    "it slips an answer in before the handshake": (GREETING, EXTENSIONS, GO + b"250 ok\r\n" * 9, "talk"),
    "it hangs up": (GREETING, EXTENSIONS, GO, "leave"),
    "it says nothing more": (GREETING, EXTENSIONS, GO, "listen"),
    "its certificate is its own": (GREETING, EXTENSIONS, GO, "handshake"),
    "it takes nobody": (b"554 no service here\r\n", b"", b"", "leave"),
}


class Hostile(socketserver.ThreadingTCPServer):
    """Speaks SMTP as far as STARTTLS, fails there, and keeps every byte that came in clear."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, fault: str, certificate: Path) -> None:
        self.fault, self.certificate, self.heard = FAULTS[fault], certificate, b""
        super().__init__(("127.0.0.1", 0), Conversation)


class Conversation(socketserver.StreamRequestHandler):
    server: Hostile
    timeout = 5

    def handle(self) -> None:
        greeting, extensions, answer, afterwards = self.server.fault
        self.wfile.write(greeting)
        try:
            while line := self.rfile.readline(4_096):
                self.server.heard += line
                if not line.upper().startswith(b"STARTTLS"):
                    self.wfile.write(extensions if line.upper().startswith(b"EHLO") else b"250 ok\r\n")
                    continue
                self.wfile.write(answer)
                if not answer.startswith(b"220") or afterwards == "talk":
                    continue
                if afterwards == "handshake":
                    self._handshake()
                if afterwards == "listen":
                    self.server.heard += self.rfile.read()
                return
        except OSError:
            return

    def _handshake(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server.certificate)
        with context.wrap_socket(self.connection, server_side=True) as inside:
            self.server.heard += inside.recv(4_096)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for this machine, signed by itself."""
    file = tmp_path_factory.mktemp("relay") / "relay.pem"
    key, names = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"), ("-addext", "subjectAltName=IP:127.0.0.1")
    subprocess.run(
        ["openssl", "req", "-x509", *key, "-days", "1", "-nodes", "-subj", "/CN=relay", *names,
         "-keyout", file, "-out", file.with_suffix(".crt")], check=True, capture_output=True,
    )  # fmt: skip
    file.write_text(file.read_text() + file.with_suffix(".crt").read_text())
    return file


@pytest.fixture
def letter(world: World, settings) -> Iterator[World]:
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS, settings.EMAIL_TIMEOUT = "127.0.0.1", True, 0.3
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = USER, PASSWORD
    enqueue_mail([READER], subject="Letter", body=SECRET, key="k", now=NOW)
    return world


def _waits(world: World, said: str) -> None:
    """The letter is whole and due again; the mailbox says that it waits and why, the log the same in one line."""
    row = OutboxMessage.objects.get()
    assert (row.sent_at, row.failed_at, row.attempts) == (None, None, 1)
    assert (row.due_at, text_of(row.payload)) == (NOW + timedelta(minutes=1), SECRET)
    page = signed_in(world.olga).get("/mailbox").content.decode()
    assert "waiting, 1 try" in page
    assert row.error.split()[0] in page
    assert said.count("\n") == 1, said
    assert "Traceback" not in said
    assert not any(word in said for word in (SECRET, READER, USER, PASSWORD))


@pytest.mark.parametrize("fault", FAULTS)
def test_n36_nothing_is_said_in_clear_and_the_letter_waits(letter: World, fault: str, certificate, settings, caplog):
    with Hostile(fault, certificate) as relay:
        settings.EMAIL_PORT = relay.server_address[1]
        threading.Thread(target=relay.serve_forever, args=(0.02,), daemon=True).start()
        with caplog.at_level(logging.INFO):
            assert deliver(NOW) == 0
        relay.shutdown()
    for word in (b"MAIL FROM", b"RCPT", b"DATA", b"AUTH", READER.encode(), SECRET.encode(), b"Letter"):
        assert word.lower() not in relay.heard.lower(), relay.heard
    assert fault == "it takes nobody" or relay.heard.upper().startswith(b"EHLO")
    _waits(letter, caplog.text)


def test_n36_once_the_relay_can_it_gets_the_letter_and_only_inside(letter: World, certificate, settings, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_suffix(".crt")))
    settings.EMAIL_HOST_USER, settings.EMAIL_TIMEOUT = "", 10
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    relay = Relay()
    controller = Controller(
        relay, hostname="127.0.0.1", port=free_port(), tls_context=context, require_starttls=True
    )  # fmt: skip
    controller.start()
    try:
        settings.EMAIL_PORT = controller.port
        assert deliver(NOW) == 1
    finally:
        controller.stop()
    assert relay.recipients == [READER]
    assert SECRET.encode() in relay.letters[0].content
