"""`bailiwick edge …`: the words of the reference edge."""

from __future__ import annotations

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bailiwick.edge.beating import Beating, links_of_host, live
from bailiwick.edge.fleet import AT_ONCE, Fleet, Maker, member
from bailiwick.edge.identity import Identity, serial_of_host
from bailiwick.edge.orchestrator import AwayError, RefusedError
from bailiwick.edge.upgrade import LostError

if TYPE_CHECKING:
    from collections.abc import Callable

app = typer.Typer(help="The reference edge, for any Linux host.", no_args_is_help=True, rich_markup_mode=None)
FolderOption = Annotated[Path, typer.Option("--folder", envvar="BAILIWICK_EDGE", help="Where the edge keeps itself.")]
FailOption = Annotated[bool, typer.Option("--fail-upgrade", help="Be lost at the next upgrade, on purpose.")]
HERE = Path("edge")


@app.command()
def activate(
    url: Annotated[str, typer.Option(help="Where the orchestrator's door for devices is.")],
    key: Annotated[str, typer.Option(envvar="BAILIWICK_EDGE_KEY", help="The activation key.")],
    pin: Annotated[str, typer.Option(help="The SHA-256 of the orchestrator's authority, as it came with the key.")],
    folder: FolderOption = HERE,
    serial: Annotated[str, typer.Option(help="The serial number; else the machine's own.")] = "",
    model: Annotated[str, typer.Option(help="The model.")] = "virtual",
    version: Annotated[str, typer.Option(help="The version of the software.")] = "1.0.0",
) -> None:
    """Make this machine the edge of a key, once."""
    serial = serial or serial_of_host()
    told = _said(lambda: Identity(folder).activate(url, key, pin=pin, serial=serial, model=model, version=version))
    _say(f"This is the edge {told['edge']} now. Go on with: bailiwick edge run --folder {folder}")


@app.command()
def run(folder: FolderOption = HERE, *, fail_upgrade: FailOption = False) -> None:
    """Report to the orchestrator, and do what it says, until Ctrl-C."""
    _end_on_terminate()
    identity = _active(folder)
    beating = _said(lambda: Beating(identity, links=links_of_host, say=_say, fails_upgrade=fail_upgrade))
    _say(f"The edge {beating.identity.state['edge']} runs, for the {beating.run}. time.")
    _said(lambda: live(beating, say=_say))


@app.command()
def deactivate(folder: FolderOption = HERE) -> None:
    """Give the place back: this machine is an edge no more."""
    identity = _active(folder)
    _said(lambda: Beating(identity, links=links_of_host).resign())
    _say("This machine is no edge any more.")


@app.command()
def fleet(
    number: Annotated[int, typer.Argument(min=1, max=20_000, help="How many edges.")],
    portal: Annotated[str, typer.Option(help="The address of the portal, which makes the edges.")] = "",
    token: Annotated[str, typer.Option(envvar="BAILIWICK_TOKEN", help="An API token that may make edges.")] = "",
    customer: Annotated[int, typer.Option(help="The id of the customer whose they are.")] = 0,
    licence: Annotated[str, typer.Option(help="Which of its licences they have, where it has several.")] = "",
    profile: Annotated[int, typer.Option(help="Which of its profiles they have, where it has several.")] = 0,
    folder: FolderOption = Path("fleet"),
    fail_upgrade: Annotated[int, typer.Option(min=0, help="So many are lost at their next upgrade, on purpose.")] = 0,
) -> None:
    """Run many edges in one process, until Ctrl-C; those of an earlier run go on."""
    _end_on_terminate()
    maker = Maker(portal, token, customer, licence, profile)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        members = _said(lambda: list(pool.map(lambda each: member(folder, each, maker), range(1, number + 1))))
    _say(f"{len(members)} edges run.")
    _said(lambda: Fleet(members, say=_say, failing=fail_upgrade).live())


def _active(folder: Path) -> Identity:
    identity: Identity = _said(lambda: Identity(folder))
    if not identity.is_active:
        sys.exit(f"{folder} holds no edge. Begin with: bailiwick edge activate")
    return identity


def _said(deed: Callable[[], Any]) -> Any:
    """Whatever the orchestrator says no to, and a disk that does not write, ends in a sentence."""
    try:
        return deed()
    except (RefusedError, AwayError, LostError) as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(": ".join(str(part) for part in (error.filename, error.strerror or error) if part))


def _end_on_terminate() -> None:
    """A service manager ends us as Ctrl-C does."""
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_frame: os._exit(0))


def _say(sentence: str) -> None:
    print(sentence, flush=True)
