"""How gunicorn serves devices: one process of many threads that speaks TLS and nothing else, and waits for nobody."""

from __future__ import annotations

import os
import resource
import ssl
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bailiwick.up.device_worker import DeviceWorker, HurriedContext

if TYPE_CHECKING:
    from collections.abc import Callable

bind = os.environ.get("BAILIWICK_DEVICE_LISTEN", "127.0.0.1:8443")
worker_class = DeviceWorker
# What each thread has at hand is one connection to the database.
workers, threads = 1, int(os.environ.get("BAILIWICK_DEVICE_THREADS", "16"))
# Heartbeats wait in memory so many seconds for one statement (docs/adr/0033); 0: each is written at once.
raw_env = [f"BAILIWICK_GATHERED_SECONDS={os.environ.get('BAILIWICK_GATHERED_SECONDS', '1')}"]
proc_name = "bailiwick-devices"
timeout = 60
graceful_timeout = 5
# Longer than heartbeats are apart, so that a device shows its certificate once, and not at each of them.
keepalive = 75
worker_connections = 20_000
backlog = 1024
limit_request_line = 1024
limit_request_fields = 32
limit_request_field_size = 2048

certfile = os.environ.get("BAILIWICK_DEVICE_CERTIFICATE")
keyfile = os.environ.get("BAILIWICK_DEVICE_KEY")
ca_certs = os.environ.get("BAILIWICK_DEVICE_AUTHORITY")
cert_reqs = ssl.CERT_OPTIONAL  # a device that is to be activated has none yet; the views ask for it

accesslog = None
errorlog = "-"
control_socket_disable = True


def ssl_context(_config: Any, _default: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """Read once, and again after the certificate was renewed."""
    return _context(Path(str(certfile)).stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _context(_changed: int) -> ssl.SSLContext:
    made = HurriedContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.load_cert_chain(str(certfile), str(keyfile))
    made.load_verify_locations(str(ca_certs))
    made.verify_mode = cert_reqs
    made.set_alpn_protocols(["http/1.1"])
    return made


def on_starting(_server: Any) -> None:
    """Each device keeps a connection open."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = worker_connections + 256
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
