"""`bailiwick up`: the database, the web server and the worker of one portal, from the first start to Ctrl-C."""

from __future__ import annotations

import http.client
import json
import os
import signal
import ssl
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

import psycopg

from bailiwick.up.certificate import Certificate, own_certificate
from bailiwick.up.device_door import DeviceDoor, device_door
from bailiwick.up.home import Home, InUseError, ProblemError
from bailiwick.up.listener import LOOPBACK, listen
from bailiwick.up.postgres import Postgres
from bailiwick.up.process import opened_log, spawn
from bailiwick.up.supervisor import DATABASE, Child, Supervisor, wait_for_leftovers

if TYPE_CHECKING:
    import socket
    from pathlib import Path
    from types import FrameType

    Process = subprocess.Popen[bytes]

SECONDS_TO_SERVE = 60
ADDRESS = "address"  # where this portal was reached last: commands beside it print links that begin with it
# The owner of the tables makes and changes them; those who serve may not change an event, and see no row of anybody
# before it is known for whom they look (docs/adr/0007, 0020).
AS_WEB, AS_WORKER = ({"BAILIWICK_DB_ROLE": f"bailiwick_{role}"} for role in ("web", "worker"))
DJANGO = (sys.executable, "-P", "-m", "django")
WEB = (sys.executable, "-P", "-m", "gunicorn", "-c", "python:bailiwick.up.gunicorn_settings", "bailiwick.wsgi")


@dataclass(frozen=True)
class Portal:
    """What the user asked for."""

    home: Home
    port: int
    demo: bool
    tls: bool = False

    @property
    def address(self) -> str:
        """Where people reach the portal: its public address when there is one."""
        return os.environ.get("BAILIWICK_URL") or f"{'https' if self.tls else 'http'}://{LOOPBACK}:{self.port}"

    def run(self) -> None:
        """1. take the directory and the port · 2. database · 3. prepare it · 4. serve · 5. watch until told to stop."""
        register = self.home.path / "processes.json"
        self._take(register)
        listener, door = listen(self.port), device_door(self.home.path, self.port)
        supervisor = Supervisor(register, say)
        _listen_for_the_end()
        try:
            self._serve(supervisor, listener, door)
        except KeyboardInterrupt:
            say("Stopping.")
        finally:
            for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(each, signal.SIG_IGN)
            supervisor.stop()
            self.home.unlock()

    def _take(self, register: Path) -> None:
        try:
            self.home.lock("a running portal")
        except InUseError as error:
            raise ProblemError(f"{error} Stop that one first, or name another directory in BAILIWICK_HOME.") from None
        self.home.check_space()
        wait_for_leftovers(register)

    def _serve(self, supervisor: Supervisor, listener: socket.socket, door: DeviceDoor | None) -> None:
        files = own_certificate(self.home.path) if self.tls else None
        environment = self._environment(supervisor) | ({"BAILIWICK_TLS": "1"} if files else {})
        environment |= {"BAILIWICK_DEVICE_URL": door.address} if door else {}
        log = self.home.path / "log"
        link = prepare(environment, demo=self.demo, base_url=self.address, log=log / "prepare.log")
        bound = {**environment, **AS_WEB, "BAILIWICK_LISTEN": f"fd://{listener.fileno()}"}
        bound |= {"BAILIWICK_CERTIFICATE": str(files.certificate), "BAILIWICK_KEY": str(files.key)} if files else {}
        keep = (listener.fileno(),)
        term = signal.SIGTERM

        def web() -> Process:
            return spawn(WEB, dies_by=term, log=log / "web.log", environment=bound, keep=keep)

        def worker() -> Process:
            return spawn((*DJANGO, "worker"), dies_by=term, log=log / "worker.log", environment=environment | AS_WORKER)

        supervisor.add(Child("web", web, web()))
        supervisor.add(Child("worker", worker, worker()))
        if door:
            knocked = partial(door.spawn, environment | AS_WEB)
            supervisor.add(Child("devices", knocked, knocked()))
        if not supervisor.tend_until(lambda: _answers(self.port, files), within=SECONDS_TO_SERVE):
            raise ProblemError(f"The web server does not answer: {last_line(log / 'web.log')}")
        (self.home.path / ADDRESS).write_text(self.address, encoding="utf-8")
        say(f"Bailiwick runs at {self.address}")
        say(f"Sign in, once:   {link}")
        if door:
            say(f"Edges call at {door.address}")
        say("Stop with Ctrl-C.")
        supervisor.tend_until(lambda: False)

    def _environment(self, supervisor: Supervisor) -> dict[str, str]:
        """Starts our own database unless one is named, and tells the children where everything is."""
        url = os.environ.get("DATABASE_URL")
        if url:
            check_database(url)
        else:
            say("Starting the database.")
            server = Postgres(self.home.path, durable=os.environ.get("BAILIWICK_FSYNC") != "0")
            url = server.start()
            supervisor.add(Child(DATABASE, server.spawn, server.running_process))
        return django_environment(self.home.path, url) | {"BAILIWICK_URL": self.address}


def django_environment(home: Path, url: str) -> dict[str, str]:
    """What a Django process of this portal needs to know."""
    ours = {"DATABASE_URL": url, "BAILIWICK_HOME": str(home), "DJANGO_SETTINGS_MODULE": "bailiwick.settings"}
    return {**os.environ, **ours, "PYTHONUNBUFFERED": "1"}


def check_database(url: str) -> None:
    """Asks a named server once, because its sentence is better than the one of the first program that fails."""
    try:
        psycopg.connect(url, connect_timeout=10).close()
    except psycopg.Error as error:
        said = " ".join(str(error).split())
        raise ProblemError(f"The database does not answer: {said}") from None


def prepare(environment: dict[str, str], *, demo: bool, base_url: str, log: Path) -> str:
    """Brings the tables up to date, fills in the demonstration data, and answers with the sign-in link."""
    command = [*DJANGO, "prepare", "--base-url", base_url, *(["--demo"] if demo else [])]
    with opened_log(log) as errors:
        piped = subprocess.PIPE
        done = subprocess.run(command, check=False, env=environment, cwd="/", stdout=piped, stderr=errors, text=True)
    if done.returncode:
        raise ProblemError(f"The database could not be prepared: {last_line(log)}")
    return str(json.loads(done.stdout.splitlines()[-1])["link"])


def say(sentence: str) -> None:
    """Tells the person at the terminal."""
    with suppress(BrokenPipeError):  # nobody reads any more, as in `make run | head`: no reason to stop serving
        print(sentence, flush=True)


def last_line(log: Path) -> str:
    """What a program said at its end, and where the rest is."""
    last = log.read_text(errors="replace").strip().rpartition("\n")[2]
    return f"{last or 'it said nothing'} (all of it in {log})."


def _answers(port: int, files: Certificate | None) -> bool:
    """Whether the portal is ready; a fault of the program will not go away by waiting, so it is told at once."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    if files:
        trusted = ssl.create_default_context(cafile=str(files.certificate))
        connection = http.client.HTTPSConnection(LOOPBACK, port, timeout=5, context=trusted)
    try:
        connection.request("GET", "/readyz")
        status = connection.getresponse().status
    except OSError:
        return False
    finally:
        connection.close()
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        raise ProblemError("The web server fails on its first page; web.log in the state directory tells why.")
    return status == HTTPStatus.OK


def _listen_for_the_end() -> None:
    """A shell starts what runs in the background deaf to Ctrl-C, and `nohup` deaf to hanging up: only that is meant."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, _interrupt)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _interrupt)


def _interrupt(_signum: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
