"""The command line: what each command is called, what it takes, and one line of help.

What a command does is written in a file of its own. Imports stand inside the functions: what a command does
not need it does not load. `run` and `demo` put a whole bot together; they stand in app.py.
"""

from __future__ import annotations

import asyncio
import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from handlers.cli.crm_commands import LARGEST, crm

if TYPE_CHECKING:
    from handlers.cli.refused import Command
    from handlers.cli.webhooks import Command as WebhookCommand

ENV_FILE = Path(".env")

cli = typer.Typer(
    help="Baton passes leads from marketing to sales in Slack, and holds both sides to what they agreed.",
    add_completion=False,
    pretty_exceptions_enable=False,
)

refused = typer.Typer(help="Refused records: see them, retry them, or drop them.")
cli.add_typer(refused, name="refused", no_args_is_help=True)
intake = typer.Typer(help="Intake sources: list them, and try a body.")
cli.add_typer(intake, name="intake", no_args_is_help=True)
webhooks = typer.Typer(help="Webhooks: how each is doing; test, pause, resume, or send again.")
cli.add_typer(webhooks, name="webhooks", no_args_is_help=True)
cli.add_typer(crm, name="crm", no_args_is_help=True)


@cli.command(name="import")
def import_leads(
    file: Path,
    encoding: str = typer.Option("", help="The file's encoding, if Baton cannot tell: cp1250, gbk …"),
    map: list[str] = typer.Option([], "--map", help='What a column holds: "Ma colonne=company"'),  # noqa: A002, B008 - the option's name, and how typer is told of it
    format: str = typer.Option("text", help="text or json"),  # noqa: A002 - the option's name
    system: str = typer.Option("", help="The tool the IDs come from, such as salesforce, if no column says"),
    handoff: bool = typer.Option(True, "--handoff/--no-handoff", help="Whether leads may go to sales"),
    dry_run: bool = typer.Option(False, "--dry-run", help="Say what would happen; store nothing"),
    history: bool = typer.Option(False, "--history", help="Past leads from a CRM, with their outcomes"),
) -> None:
    """Import leads from a CSV file, or from the standard input (-), whether the bot is running or not."""
    from bot.clock import Clock
    from bot.settings import load_settings
    from handlers.cli.importing import ImportOptions, import_command
    from handlers.cli.terminal import Terminal

    with one_sentence():
        settings = load_settings(env_file=ENV_FILE, with_slack=False)
        options = ImportOptions(encoding, map, format, system, handoff, dry_run, history)
        raise typer.Exit(import_command(file, settings, Clock(), Terminal(), options))


@cli.command()
def digest(
    week: str = typer.Option("last week", help="2026-W47; or month, last quarter, 2026-11-01..2026-11-15"),
    only: str = typer.Option("", help="A team or a campaign"),
    format: str = typer.Option("table", help="table, json or csv"),  # noqa: A002 - the option's name
    leads: str = typer.Option("", help="Show the leads behind a figure, by its key"),
    post: bool = typer.Option(False, "--post", help="Post it to its channel, once"),
    explain: bool = typer.Option(
        False, "--explain", help="Say how well the points predict which leads convert"
    ),
) -> None:
    """Print the alignment report, or post it."""
    from bot.clock import Clock
    from bot.settings import load_settings
    from handlers.cli.reporting import Wanted, digest_command
    from handlers.cli.terminal import Terminal

    with one_sentence():
        settings = load_settings(env_file=ENV_FILE, with_slack=False)
        wanted = Wanted(week, only, format, leads or None, post, explain)
        raise typer.Exit(digest_command(wanted, settings, Clock(), Terminal(), sys.stdout))


