"""How gunicorn serves the portal: a few processes of a few threads, behind nginx or on loopback."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Any

from bailiwick.up.fair_worker import FairWorker

MEMORY = Path("/dev/shm")  # noqa: S108 -- gunicorn makes its own unguessable file there

bind = os.environ.get("BAILIWICK_LISTEN", "127.0.0.1:8000")
worker_class = FairWorker
workers = int(os.environ.get("BAILIWICK_WEB_PROCESSES", str(min(4, os.cpu_count() or 1))))
threads = int(os.environ.get("BAILIWICK_WEB_THREADS", "8"))
preload_app = True
proc_name = "bailiwick"

# A thread may stream an export for minutes: the limit is on the process that gives no sign of life, not on a request.
timeout = 60
graceful_timeout = 10
keepalive = 30
backlog = 1024
worker_tmp_dir = str(MEMORY) if MEMORY.is_dir() else None

# Larger heads are refused before the application sees them; nginx in front has the same limits.
limit_request_line = 8190
limit_request_fields = 64
limit_request_field_size = 8190

certfile = os.environ.get("BAILIWICK_CERTIFICATE")
keyfile = os.environ.get("BAILIWICK_KEY")

accesslog = None
errorlog = "-"
control_socket_disable = True


def when_ready(_server: Any) -> None:
    """What is loaded before the processes fork stays: the collector need not look at it again in each of them."""
    gc.collect()
    gc.freeze()
    # A page makes some thousands of small objects and keeps none: looking after every 700 costs a third of it.
    gc.set_threshold(20_000, 20, 50)


def pre_fork(_server: Any, worker: FairWorker) -> None:
    """Gives it its place among the others."""
    worker.take_place()


def child_exit(_server: Any, worker: FairWorker) -> None:
    """Its place is free."""
    worker.leave_place()
