"""The command line, and the wiring: one function puts the parts together, one runs them.

What a command does is written elsewhere. Imports stand inside the functions: what a command does not need it
does not load. Tests and the demo use the same `running`.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import aiohttp
    from slack_bolt.async_app import AsyncApp

    from bot.agreement import LoadedAgreement
    from bot.agreement.book import AgreementBook
    from bot.clock import Clock
    from bot.delivery import Sender
    from bot.engine.scheduler import Engine, Job
    from bot.settings import Settings
    from bot.slack.directory import Directory
    from bot.slack.link import SlackLink
    from handlers.cli.refused import Command
    from handlers.desk import Desk
    from handlers.http.health import Probe
    from handlers.http.server import HttpServer
    from handlers.slack.socket_mode import SocketLink
    from storage.database import Database

ENV_FILE = Path(".env")

FINISH_WITHIN = timedelta(seconds=2)
"""Real time for each part to finish what it has in hand; with the server's own 3 s all are done within 10."""

_log = logging.getLogger("baton")

cli = typer.Typer(
    help="Baton passes leads from marketing to sales in Slack, and holds both sides to what they agreed.",
    add_completion=False,
    pretty_exceptions_enable=False,
)


refused = typer.Typer(help="Refused records: see them, retry them, or drop them.")
cli.add_typer(refused, name="refused", no_args_is_help=True)


@cli.callback(invoke_without_command=True)
def default(context: typer.Context) -> None:
    """Without a command: run."""
    from bot.setup.zonedata import use_newer_zones

    use_newer_zones()
    if context.invoked_subcommand is None:
        run()


@cli.command()
def run() -> None:
    """Run the bot until it is stopped."""
    from bot.agreement import load_agreement
    from bot.clock import Clock
    from bot.logs import set_up_logs
    from bot.settings import load_settings

    with one_sentence():
        settings = load_settings(env_file=ENV_FILE)
        set_up_logs(settings.log_format, known_secrets=settings.secrets())
        asyncio.run(run_until_told(settings, load_agreement(settings.agreement), Clock()))


@cli.command(name="import")
def import_leads(
    file: Path,
    encoding: str = typer.Option("", help="How the file is encoded, where it cannot be told: cp1250, gbk …"),
    map: list[str] = typer.Option([], "--map", help='A column that is not known: "Ma colonne=company"'),  # noqa: A002, B008 - the option's name, and how typer is told of it
    format: str = typer.Option("text", help="text or json"),  # noqa: A002 - the option's name
    system: str = typer.Option("", help="Whose IDs the file has, such as salesforce; else its columns tell"),
    handoff: bool = typer.Option(True, "--handoff/--no-handoff", help="Whether leads may go to sales"),
    dry_run: bool = typer.Option(False, "--dry-run", help="Say what would happen, and store nothing"),
) -> None:
    """Import leads from a CSV file, whether the bot is running or not."""
    from rich.console import Console

    from bot.clock import Clock
    from bot.settings import load_settings
    from handlers.cli.importing import ImportOptions, import_command

    with one_sentence():
        settings = load_settings(env_file=ENV_FILE, with_slack=False)
        options = ImportOptions(encoding, map, format, system, handoff, dry_run)
        raise typer.Exit(import_command(file, settings, Clock(), Console(), options))


@cli.command()
def digest(
    week: str = typer.Option("last week", help="2026-W47; or month, last quarter, 2026-11-01..2026-11-15"),
    only: str = typer.Option("", help="A team or a campaign"),
    format: str = typer.Option("table", help="table, json or csv"),  # noqa: A002 - the option's name
    leads: str = typer.Option("", help="Show the leads behind a figure, by its key"),
    post: bool = typer.Option(False, "--post", help="Post it to the agreed channel, once"),
) -> None:
    """Print the alignment report, or post it."""
    from rich.console import Console

    from bot.clock import Clock
    from bot.settings import load_settings
    from handlers.cli.reporting import Wanted, digest_command

    with one_sentence():
        settings = load_settings(env_file=ENV_FILE, with_slack=False)
        wanted = Wanted(week, only, format, leads or None, post)
        raise typer.Exit(digest_command(wanted, settings, Clock(), Console(), sys.stdout))