@cli.command()
def export(
    what: str = typer.Argument("", help="leads, handoffs, clocks or events"),
    format: str = typer.Option("csv", help="csv or json"),  # noqa: A002 - the option's name
    person: str = typer.Option("", help="Everything about a person, as JSON: an address, or '#12'"),
) -> None:
    """Write all leads, handoffs, clocks or events to the standard output. Import takes the leads as CSV."""
    from bot.settings import load_settings
    from handlers.cli.exporting import export_command, export_person

    with one_sentence():
        settings = load_settings(env_file=ENV_FILE, with_slack=False)
        if person:
            raise typer.Exit(export_person(person, settings, sys.stdout))
        raise typer.Exit(export_command(what, format, settings, sys.stdout))


@cli.command()
def backup(
    file: Annotated[Path, typer.Argument(help="A file that does not exist yet: baton-2026-11-20.db")],
) -> None:
    """Copy the database to a file and check the copy, whether the bot is running or not."""
    from bot.settings import load_settings
    from handlers.cli.backup import backup_command

    with one_sentence():
        settings = load_settings(env_file=ENV_FILE, with_slack=False)
        raise typer.Exit(backup_command(file, settings, typer.echo))


@cli.command()
def copy(
    to: Annotated[str, typer.Option(help="An empty database: postgresql+psycopg://user@host/name")],
) -> None:
    """Copy everything from SQLite to PostgreSQL while the bot is stopped. Run it again to go on."""
    from bot.settings import load_settings
    from handlers.cli.copying import copy_command

    with one_sentence():
        settings = load_settings(env_file=ENV_FILE, with_slack=False)
        raise typer.Exit(copy_command(to, settings, typer.echo))


@cli.command()
def forget(
    who: str = typer.Argument(help="An e-mail address, or a lead's number like '#12'"),
    lift: bool = typer.Option(False, "--lift", help="Accept a removed person again"),
) -> None:
    """Remove a person from everything Baton keeps and has posted, whether the bot is running or not."""
    from bot.clock import Clock
    from bot.settings import load_settings
    from handlers.cli.forgetting import forget_command
    from handlers.cli.terminal import Terminal

    with one_sentence():
        settings = load_settings(env_file=ENV_FILE, with_slack=False)
        raise typer.Exit(forget_command(who, settings, Clock(), Terminal(), lift=lift))


@intake.command(name="list")
def list_sources() -> None:
    """List the agreement's sources: their address, how they are checked, whether their secret is set."""
    from bot.settings import load_settings
    from handlers.cli.intake import list_command
    from handlers.cli.terminal import Terminal

    with one_sentence():
        settings = load_settings(env_file=ENV_FILE, with_slack=False)
        raise typer.Exit(list_command(settings, Terminal()))


@intake.command(name="try")
def try_source(
    name: Annotated[str, typer.Argument(help="The source, as the agreement names it")],
    file: Annotated[Path, typer.Argument(help="A body as the tool sends it: JSON, a form, or XML")],
) -> None:
    """Show what a body would become, field by field, and why. Stores nothing."""
    from bot.clock import Clock
    from bot.settings import load_settings
    from handlers.cli.intake import try_command
    from handlers.cli.terminal import Terminal

    with one_sentence():
        settings = load_settings(env_file=ENV_FILE, with_slack=False)
        raise typer.Exit(try_command(name, file, settings, Clock().now(), Terminal()))


@refused.command(name="list")
def list_refused(
    door: str = typer.Option("", help="api, activity, import, or the name of a source"),
    cause: str = typer.Option("", help="identity, nobody, fields, shape or test"),
    tests: bool = typer.Option(False, "--tests", help="Include test leads of other tools"),
    most: int = typer.Option(50, min=1, max=LARGEST, help="How many"),
) -> None:
    """List what was refused in the last 30 days, newest first, and why."""
    from handlers.cli import refused as commands

    _refused(commands.list_refused(door, cause, tests=tests, most=most))


@refused.command(name="show")
def show_refused(number: Annotated[int, typer.Argument(min=1, max=LARGEST)]) -> None:
    """Show one with its body; secrets are never kept."""
    from handlers.cli import refused as commands

    _refused(commands.show_refused(number))


