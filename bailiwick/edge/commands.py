"""`bailiwick edge …`: the words of the reference edge."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bailiwick.edge.beating import Beating, links_of_host, live, one_link
from bailiwick.edge.fleet import Fleet, all_of
from bailiwick.edge.identity import Identity, serial_of_host
from bailiwick.edge.provisioning import Edges, Portal
from bailiwick.edge.words import active, end_on_terminate, said, say

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
    told = said(lambda: Identity(folder).activate(url, key, pin=pin, serial=serial, model=model, version=version))
    say(f"This is the edge {told['edge']} now. Go on with: bailiwick edge run --folder {folder}")


@app.command()
def run(folder: FolderOption = HERE, *, fail_upgrade: FailOption = False) -> None:
    """Report to the orchestrator, and do what it says, until Ctrl-C."""
    end_on_terminate()
    identity = active(folder)
    beating = said(lambda: Beating(identity, links=links_of_host, say=say, fails_upgrade=fail_upgrade))
    say(f"The edge {beating.identity.state['edge']} runs, for the {beating.run}. time.")
    said(lambda: live(beating, say=say))


@app.command()
def deactivate(folder: FolderOption = HERE) -> None:
    """Give the place back: this machine is an edge no more."""
    identity = active(folder)
    said(lambda: Beating(identity, links=links_of_host).resign())
    say("This machine is no edge any more.")


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
    end_on_terminate()
    edges = Edges(Portal(portal, token), customer, licence, profile)
    members = said(lambda: all_of(folder, number, edges.provision))
    say(f"{len(members)} edges run.")
    said(
        lambda: Fleet(
            [Beating(each, links=one_link, fails_upgrade=at < fail_upgrade) for at, each in enumerate(members)], say=say
        ).live()
    )
