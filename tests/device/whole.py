"""A whole portal with its door for devices, a customer, and real edge processes that call in over TLS."""

from __future__ import annotations

import json
import random
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bailiwick.up.process import dying_with_parent
from tests.image_file import archive
from tests.portal import Portal

EDGE = [sys.executable, "-m", "bailiwick.cli", "edge"]


class Fleet:
    """The portal of the test, asked over REST."""

    def __init__(self, portal: Portal, folder: Path) -> None:
        self.portal, self.folder = portal, folder
        portal.environment.pop("DEVICE_PORT", None)
        portal.environment["DEVICE_PORT"] = str(_free())
        self.door = re.search(r"Edges call at (\S+)", portal.start())[1]
        portal.shell("user", "create", "fleet@operator.example", "--role", "superuser")
        self.token = portal.shell("token", "create", "--user", "fleet@operator.example", "--name", "f").strip()
        portal.shell("seed", "--customers", "1", "--edges", "0")
        self.customer = self.rest("GET", "customers")["data"][0]["id"]
        self.running: list[subprocess.Popen[str]] = []

    def rest(self, method: str, path: str, body: Any = None) -> Any:
        sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.portal.url}/api/v1/{path}", method=method, data=sent,
            headers={"Authorization": f"Token {self.token}", "Content-Type": "application/json"},
        )  # fmt: skip
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from error

    def new(self, name: str, **values: Any) -> dict[str, Any]:
        return self.rest("POST", f"customers/{self.customer}/edges", {"name": name, **values})

    def activate(self, name: str, made: dict[str, Any], *, code: int = 0, **other: str) -> str:
        told = {"url": made["activation"]["url"], "key": made["activation"]["key"], "pin": made["activation"]["pin"]}
        words = [f"--{option}={value}" for option, value in {**told, "serial": name.upper(), **other}.items()]
        done = subprocess.run(
            [*EDGE, "activate", "--folder", str(self.folder / name), *words],
            check=False, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    @property
    def profile(self) -> int:
        """The operator profile of the customer, and so of its edges."""
        return self.rest("GET", f"customers/{self.customer}")["operator_profile_id"]

    def image(self, version: str, *, size: int) -> tuple[int, bytes]:
        """A software image with a file, made known: its id, and what is in the file."""
        told = {"name": "Edge", "version": version, "build_number": "", "device_family": ""}
        made = self.rest("POST", "software-images", told)
        content = archive(SimpleNamespace(**told), {"root": random.Random(4).randbytes(size)})
        self.rest("PUT", f"software-images/{made['id']}/file", content)
        return made["id"], content

    def run(self, name: str, *words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*EDGE, "run", "--folder", str(self.folder / name), *words],
            stdout=(self.folder / f"{name}.log").open("a"), stderr=subprocess.STDOUT, text=True, start_new_session=True,
            preexec_fn=dying_with_parent(signal.SIGTERM),  # noqa: PLW1509 -- no threads in the test process yet
        )  # fmt: skip
        self.running.append(process)
        return process

    def again(self, name: str) -> None:
        """Ends the edge of this folder and starts it: its first heartbeat comes now, not in half a minute."""
        last = next(each for each in reversed(self.running) if f"{self.folder / name}" in each.args)
        last.terminate()
        last.wait(10)
        self.run(name)

    def said(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def states(self) -> dict[str, str]:
        return {edge["name"]: edge["state"] for edge in self.rest("GET", "edges?limit=2000")["data"]}

    def end(self) -> None:
        for process in self.running:
            process.kill()
            process.wait(10)


def until(condition: Any, *, within: float) -> float:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < within, f"not within {within} s"
        time.sleep(0.1)
    return time.monotonic() - began


def _free() -> int:
    from tests.portal import free_port

    return free_port()