@refused.command(name="retry")
def retry_refused(
    numbers: Annotated[list[int] | None, typer.Argument(help="Which, by number", min=1, max=LARGEST)] = None,
    every: Annotated[bool, typer.Option("--all", help="All of them, oldest first")] = False,
    door: Annotated[str, typer.Option(help="All from one door: api, import, or a source's name")] = "",
) -> None:
    """Retry some, or all, by today's agreement."""
    from handlers.cli import refused as commands

    _refused(commands.retry_refused(numbers or [], every=every, door=door))


@refused.command(name="drop")
def drop_refused(numbers: Annotated[list[int], typer.Argument(min=1, max=LARGEST)]) -> None:
    """Drop some for good."""
    from handlers.cli import refused as commands

    _refused(commands.drop_refused(numbers))


@webhooks.command(name="list")
def list_webhooks() -> None:
    """List every webhook, what waits for it, what was parked, and how it is doing."""
    from handlers.cli import webhooks as commands

    _webhooks(commands.list_webhooks())


@webhooks.command(name="test")
def test_webhook(name: str) -> None:
    """Send one signed test message."""
    from handlers.cli import webhooks as commands

    _webhooks(commands.test_webhook(name))


@webhooks.command(name="replay")
def replay_webhook(
    name: str,
    since: Annotated[str, typer.Option(help="A day (UTC): all since then, such as 2026-11-20")] = "",
) -> None:
    """Send again what was parked, or all since a day. IDs stay the same."""
    from handlers.cli import webhooks as commands

    _webhooks(commands.replay_webhook(name, since))


@webhooks.command(name="pause")
def pause_webhook(name: str) -> None:
    """Send it nothing for now; its events wait."""
    from handlers.cli import webhooks as commands

    _webhooks(commands.pause_webhook(name))


@webhooks.command(name="resume")
def resume_webhook(name: str) -> None:
    """Send again, the waiting events first."""
    from handlers.cli import webhooks as commands

    _webhooks(commands.resume_webhook(name))


def _webhooks(command: WebhookCommand) -> None:
    from bot.clock import Clock
    from bot.settings import load_settings
    from handlers.cli.terminal import Terminal
    from handlers.cli.webhooks import webhooks_command

    with one_sentence():
        settings = load_settings(env_file=ENV_FILE, with_slack=False)
        raise typer.Exit(webhooks_command(command, settings, Clock(), Terminal()))


def _refused(command: Command) -> None:
    from bot.clock import Clock
    from bot.settings import load_settings
    from handlers.cli.refused import refused_command
    from handlers.cli.terminal import Terminal

    with one_sentence():
        settings = load_settings(env_file=ENV_FILE, with_slack=False)
        raise typer.Exit(refused_command(command, settings, Clock(), Terminal()))


@cli.command()
def reload() -> None:
    """Have the running Baton read the changed agreement; a faulty one is refused, and nothing changes."""
    from bot.clock import Clock
    from bot.settings import load_settings
    from handlers.cli.reloading import reload_command

    with one_sentence():
        settings = load_settings(env_file=ENV_FILE, with_slack=False)
        raise typer.Exit(reload_command(settings, Clock(), typer.echo))


@cli.command()
def manifest(
    url: str = typer.Option("", help="Baton's public address, for HTTP: https://baton.example.com"),
    format: str = typer.Option("yaml", help="yaml or json"),  # noqa: A002 - the option's name
) -> None:
    """Print the manifest to create the Slack app from: for Socket Mode, or with --url for HTTP."""
    from bot.setup.manifest import manifest_text

    with one_sentence():
        typer.echo(manifest_text(url, format), nl=False)


