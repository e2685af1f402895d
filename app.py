"""The command line. Each command is a few lines that call a function elsewhere.

Imports stand inside the commands: what a command does not need it does not load.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

ENV_FILE = Path(".env")

cli = typer.Typer(
    help="Baton passes leads from marketing to sales in Slack, and holds both sides to what they agreed.",
    add_completion=False,
    pretty_exceptions_enable=False,
)


@cli.callback(invoke_without_command=True)
def default(context: typer.Context) -> None:
    """Without a command: run."""
    if context.invoked_subcommand is None:
        run()


@cli.command()
def run() -> None:
    """Run the bot until it is told to stop."""
    with no_collecting():
        from bot.agreement import load_agreement
        from bot.clock import Clock
        from bot.logs import set_up_logs
        from bot.settings import load_settings
        from wiring import run_until_told

    with one_sentence():
        settings = load_settings(env_file=ENV_FILE)
        set_up_logs(settings.log_format, known_secrets=settings.secrets())
        asyncio.run(run_until_told(settings, load_agreement(settings.agreement), Clock()))


@cli.command(name="import")
def import_leads(file: Path) -> None:
    """Take in the leads of a CSV file. The bot may be running meanwhile, or not."""
    from rich.console import Console

    from bot.clock import Clock
    from bot.settings import load_settings
    from handlers.importing import import_command

    with one_sentence():
        settings = load_settings(env_file=ENV_FILE, with_slack=False)
        raise typer.Exit(import_command(file, settings, Clock(), Console()))


@cli.command()
def check() -> None:
    """Look at the environment, the agreement, the database, the manifest and Slack, and say what is wrong."""
    from rich.console import Console

    from handlers.checking import run_check

    raise typer.Exit(asyncio.run(run_check(ENV_FILE, Console())))


@cli.command()
def init() -> None:
    """Write a commented agreement.toml and .env to begin with. What is there already stays."""
    from bot.beginning import begin
    from bot.settings import load_settings

    with one_sentence():
        for said in begin(load_settings(env_file=ENV_FILE, with_slack=False).agreement, ENV_FILE):
            typer.echo(said)


@contextmanager
def no_collecting() -> Iterator[None]:
    """Look for no garbage while modules load: there is none, and looking is a quarter of the start."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # and never look at what was loaded again
        gc.enable()


@contextmanager
def one_sentence() -> Iterator[None]:
    """End with what is wrong and what to do, and status 1, where the person can mend it."""
    from bot.agreement import AgreementError
    from bot.errors import CannotStart
    from bot.settings import SettingsFaults
    from storage.away import DatabaseAway
    from storage.runlock import AlreadyRunning

    try:
        yield
    except (AgreementError, AlreadyRunning, CannotStart, DatabaseAway, SettingsFaults) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


if __name__ == "__main__":
    cli()
