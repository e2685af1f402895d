"""The commands of `crm`: what each is called, what it takes, and one line of help, as in commands.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from handlers.cli.crm import Command

LARGEST = 2**63 - 1
"""No number of a lead, or of anything else that is kept, is larger."""

crm = typer.Typer(help="The CRM: what it lacks, its fields; read or write now, or retry.")


@crm.command(name="check")
def check_crm() -> None:
    """Check the connection to the CRM, and say what it lacks and where to set it."""
    from handlers.cli import crm as commands

    _crm(commands.check_crm())


@crm.command(name="fields")
def list_crm_fields(
    every: Annotated[bool, typer.Option("--all", help="Also the fields that Baton does not write")] = False,
) -> None:
    """List in which of the CRM's fields Baton says what."""
    from handlers.cli import crm as commands

    _crm(commands.list_fields(every=every))


@crm.command(name="pull")
def pull_from_crm() -> None:
    """Ask the CRM now what changed there."""
    from handlers.cli import crm as commands

    _crm(commands.pull_changes())


@crm.command(name="push")
def push_to_crm(
    lead: Annotated[
        int | None,
        typer.Option(min=1, max=LARGEST, help="One lead, by its number; otherwise all that sales has"),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Let Baton's values win where both sides changed a field")
    ] = False,
) -> None:
    """Write leads into the CRM again."""
    from handlers.cli import crm as commands

    _crm(commands.push_leads(lead, overwrite=overwrite))


@crm.command(name="replay")
def replay_crm() -> None:
    """Retry what the CRM refused."""
    from handlers.cli import crm as commands

    _crm(commands.replay_crm())


def _crm(command: Command) -> None:
    from bot.clock import Clock
    from bot.settings import load_settings
    from handlers.cli.commands import ENV_FILE, one_sentence
    from handlers.cli.crm import crm_command
    from handlers.cli.terminal import Terminal

    with one_sentence():
        settings = load_settings(env_file=ENV_FILE, with_slack=False)
        raise typer.Exit(crm_command(command, settings, Clock(), Terminal()))