@cli.command()
def export(
    what: str = typer.Argument(help="leads, handoffs or events"),
    format: str = typer.Option("csv", help="csv or json"),  # noqa: A002 - the option's name
) -> None:
    """Write all leads, handoffs or events to the standard output."""
    from bot.settings import load_settings
    from handlers.cli.exporting import export_command

    with one_sentence():
        settings = load_settings(env_file=ENV_FILE, with_slack=False)
        raise typer.Exit(export_command(what, format, settings, sys.stdout))


@refused.command(name="list")
def list_refused(
    door: str = typer.Option("", help="api, import, or the name of a source"),
    cause: str = typer.Option("", help="identity, nobody, fields, shape or test"),
    tests: bool = typer.Option(False, "--tests", help="Include test leads of other tools"),
    most: int = typer.Option(50, min=1, help="How many"),
) -> None:
    """List what was refused in the last 30 days, newest first, and why."""
    from handlers.cli import refused as commands

    _refused(commands.list_refused(door, cause, tests=tests, most=most))


@refused.command(name="show")
def show_refused(number: int) -> None:
    """Show one with its body; secrets are never kept."""
    from handlers.cli import refused as commands

    _refused(commands.show_refused(number))


@refused.command(name="retry")
def retry_refused(
    numbers: Annotated[list[int] | None, typer.Argument(help="Which, by number")] = None,
    every: Annotated[bool, typer.Option("--all", help="All of them, oldest first")] = False,
) -> None:
    """Retry some, or all, by today's agreement."""
    from handlers.cli import refused as commands

    _refused(commands.retry_refused(numbers or [], every=every))


@refused.command(name="drop")
def drop_refused(numbers: list[int]) -> None:
    """Drop some for good."""
    from handlers.cli import refused as commands

    _refused(commands.drop_refused(numbers))


def _refused(command: Command) -> None:
    from rich.console import Console

    from bot.clock import Clock
    from bot.settings import load_settings
    from handlers.cli.refused import refused_command

    with one_sentence():
        settings = load_settings(env_file=ENV_FILE, with_slack=False)
        raise typer.Exit(refused_command(command, settings, Clock(), Console()))


@cli.command()
def check(
    leads: bool = typer.Option(False, "--leads", help="Also how many stored leads each rule matches"),
) -> None:
    """Check the environment, the agreement, the database, the manifest and Slack, and say what is wrong."""
    from rich.console import Console

    from bot.clock import Clock
    from handlers.cli.checking import run_check

    raise typer.Exit(asyncio.run(run_check(ENV_FILE, Console(), Clock().now(), leads=leads)))


@cli.command()
def init() -> None:
    """Write a commented agreement.toml and .env to start with. Existing files stay as they are."""
    from bot.settings import load_settings
    from bot.setup.init_files import begin

    with one_sentence():
        for said in begin(load_settings(env_file=ENV_FILE, with_slack=False).agreement, ENV_FILE):
            typer.echo(said)


@cli.command()
def demo(
    script: Annotated[
        bool, typer.Option("--script", help="Play a week in the terminal, without a page.")
    ] = False,
    speed: Annotated[float, typer.Option(min=0, max=3600, help="Seconds that pass per second.")] = 1.0,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where the page is served.")] = 8484,
    seed: Annotated[int, typer.Option(help="Another seed, another story.")] = 7,
    browser: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in the browser.")] = True,
) -> None:
    """Try Baton in a small made-up company, with nothing to set up: a page to click in, until Ctrl-C."""
    from rich.console import Console

    with one_sentence():
        with _no_collecting():
            from bot.sandbox.demo.live import Options, run_demo
            from bot.sandbox.demo.script import run_script
        if script:
            raise typer.Exit(asyncio.run(run_script(running, seed, Console())))
        asyncio.run(run_demo(running, Options(speed, port, seed, browser), Console()))