@cli.command()
def check(
    leads: bool = typer.Option(False, "--leads", help="Also how many stored leads each rule matches"),
    manifest: Annotated[
        Path | None, typer.Option(help="The manifest in the app's settings, to compare")
    ] = None,
    against: Annotated[str, typer.Option(help="Also a replay of a past period: last-quarter")] = "",
) -> None:
    """Check the environment, the agreement, the database, the manifest and Slack, and say what is wrong."""
    from bot.clock import Clock
    from handlers.cli.checking import run_check
    from handlers.cli.replaying import against_command
    from handlers.cli.terminal import Terminal

    look = run_check(ENV_FILE, Terminal(), Clock().now(), leads=leads, manifest=manifest)
    status = asyncio.run(look)
    if against:
        with one_sentence():
            status = against_command(against, ENV_FILE, Clock(), Terminal()) or status
    raise typer.Exit(status)


@cli.command()
def replay(
    agreement: Annotated[
        Path | None, typer.Option(help="Another agreement; without it, the ones in force then")
    ] = None,
    since: Annotated[str, typer.Option("--from", help="A day or a period: 2026-10-01, last quarter")] = "",
    until: Annotated[str, typer.Option("--to", help="The last day; without it, until now")] = "",
    format: Annotated[str, typer.Option(help="text or json")] = "text",  # noqa: A002 - the option's name
) -> None:
    """Run a past period again under another agreement: who would have got which lead, by when, and which
    SLAs would have been missed. Writes nothing."""
    from bot.clock import Clock
    from bot.settings import load_settings
    from handlers.cli.replaying import Wanted, replay_command
    from handlers.cli.terminal import Terminal

    with one_sentence():
        settings = load_settings(env_file=ENV_FILE, with_slack=False)
        wanted = Wanted(agreement, since, until, format)
        raise typer.Exit(replay_command(wanted, settings, Clock(), Terminal(), sys.stdout))


@cli.command()
def init(
    full: Annotated[bool, typer.Option("--full", help="Write the whole built-in agreement")] = False,
    admin: Annotated[list[str] | None, typer.Option(help="E-mail address of an admin; repeatable")] = None,
    marketing: Annotated[list[str] | None, typer.Option(help="E-mail address of a marketer")] = None,
    manager: Annotated[str, typer.Option(help="E-mail address of the sales manager")] = "",
    rep: Annotated[list[str] | None, typer.Option(help="E-mail address of a rep; repeatable")] = None,
    team: Annotated[str, typer.Option(help="The team's name")] = "Sales",
    channel: Annotated[str, typer.Option(help="The team's channel: #sales")] = "",
    marketing_channel: Annotated[str, typer.Option(help="Where marketing hears of rejections")] = "",
    digest_channel: Annotated[str, typer.Option(help="Where the weekly report goes")] = "",
) -> None:
    """Write an agreement.toml and a .env to start from, with people and channels looked up in Slack."""
    from bot.settings import load_settings
    from bot.setup.short_agreement import Answers
    from handlers.cli.beginning import init_command

    people = (admin or (), marketing or (), manager, rep or ())
    answers = Answers(*people, team, channel, marketing_channel, digest_channel)
    with one_sentence():
        settings = load_settings(env_file=ENV_FILE, with_slack=False)
        asked = sys.stdin.isatty() and not full and answers == Answers()
        init_command(settings, ENV_FILE, answers, typer.echo, typer.prompt if asked else None, full=full)


@contextmanager
def one_sentence() -> Iterator[None]:
    """End with what is wrong and what to do, and status 1, where the person can mend it."""
    from bot.agreement import AgreementError
    from bot.errors import CannotStart
    from bot.logs import last_words
    from bot.settings import SettingsFaults
    from storage.database.away import DatabaseAway
    from storage.database.runlock import AlreadyRunning

    try:
        try:
            yield
        finally:
            if sys.stdout is not None:  # whoever started Baton may have closed it
                sys.stdout.flush()
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # else the interpreter tries once more as it ends
        typer.echo("The disk is full, so not everything was written. Make room and try again.", err=True)
        raise typer.Exit(1) from None
    except (AgreementError, AlreadyRunning, CannotStart, DatabaseAway, SettingsFaults) as error:
        last_words(str(error))
        raise typer.Exit(1) from None
