"""The door for devices as `bailiwick up` opens it: a port of its own beside the portal's, always with TLS."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, NamedTuple

from bailiwick.up.home import ProblemError
from bailiwick.up.listener import LOOPBACK, listen
from bailiwick.up.process import spawn

if TYPE_CHECKING:
    import socket
    import subprocess
    from collections.abc import Mapping
    from pathlib import Path

BESIDE = 363  # 8443 beside 8080
HIGHEST = 65_535
DOOR = (sys.executable, "-P", "-m", "gunicorn", "-c", "python:bailiwick.up.device_settings", "bailiwick.device.wsgi")


class DeviceDoor(NamedTuple):
    """A port that was taken before anything was started."""

    listener: socket.socket
    home: Path

    @property
    def port(self) -> int:
        """As the system knows it."""
        return int(self.listener.getsockname()[1])

    @property
    def address(self) -> str:
        """Where devices reach it: its public address when there is one."""
        return os.environ.get("BAILIWICK_DEVICE_URL") or f"https://{LOOPBACK}:{self.port}"

    def spawn(self, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Starts the process; the files are there since the database was prepared."""
        folder = self.home / "devices"
        files = {"CERTIFICATE": "door.pem", "KEY": "door.key", "AUTHORITY": "authority.pem"}
        told = {f"BAILIWICK_DEVICE_{name}": str(folder / file) for name, file in files.items()}
        told["BAILIWICK_DEVICE_LISTEN"] = f"fd://{self.listener.fileno()}"
        log, keep = self.home / "log" / "devices.log", (self.listener.fileno(),)
        return spawn(DOOR, dies_by=signal.SIGTERM, log=log, environment={**environment, **told}, keep=keep)


def device_door(home: Path, beside: int) -> DeviceDoor | None:
    """The port of DEVICE_PORT (0: no door), or one that follows from the portal's, or any that is free."""
    named = os.environ.get("DEVICE_PORT")
    if named == "0":
        return None
    if named:
        if not named.isdecimal():
            raise ProblemError(f"DEVICE_PORT is {named}, which is no port.")
        return DeviceDoor(listen(int(named), name="DEVICE_PORT"), home)
    try:
        found = listen(beside + BESIDE if beside + BESIDE <= HIGHEST else 0, name="DEVICE_PORT")
    except ProblemError:
        found = listen(0, name="DEVICE_PORT")
    return DeviceDoor(found, home)
