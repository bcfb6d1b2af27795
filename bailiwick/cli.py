"""`bailiwick …`: runs the portal, or one command beside it with the database up for as long as it takes."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="bailiwick",
    help="The open, self-hosted operator portal of an SD-WAN service provider.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
HomeOption = Annotated[Path, typer.Option("--home", envvar="BAILIWICK_HOME", help="The state directory.")]
TlsOption = Annotated[bool, typer.Option("--tls", help="Speak TLS, with a certificate of its own for this machine.")]
HERE = Path("var")
AS_IT_IS = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
COMMANDS = {
    "act": "Run an action of the menu, as the page and the API do.",
    "user": "Make and change users: user create EMAIL --role ROLE, user reset-factor EMAIL.",
    "token": "Make an API token: token create --user EMAIL --name NAME.",
    "audit": "Verify the sealed audit log: audit verify, audit checkpoint.",
    "seed": "Load many customers and edges for measurements.",
    "demo": "Fill in the demonstration data.",
    "selftest": "Look for leaks between partners and customers; keeps nothing of what it makes.",
}


@app.command()
def up(
    port: Annotated[int, typer.Option(envvar="PORT", help="The port on loopback.")] = 8080,
    home: HomeOption = HERE,
    tls: TlsOption = False,  # noqa: FBT002 -- typer's way to declare a switch
) -> None:
    """Run the whole portal: database, web server and worker, until Ctrl-C."""
    from bailiwick.up.home import Home
    from bailiwick.up.portal import Portal

    Portal(Home(home).open(), port, demo=os.environ.get("DEMO") != "0", tls=tls).run()


@app.command(
    help="The reference edge, for any Linux host: activate, run, deactivate, fleet.", context_settings=AS_IT_IS
)
def edge(context: typer.Context) -> None:
    """Loaded when it is asked for: other commands do not wait for it."""
    from bailiwick.edge.commands import app as edges

    edges(context.args, prog_name="bailiwick edge")


@app.command(
    help="The reference gateway, for any Linux host: activate, run, deactivate, fleet.", context_settings=AS_IT_IS
)
def gateway(context: typer.Context) -> None:
    """As an edge."""
    from bailiwick.edge.gateway_commands import app as gateways

    gateways(context.args, prog_name="bailiwick gateway")


def _beside(name: str) -> None:
    """Adds the command of that name: its arguments go to Django's command of the same name as they are."""

    @app.command(name, help=COMMANDS[name], context_settings=AS_IT_IS)
    def run(context: typer.Context) -> None:
        from bailiwick.up.beside import run_beside

        run_beside(Path(os.environ.get("BAILIWICK_HOME", HERE)), [name, *context.args])


for _name in COMMANDS:
    _beside(_name)


def main() -> None:
    """Whatever can be foreseen ends in one sentence and exit code 1."""
    from bailiwick.up.home import ProblemError, reason

    try:
        app()
    except ProblemError as problem:
        sys.exit(str(problem))
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        sys.exit(f"The system refused: {reason(error)}{where}.")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
