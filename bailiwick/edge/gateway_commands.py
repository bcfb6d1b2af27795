"""`bailiwick gateway …`: the words of the reference gateway."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bailiwick.edge.beating import live
from bailiwick.edge.fleet import Fleet, all_of
from bailiwick.edge.gateway import Gateway, load_of_host
from bailiwick.edge.identity import Identity, serial_of_host
from bailiwick.edge.provisioning import Gateways, Portal
from bailiwick.edge.words import active, end_on_terminate, said, say

app = typer.Typer(help="The reference gateway, for any Linux host.", no_args_is_help=True, rich_markup_mode=None)
FolderOption = Annotated[
    Path, typer.Option("--folder", envvar="BAILIWICK_GATEWAY", help="Where the gateway keeps itself.")
]
EdgesOption = Annotated[
    int, typer.Option("--edges", min=0, max=1_000_000, help="How many edges it says are connected: it carries none.")
]
HERE = Path("gateway")


@app.command()
def activate(
    url: Annotated[str, typer.Option(help="Where the orchestrator's door for devices is.")],
    key: Annotated[str, typer.Option(envvar="BAILIWICK_GATEWAY_KEY", help="The activation key.")],
    pin: Annotated[str, typer.Option(help="The SHA-256 of the orchestrator's authority, as it came with the key.")],
    folder: FolderOption = HERE,
    serial: Annotated[str, typer.Option(help="The serial number; else the machine's own.")] = "",
    version: Annotated[str, typer.Option(help="The version of the software.")] = "1.0.0",
) -> None:
    """Make this machine the gateway of a key, once."""
    serial = serial or serial_of_host()
    told = said(lambda: Identity(folder).activate(url, key, pin=pin, serial=serial, version=version, what="gateway"))
    say(f"This is the gateway {told['name']} now. Go on with: bailiwick gateway run --folder {folder}")


@app.command()
def run(folder: FolderOption = HERE, edges: EdgesOption = 0) -> None:
    """Report to the orchestrator until Ctrl-C."""
    end_on_terminate()
    identity = active(folder, "gateway")
    gateway = said(lambda: Gateway(identity, load=partial(load_of_host, edges), say=say))
    say(f"The gateway {gateway.identity.state['gateway']} runs, for the {gateway.run}. time.")
    said(lambda: live(gateway, say=say))


@app.command()
def deactivate(folder: FolderOption = HERE) -> None:
    """Give the place back: this machine is a gateway no more."""
    identity = active(folder, "gateway")
    said(lambda: Gateway(identity, load=partial(load_of_host, 0), say=say).resign())
    say("This machine is no gateway any more.")


@app.command()
def fleet(
    number: Annotated[int, typer.Argument(min=1, max=2_000, help="How many gateways.")],
    portal: Annotated[str, typer.Option(help="The address of the portal, which makes the gateways.")] = "",
    token: Annotated[str, typer.Option(envvar="BAILIWICK_TOKEN", help="An API token that may make gateways.")] = "",
    pool: Annotated[int, typer.Option(min=0, help="The id of the pool in which they stand; 0: in none.")] = 0,
    folder: FolderOption = Path("gateways"),
    edges: EdgesOption = 0,
) -> None:
    """Run many gateways in one process, until Ctrl-C; those of an earlier run go on."""
    end_on_terminate()
    gateways = Gateways(Portal(portal, token), pool)
    members = said(lambda: all_of(folder, number, gateways.provision, "gateway"))
    say(f"{len(members)} gateways run.")
    load = partial(load_of_host, edges)
    said(lambda: Fleet([Gateway(each, load=load, say=say) for each in members], say=say).live())