@contextmanager
def one_sentence() -> Iterator[None]:
    """End with what is wrong and what to do, and status 1, where the person can mend it."""
    from bot.agreement import AgreementError
    from bot.errors import CannotStart
    from bot.settings import SettingsFaults
    from storage.database.away import DatabaseAway
    from storage.database.runlock import AlreadyRunning

    try:
        yield
    except (AgreementError, AlreadyRunning, CannotStart, DatabaseAway, SettingsFaults) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


# ---- the wiring


@dataclass(frozen=True, slots=True)
class Baton:
    """A bot in its parts. `socket` is None in HTTP mode; `url` is where HTTP is served, without a slash."""

    desk: Desk
    slack_app: AsyncApp
    link: SlackLink
    directory: Directory
    sender: Sender
    engine: Engine
    server: HttpServer
    socket: SocketLink | None
    url: str


async def run_until_told(settings: Settings, agreement: LoadedAgreement, clock: Clock) -> None:
    """Run until SIGTERM or SIGINT, then finish what is in hand. Raises what `running` raises."""
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    async with AsyncExitStack() as life:
        with _no_collecting():
            baton = await life.enter_async_context(running(settings, agreement, clock))
        _log.info("Baton is up; HTTP is served at %s", baton.url)
        await told.wait()
        _log.info("told to stop; finishing what is in hand")
    _log.info("stopped")


@asynccontextmanager
async def running(settings: Settings, agreement: LoadedAgreement, clock: Clock) -> AsyncIterator[Baton]:
    """A bot that is up and ready to work; on leaving it finishes what is in hand.

    Raises BadDatabaseUrl, DatabaseAway, AlreadyRunning, PortTaken or TokenRefused, each with a sentence that
    says what to do. Slack being out of reach is no reason not to start: Baton goes on trying.
    """
    import aiohttp

    from bot.agreement.book import open_book
    from bot.logs import tame_libraries
    from bot.slack.link import TIMEOUT_SECONDS
    from storage.database import Database
    from storage.database.runlock import only_one
    from storage.migrations import migrate

    tame_libraries()
    database = Database.open(settings.database_url.get_secret_value())
    try:
        with only_one(database.url):
            await asyncio.to_thread(migrate, database)
            book = await database.write(open_book, agreement, clock.now())
            timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
            async with aiohttp.ClientSession(timeout=timeout) as session, AsyncExitStack() as ending:
                baton = assemble(settings, clock, database, book, session)
                await _start(baton, ending)
                yield baton
    finally:
        await asyncio.to_thread(database.close)


def assemble(
    settings: Settings, clock: Clock, database: Database, book: AgreementBook, session: aiohttp.ClientSession
) -> Baton:
    """Put the parts together. Nothing runs yet, but the port is taken. Raises PortTaken."""
    from bot.delivery import Sender
    from bot.engine.scheduler import Engine
    from bot.engine.ticker import Ticker
    from bot.instruments import Instruments
    from bot.slack.directory import Directory
    from bot.slack.link import SlackLink, web_client
    from handlers import register
    from handlers.desk import Desk
    from handlers.http import build_api
    from handlers.http.server import HttpServer
    from handlers.slack.bolt import bolt_app, events_route
    from handlers.slack.socket_mode import SocketLink

    client = web_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url, session)
    desk = Desk(database, clock, book, client, _log)
    link = SlackLink(client)
    secret, app_token = settings.slack_signing_secret, settings.slack_app_token
    slack_app = bolt_app(client, link, secret.get_secret_value() if secret else None)
    register(slack_app, desk)
    socket = SocketLink(slack_app, app_token.get_secret_value()) if app_token else None
    directory = Directory(database, client, clock, book, _log)
    instruments = Instruments()
    sender = Sender(database, client, clock, book, _log, instruments=instruments)
    engine = Engine(Ticker(database, clock, book, _log), _jobs(desk, directory, link, socket), _log)
    probes = _probes(database, sender, engine, [link.health, *([socket.health] if socket else [])])
    api = build_api(desk, settings.names_by_token(), probes, instruments)
    if socket is None:
        api.include_router(events_route(slack_app))
    server = HttpServer(api, settings.host, settings.port)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    url = f"http://{host}:{server.port}"
    return Baton(desk, slack_app, link, directory, sender, engine, server, socket, url)


