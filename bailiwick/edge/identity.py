"""Who this device is: a folder with its key, its certificate and what it was told, readable by its owner only."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from bailiwick.edge.orchestrator import Orchestrator, RefusedError, pinned_authority, trusting

ASKING = "asking.pem"
KINDS = {"edge", "gateway"}
NEEDED = {"url", "serial_number", "software_version", "run", "heartbeat_seconds"}


class Identity:
    """The folder. Every file is written beside and renamed: a power cut leaves the old one or the new one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state: dict[str, Any] = {}
        if (folder / "state.json").exists():
            self.state = _read(folder / "state.json")

    @property
    def is_active(self) -> bool:
        """Whether this device is something."""
        return bool(self.state)

    @property
    def what(self) -> str:
        """An edge or a gateway; folders from before gateways say nothing of it."""
        return str(self.state.get("what", "edge"))

    def path(self, name: str) -> str:
        """Where a device of this kind asks for it."""
        return name if self.what == "edge" else f"{self.what}/{name}"

    def activate(
        self, url: str, key: str, *, pin: str, serial: str, version: str, what: str = "edge", **more: str
    ) -> dict[str, Any]:
        """Becomes the edge or the gateway of the key. Raises RefusedError, AwayError."""
        if self.is_active:
            held = f"{self.folder} holds a device already. Name another folder, or deactivate it."
            raise RefusedError("active", held)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._write("authority.pem", pinned_authority(url, pin))
        own = self._key_to_ask_with()
        door = Orchestrator(url, trusting(self.folder / "authority.pem"))
        said = {"key": key, "serial_number": serial, "software_version": version, **more}
        self.state = {"what": what}
        try:
            told = door.ask("POST", self.path("activate"), {**said, "certificate_request": _request(own)})
        finally:
            door.close()
            self.state = {}
        self._certified(own, told)
        known = {"serial_number": serial, "software_version": version, "run": 0}
        self.state = {"url": url, "what": what, what: told[what], **known}
        self.remember(heartbeat_seconds=told["heartbeat_seconds"])
        (self.folder / ASKING).unlink(missing_ok=True)
        return told

    def begin(self) -> int:
        """Counts the start, on the disk before anything is said under it; returns its number."""
        self.remember(run=self.state["run"] + 1)
        return int(self.state["run"])

    def orchestrator(self) -> Orchestrator:
        """A connection that shows our certificate."""
        names = ("authority.pem", "identity.pem", "identity.pem")
        return Orchestrator(self.state["url"], trusting(*(self.folder / name for name in names)))

    def renew(self, door: Orchestrator) -> None:
        """A new key and its certificate, in one file. Raises RefusedError, AwayError."""
        own = ec.generate_private_key(ec.SECP256R1())
        self._certified(own, door.ask("POST", self.path("renew"), {"certificate_request": _request(own)}))

    def remember(self, **values: Any) -> None:
        """Keeps what is known."""
        self.state.update(values)
        self._write("state.json", json.dumps(self.state, indent=1, sort_keys=True))

    def configure(self, document: dict[str, Any], version: str) -> None:
        """Applies a configuration: what the gateways are, and all else, stands in its file from now on."""
        self._write("configuration.json", json.dumps(document, indent=1, sort_keys=True))
        self.remember(configuration_version=version)

    def forget(self) -> None:
        """The device is nothing any more."""
        for name in ("identity.pem", "state.json", "configuration.json", ASKING):
            (self.folder / name).unlink(missing_ok=True)
        self.state = {}

    def _key_to_ask_with(self) -> ec.EllipticCurvePrivateKey:
        """On the disk before it is used: if the answer is lost, asking again with the same key gets the same answer."""
        kept = self.folder / ASKING
        if kept.exists():
            found = load_pem_private_key(kept.read_bytes(), password=None)
            if isinstance(found, ec.EllipticCurvePrivateKey):
                return found
        made = ec.generate_private_key(ec.SECP256R1())
        self._write(ASKING, _pem(made))
        return made

    def _certified(self, own: ec.EllipticCurvePrivateKey, told: dict[str, Any]) -> None:
        self._write("identity.pem", _pem(own) + told["certificate"])

    def _write(self, name: str, text: str) -> None:
        fresh = self.folder / f"{name}.new"
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.folder / name)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text())
    except ValueError:
        found = None
    if not isinstance(found, dict) or not (found.keys() >= NEEDED and found.keys() & KINDS):
        said = "Request a reactivation, and activate again in another folder."
        raise RefusedError("state", f"{path} is broken. {said}")
    return found


def _pem(own: ec.EllipticCurvePrivateKey) -> str:
    return own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _request(own: ec.EllipticCurvePrivateKey) -> str:
    made = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(own, SHA256())
    return made.public_bytes(Encoding.PEM).decode()


def serial_of_host() -> str:
    """What tells this machine from others: its product serial, where it may be read, or its machine id."""
    for path in ("/sys/class/dmi/id/product_serial", "/etc/machine-id"):
        try:
            found = Path(path).read_text().strip()
        except OSError:
            continue
        if found:
            return found[:64]
    return os.uname().nodename[:64]
