"""Makes the files of a new PostgreSQL cluster, and keeps its password."""

from __future__ import annotations

import os
import secrets
import subprocess
from typing import TYPE_CHECKING

from bailiwick.up.home import ProblemError
from bailiwick.up.place import discard, private

if TYPE_CHECKING:
    from pathlib import Path

    from bailiwick.up.binaries import Binaries
    from bailiwick.up.process import Account

SUPERUSER = "postgres"
BUILTIN_LOCALES_SINCE = 17


def make_cluster(home: Path, place: Path, binaries: Binaries, account: Account | None, *, durable: bool) -> None:
    """Makes the cluster under another name and renames it: one cut short is never taken for a whole one.

    The name is new each time: what an initdb that was killed has started may write into its own for a moment yet.
    """
    for left in place.glob("data.new*"):
        discard(left)
    fresh = place / f"data.new-{secrets.token_hex(4)}"
    private(fresh, account)
    password = place / "password.new"
    password.unlink(missing_ok=True)
    _write_private(password, password_of(home))
    if account:
        os.chown(password, account.uid, account.gid)
    try:
        _initdb(home, [binaries["initdb"], "-D", str(fresh), *_options(binaries, password, durable=durable)], account)
    finally:
        password.unlink()
    fresh.rename(place / "data")


def _options(binaries: Binaries, password: Path, *, durable: bool) -> list[str]:
    options = ["-U", SUPERUSER, f"--pwfile={password}", "--auth=scram-sha-256", "--data-checksums"]
    options += ["--encoding=UTF8", "--locale=C.UTF-8"]
    if binaries.major >= BUILTIN_LOCALES_SINCE:
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return options if durable else [*options, "--no-sync"]


def _initdb(home: Path, command: list[str], account: Account | None) -> None:
    made = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    if made.returncode:
        (home / "log" / "postgres.log").write_text(made.stdout + made.stderr)
        raise ProblemError(f"The database could not be made: {last_words(home)}")


def password_of(home: Path) -> str:
    """The database's password, made on first use and readable by the owner of the state directory alone."""
    file = home / "database-password"
    if not file.exists():
        fresh = home / "database-password.new"
        fresh.unlink(missing_ok=True)
        _write_private(fresh, secrets.token_urlsafe(32))
        fresh.rename(file)
    return file.read_text()


def _write_private(file: Path, text: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made:
        made.write(text)


def last_words(home: Path) -> str:
    """The last complaint of the server's log, as one sentence."""
    log = home / "log" / "postgres.log"
    lines = log.read_text(errors="replace").splitlines()[-40:] if log.exists() else []
    said = [line.split(": ", 1)[-1].strip() for line in lines if "FATAL" in line or "PANIC" in line or "error:" in line]
    return f"{said[-1].rstrip('.')} (all of it in {log})." if said else f"see {log}."
