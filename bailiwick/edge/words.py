"""What the commands of every reference device share: how they begin, end, and say no."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Any

import typer

from bailiwick.edge.identity import Identity
from bailiwick.edge.orchestrator import AwayError, RefusedError
from bailiwick.edge.upgrade import LostError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def active(folder: Path, what: str = "edge") -> Identity:
    """The device that the folder holds, if it is of this kind."""
    identity: Identity = said(lambda: Identity(folder))
    if not identity.is_active or identity.what != what:
        sys.exit(f"{folder} holds no {what}. Begin with: bailiwick {what} activate")
    return identity


def said(deed: Callable[[], Any]) -> Any:
    """Whatever the orchestrator says no to, and a disk that does not write, ends in a sentence."""
    try:
        return deed()
    except (RefusedError, AwayError, LostError) as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(": ".join(str(part) for part in (error.filename, error.strerror or error) if part))


def end_on_terminate() -> None:
    """A service manager ends us as Ctrl-C does."""
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_frame: os._exit(0))


def say(sentence: str) -> None:
    """At once, also into a file."""
    typer.echo(sentence)
