"""The shipped nginx configuration, run by a real nginx before a server that tells what it was asked."""

from __future__ import annotations

import json
import re
import shutil
import socketserver
import subprocess
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.deploy.client import connect
from tests.portal import Portal, copied, free_port, remove_home

SITE = Path(__file__).parents[2] / "deploy" / "nginx.conf"
MAIN = """
daemon off; user root; worker_processes 1; worker_rlimit_nofile 8192;
pid {folder}/pid; error_log {folder}/error.log warn;
events {{ worker_connections 4096; }}
http {{
  include /etc/nginx/mime.types; access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  include {folder}/site.conf;
}}
"""


class Nginx:
    """The shipped site on free ports, with a certificate of its own and another upstream."""

    def __init__(self, folder: Path, upstream: str) -> None:
        self.folder, self.http, self.https = folder, free_port(), free_port()
        subject = ("-days", "1", "-nodes", "-subj", "/CN=portal.example.net")
        files = ("-keyout", folder / "key.pem", "-out", folder / "fullchain.pem")
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
        subprocess.run(["openssl", "req", "-x509", *key, *subject, *files], check=True, capture_output=True)
        (folder / "site.conf").write_text(self._site(upstream))
        (folder / "nginx.conf").write_text(MAIN.format(folder=folder))
        self.process = subprocess.Popen(["nginx", "-c", folder / "nginx.conf"], stderr=(folder / "stderr").open("w"))
        self._wait()

    def _site(self, upstream: str) -> str:
        """Only addresses and file names are changed: every limit under test is the shipped one."""
        site = SITE.read_text()
        site = re.sub(r"^ *listen \[::\].*\n", "", site, flags=re.MULTILINE)
        site = site.replace("listen 80;", f"listen 127.0.0.1:{self.http};")
        site = site.replace("listen 443 ", f"listen 127.0.0.1:{self.https} ")
        site = site.replace("/etc/ssl/bailiwick", str(self.folder))
        assert "unix:/run/bailiwick/web.sock" in site
        return site.replace("unix:/run/bailiwick/web.sock", upstream)

    def _wait(self) -> None:
        for _ in range(200):
            assert self.process.poll() is None, (self.folder / "stderr").read_text()
            try:
                connect(self.https).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise AssertionError("nginx did not open its port")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.folder)


class Mirror(socketserver.ThreadingUnixStreamServer):
    """Answers with what it was asked, and remembers it."""

    daemon_threads = True

    def __init__(self, path: str) -> None:
        self.asked: list[str] = []
        self.gone: list[str] = []
        super().__init__(path, Reflection)


class Reflection(BaseHTTPRequestHandler):
    server: Mirror
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith("/api/v1/exports/"):
            self._flow()
            return
        answer = json.dumps({"path": self.path, "headers": self.headers.items(), "bytes": len(body)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_GET  # noqa: N815 -- the name the server looks for

    def _flow(self) -> None:
        """A line each tenth of a second, until nobody reads any more."""
        self.send_response(200)
        self.end_headers()
        try:
            for number in range(100):
                self.wfile.write(b"%06d\n" % number)
                time.sleep(0.1)
        except OSError:
            self.server.gone.append(self.path)
        self.close_connection = True

    def address_string(self) -> str:
        return "nginx"

    def log_message(self, *_arguments: object) -> None:
        """Nothing is printed."""


def folder() -> Path:
    made = Path(tempfile.mkdtemp(prefix="bailiwick-nginx-"))
    made.chmod(0o755)
    return made


@pytest.fixture(scope="module")
def mirror():
    place = folder()
    with Mirror(str(place / "socket")) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
    shutil.rmtree(place)


@pytest.fixture(scope="module")
def proxy(mirror):
    started = Nginx(folder(), f"unix:{mirror.server_address}")
    yield started
    started.stop()


@pytest.fixture(scope="session")
def proxied_portal(prepared_home):
    """A whole portal behind the shipped proxy; `.portal` is the one without it."""
    home = copied(prepared_home)
    portal = Portal(home, BAILIWICK_PROXIES="127.0.0.1", BAILIWICK_HOSTS="portal.example.net,127.0.0.1")
    portal.start()
    front = Nginx(folder(), f"127.0.0.1:{portal.port}")
    front.portal = portal
    yield front
    front.stop()
    portal.stop()
    remove_home(home)
