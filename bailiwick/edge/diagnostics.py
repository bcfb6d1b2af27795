"""What the orchestrator asks to know: facts of this device in one archive, or the packets of one interface.

No key and no configuration goes into either: the archive says which modules it has, and not what stands in them.
"""

from __future__ import annotations

import io
import json
import os
import socket
import struct
import tarfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bailiwick.edge.orchestrator import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bailiwick.edge.identity import Identity
    from bailiwick.edge.orchestrator import Orchestrator

PIECE = 1024 * 1024
MOST = 32 * 1024 * 1024
LONGEST = 65_535  # bytes of a packet
ALL_PROTOCOLS = 3  # ETH_P_ALL
# The header of a capture file: magic number, version 2.4, no offset, the longest packet, Ethernet.
HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, LONGEST, 1)
OF_HOST = ("/proc/version", "/proc/uptime", "/proc/loadavg", "/proc/meminfo", "/etc/os-release")
AT_ONCE = 2.0  # seconds that a heartbeat waits for it


class Making:
    """One bundle, made beside the heartbeats and handed over between two of them."""

    def __init__(self, identity: Identity, order: dict[str, Any], links: Callable[[], list[dict[str, Any]]]) -> None:
        self.identity, self.order, self.links = identity, order, links
        self.file = identity.folder / f"{order['id']}.bundle"
        self.problem = ""
        self._thread = threading.Thread(target=self._make, name="bundle", daemon=True)
        self._thread.start()

    def hand_over(self, door: Orchestrator) -> bool:
        """Sends it, once it is made; returns whether that is done. Raises AwayError, RefusedError."""
        self._thread.join(AT_ONCE)
        if self._thread.is_alive():
            return False
        try:
            if self.problem:
                door.ask("POST", "bundle-failed", {"bundle": self.order["id"], "why": self.problem})
            else:
                self._send(door)
        except RefusedError as refused:
            if refused.code != "unknown_bundle":  # nobody waits for it any more
                raise
        self.file.unlink(missing_ok=True)
        return True

    def _send(self, door: Orchestrator) -> None:
        total = self.file.stat().st_size
        with self.file.open("rb") as content:
            while piece := content.read(PIECE):
                start = content.tell() - len(piece)
                door.put(f"bundle/{self.order['id']}", piece, start=start, total=total)

    def _make(self) -> None:
        try:
            if self.order["kind"] == "capture":
                capture(self.file, self.order["interface"], self.order["seconds"])
            else:
                self.file.write_bytes(archive(facts(self.identity, self.links())))
        except OSError as error:
            self.problem = f"It cannot be made here: {error.strerror or type(error).__name__}."[:64]


def facts(identity: Identity, links: list[dict[str, Any]]) -> dict[str, str]:
    """File names and their text."""
    configured = identity.folder / "configuration.json"
    modules = sorted(json.loads(configured.read_text()).get("modules", {})) if configured.exists() else []
    told = {"state": identity.state, "links": links, "modules": modules, "files": _files(identity.folder)}
    return {
        "edge.json": json.dumps(told, indent=1, sort_keys=True),
        **{Path(name).name: _read(name) for name in OF_HOST},
    }


def archive(files: dict[str, str]) -> bytes:
    """As .tar.gz."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as out:
        for name, text in files.items():
            content = text.encode()
            entry = tarfile.TarInfo(f"bundle/{name}")
            entry.size, entry.mtime, entry.mode = len(content), int(time.time()), 0o600
            out.addfile(entry, io.BytesIO(content))
    return made.getvalue()


def capture(file: Path, interface: str, seconds: int) -> None:
    """What the interface carries for so long, as a capture file of at most 32 MiB. Raises OSError."""
    until = time.monotonic() + seconds
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL_PROTOCOLS)) as heard:
        heard.bind((interface, 0))
        heard.settimeout(0.2)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(HEADER)
            while time.monotonic() < until and out.tell() < MOST:
                try:
                    packet = heard.recv(LONGEST)
                except TimeoutError:
                    continue
                out.write(struct.pack("<IIII", *_moment(), len(packet), len(packet)) + packet)


def _moment() -> tuple[int, int]:
    seconds, rest = divmod(time.time_ns(), 1_000_000_000)
    return seconds, rest // 1000


def _files(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in sorted(folder.iterdir()) if path.is_file()}


def _read(name: str) -> str:
    try:
        return Path(name).read_text(errors="replace")
    except OSError as error:
        return f"{type(error).__name__}\n"