def _jobs(desk: Desk, directory: Directory, link: SlackLink, socket: SocketLink | None) -> list[Job]:
    """What is done over and over besides the tick and the audit."""
    from bot.digest.posting import LOOK_EVERY, post_due_digest
    from bot.engine.home_watch import LOOK_EVERY as HOME_EVERY
    from bot.engine.home_watch import HomeWatch
    from bot.engine.scheduler import Job
    from bot.slack.directory import ASK_EVERY
    from bot.slack.link import ASK_EVERY as ASK_SLACK_EVERY
    from handlers.slack.socket_mode import WATCH_EVERY

    jobs = [
        Job("directory", ASK_EVERY, directory.refresh),
        Job("slack", ASK_SLACK_EVERY, link.ask),
        Job("home", HOME_EVERY, HomeWatch(desk.database, desk.clock, desk.book).look),
        Job("digest", LOOK_EVERY, partial(post_due_digest, desk.database, desk.clock, desk.book)),
    ]
    if socket:
        jobs.append(Job("socket", WATCH_EVERY, socket.watch))
    return jobs


def _probes(
    database: Database, sender: Sender, engine: Engine, slack: Sequence[Callable[[], tuple[bool, str]]]
) -> dict[str, Probe]:
    from handlers.http.health import database_probe, parked_probe

    return {
        "database": database_probe(database),
        "slack": _probe(*slack),
        "sender": _probe(sender.health),
        "engine": _probe(engine.health),
        "auditor": _probe(engine.auditors_word),
        "parked": parked_probe(database),
    }


def _probe(*parts: Callable[[], tuple[bool, str]]) -> Probe:
    """Whether all of these say that they are well, in their own words."""

    async def ask() -> tuple[bool, str]:
        answers = [part() for part in parts]
        return all(well for well, _ in answers), " ".join(says for _, says in answers)

    return ask


async def _start(baton: Baton, ending: AsyncExitStack) -> None:
    """Start each part. They end in the reverse order: first what comes in, last what goes out."""
    from bot.setup.checkup import warn_of_channels
    from bot.slack.link import TokenRefused

    ending.push_async_callback(baton.server.stop)  # gives the port back even if nothing is ever served
    await baton.link.ask()
    if baton.link.refused:
        raise TokenRefused(baton.link.health()[1])
    if baton.link.health()[0]:
        await baton.directory.meet()
    sending = asyncio.create_task(baton.sender.run())
    sending.add_done_callback(_note_the_end)
    ending.push_async_callback(_stop_sending, baton.sender, sending)
    ending.push_async_callback(baton.desk.background.finish, FINISH_WITHIN)
    baton.engine.start()
    ending.push_async_callback(baton.engine.stop)
    await baton.server.start()
    ending.push_async_callback(baton.server.stop)
    if baton.socket is not None:
        ending.push_async_callback(baton.socket.close, FINISH_WITHIN)
        await baton.socket.connect()
    baton.desk.background.start(
        warn_of_channels(baton.desk.client, baton.desk.book.current), "look at the channels"
    )


async def _stop_sending(sender: Sender, sending: asyncio.Task[None]) -> None:
    await sender.stop(FINISH_WITHIN)
    sending.cancel()
    with suppress(asyncio.CancelledError):
        await sending


def _note_the_end(sending: asyncio.Task[None]) -> None:
    if not sending.cancelled() and (error := sending.exception()) is not None:
        _log.critical("the sender broke down", exc_info=error)


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Look for no garbage while modules load: there is none, and looking is a quarter of the start."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # and never look at what was loaded again
        gc.enable()


if __name__ == "__main__":
    cli()
