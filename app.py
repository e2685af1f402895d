"""The wiring: one function puts the parts together, one runs them; and the two commands that run a whole bot.

The other commands stand in handlers/cli/commands.py. Imports stand inside the functions: what a command
does not need it does not load. Tests and the demo use the same `running`.
"""

from __future__ import annotations

import signal
import sys

_IS_RUN = sys.argv[0].endswith(("app.py", "baton"))
if _IS_RUN and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C while the rest loads ends it without a traceback

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from handlers.cli.commands import ENV_FILE, cli, one_sentence

if TYPE_CHECKING:
    import aiohttp
    from slack_bolt.async_app import AsyncApp
    from starlette.types import ASGIApp

    from bot.agreement import LoadedAgreement
    from bot.agreement.book import AgreementBook
    from bot.clock import Clock
    from bot.crm.side import Reached
    from bot.delivery import Sender
    from bot.engine.reloading import Reloading
    from bot.engine.scheduler import Engine
    from bot.events import Dispatcher
    from bot.instruments import Instruments
    from bot.settings import Settings
    from bot.slack.directory import Directory
    from bot.slack.link import SlackLink
    from handlers.desk import Desk
    from handlers.http.front import Front
    from handlers.http.health import Probe
    from handlers.http.server import HttpServer
    from handlers.http.strangers import Strangers
    from handlers.slack.socket_mode import SocketLink
    from handlers.tokens import Tokens
    from storage.database import Database

__all__ = ["Baton", "cli", "run_until_told", "running"]

FINISH_WITHIN = timedelta(seconds=2)
"""Real time for each part to finish what it has in hand; with the server's own 3 s all are done within 10."""

_TAKE_BREATH = 0.5
"""Seconds after which a bot that is up loads the rest: whoever asks first whether it is ready hears it."""

_log = logging.getLogger("baton")


def _say_version(wanted: bool) -> None:
    if wanted:
        from bot.setup.version import own_version

        typer.echo(f"baton {own_version()}")
        raise typer.Exit


@cli.callback(invoke_without_command=True)
def default(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Without a command: run."""
    from bot.setup.zonedata import use_newer_zones

    use_newer_zones()
    if context.invoked_subcommand is None:
        run()


@cli.command()
def run() -> None:
    """Run the bot until it is stopped."""
    gc.disable()  # until it is up, as _no_collecting says
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # what it asks for is read now in any case
    from bot.agreement import load_agreement
    from bot.clock import Clock
    from bot.intake.sources import secrets_of
    from bot.logs import hide, set_up_logs
    from bot.settings import load_settings
    from handlers.tracing import traced

    with one_sentence():
        settings = load_settings(env_file=ENV_FILE)
        set_up_logs(settings.log_format, known_secrets=settings.secrets())
        agreement = load_agreement(settings.agreement)
        hide(secrets_of(agreement.agreement, settings.variable))
        with traced(settings):
            asyncio.run(run_until_told(settings, agreement, Clock()))


@cli.command()
def demo(
    script: Annotated[
        bool, typer.Option("--script", help="Play a week in the terminal, without a page.")
    ] = False,
    speed: Annotated[
        float, typer.Option(min=0, max=3600, help="How fast the clock runs; 60 is a minute a second.")
    ] = 1.0,
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


# ---- the wiring


@dataclass(frozen=True, slots=True)
class Baton:
    """A bot in its parts. `socket` is None in HTTP mode; `url` is where HTTP is served, without a slash."""

    desk: Desk
    slack_app: AsyncApp
    link: SlackLink
    directory: Directory
    sender: Sender
    dispatcher: Dispatcher
    engine: Engine
    reloading: Reloading
    front: Front
    server: HttpServer
    socket: SocketLink | None

    @property
    def url(self) -> str:
        """Where its doors are, on this machine."""
        return self.server.url


async def run_until_told(settings: Settings, agreement: LoadedAgreement, clock: Clock) -> None:
    """Run until SIGTERM or SIGINT, then finish what is in hand. Raises what `running` raises."""
    from bot.views.hearing import what_to_try

    told, asked = asyncio.Event(), asyncio.Event()
    for number, event in ((signal.SIGTERM, told), (signal.SIGINT, told), (signal.SIGHUP, asked)):
        asyncio.get_running_loop().add_signal_handler(number, event.set)
    async with AsyncExitStack() as life:
        with _no_collecting():
            baton = await life.enter_async_context(running(settings, agreement, clock))
        _log.info("Baton is up; HTTP is served at %s", baton.url)
        _log.info("the agreement in force is %s", baton.desk.book.called)
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, partial(_reload, baton))
        if asked.is_set():  # while it started, after the file was read
            _reload(baton)
        if baton.socket is None:
            _log.info(what_to_try(baton.url))
        await told.wait()
        _log.info("stopping; finishing the work in hand")
    _log.info("stopped")


def _reload(baton: Baton) -> None:
    baton.desk.background.start(baton.reloading.reload(), "read the agreement again")


@asynccontextmanager
async def running(settings: Settings, agreement: LoadedAgreement, clock: Clock) -> AsyncIterator[Baton]:
    """A bot that is up and ready to work; on leaving it finishes what is in hand.

    Raises BadDatabaseUrl, DatabaseAway, AlreadyRunning, CannotStart, PortTaken or TokenRefused, each with a
    sentence that says what to do. Slack being out of reach is no reason not to start: Baton goes on trying.
    """
    import aiohttp

    from bot.agreement.book import open_book
    from bot.intake.sources import require_set
    from bot.logs import tame_libraries
    from bot.slack.link import TIMEOUT_SECONDS
    from storage.database import Database
    from storage.database.runlock import only_one
    from storage.migrations import migrate
    from storage.replicas import require_alone

    tame_libraries()
    require_set(agreement.agreement, settings.variable)
    database = Database.open(settings.database_url.get_secret_value())
    try:
        with only_one(database.url):
            await asyncio.to_thread(migrate, database)
            await database.read(require_alone, clock.wire())
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
    from bot.crm.side import CrmSide
    from bot.delivery import Sender
    from bot.engine.reloading import Reloading
    from bot.engine.scheduler import Engine
    from bot.engine.ticker import Ticker
    from bot.engine.timekeeper import Timekeeper
    from bot.events import Dispatcher
    from bot.instruments import Instruments
    from bot.intake.sources import secrets_of
    from bot.slack.directory import Directory
    from bot.slack.hearing import Hearing
    from bot.slack.link import SlackLink, web_client
    from handlers import register
    from handlers.desk import Desk
    from handlers.http.probes import probes_of
    from handlers.http.server import HttpServer
    from handlers.http.strangers import Strangers
    from handlers.jobs import jobs_of
    from handlers.slack.bolt import bolt_app
    from handlers.slack.socket_mode import SocketLink
    from handlers.tokens import Tokens

    client = web_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url, session)
    desk = Desk(database, clock, book, client, _log)
    link = SlackLink(client, clock)
    secret, app_token = settings.slack_signing_secret, settings.slack_app_token
    slack_app = bolt_app(client, link, secret.get_secret_value() if secret else None)
    directory = Directory(database, client, clock, book, _log, link=link)
    reloading = Reloading(database, clock, book, settings.agreement)
    register(slack_app, desk, directory, Hearing(database, clock, desk.background), reloading)
    socket = SocketLink(slack_app, app_token.get_secret_value(), lambda: link.app) if app_token else None
    strangers = Strangers(instruments := Instruments())
    sender = Sender(database, client, clock, book, _log, instruments=instruments, slack_off=lambda: link.off)
    tokens = Tokens(settings, client, socket, named=lambda variable: secrets_of(book.current, variable))
    reloading.also, reloading.then = tokens.read_again, tokens.hide_named
    crm = CrmSide(database, clock, book, _log, tokens.variable)
    dispatcher = Dispatcher(database, clock, book, _log, tokens.variable, crm.subscriptions)
    timekeeper = Timekeeper(database, clock, lambda: link.off)
    jobs = jobs_of(desk, directory, link, socket, reloading, crm, timekeeper)
    engine = Engine(Ticker(database, clock, book, _log, timekeeper.look), jobs, _log)
    said_of_slack = [link.health, *([socket.health] if socket else [])]
    probes = probes_of(database, clock, sender, engine, reloading, said_of_slack)
    probes["clock"] = timekeeper.health
    web = _front(desk, slack_app, settings, tokens, probes, instruments, strangers, crm.connections)
    server = HttpServer(web, settings.host, settings.port, strangers)
    return Baton(desk, slack_app, link, directory, sender, dispatcher, engine, reloading, web, server, socket)


def _front(
    desk: Desk,
    slack_app: AsyncApp,
    settings: Settings,
    tokens: Tokens,
    probes: dict[str, Probe],
    instruments: Instruments,
    strangers: Strangers,
    crm: Reached,
) -> Front:
    """What is served; the routes of the API, without Socket Mode Slack's own among them, come once asked."""
    from handlers.http.front import Front
    from handlers.http.strangers import Why
    from handlers.http.watched import watched

    def monitor() -> str | None:
        return tokens.monitor

    def load() -> ASGIApp:
        with _no_collecting():
            from handlers.http.api import build_api

            api = build_api(desk, tokens.names, probes, instruments, tokens.variable, monitor, crm)
            if settings.slack_app_token is None:
                from handlers.slack.over_http import events_route

                unsigned = partial(strangers.turned_away, Why.SIGNATURE)
                api.include_router(events_route(slack_app, lambda: tokens.signing, desk.clock, unsigned))
        return api

    takes_leads = bool(tokens.names or desk.book.current.intake)
    return Front(watched(desk.database, desk.book, probes, instruments), load, monitor, awaited=takes_leads)


async def _start(baton: Baton, ending: AsyncExitStack) -> None:
    """Start each part. They end in the reverse order: first what comes in, last what goes out."""
    from bot.slack.hearing import meet_workspace
    from bot.slack.link import TokenRefused

    ending.push_async_callback(baton.server.stop)  # gives the port back even if nothing is ever served
    await meet_workspace(baton.link, baton.desk.database, baton.desk.clock)
    if baton.link.refused:
        raise TokenRefused(baton.link.health()[1])
    if baton.link.health()[0]:
        await baton.directory.meet()
    sending = asyncio.create_task(baton.sender.run())
    sending.add_done_callback(_note_the_end)
    ending.push_async_callback(_stop_sending, baton.sender, sending)
    telling = asyncio.create_task(baton.dispatcher.run())
    telling.add_done_callback(_note_the_end)
    ending.push_async_callback(_stop_telling, baton.dispatcher, telling)
    ending.push_async_callback(baton.desk.background.finish, FINISH_WITHIN)
    baton.engine.start()
    ending.push_async_callback(baton.engine.stop)
    if baton.socket is None:
        await baton.front.api()  # Slack's own calls, which wait for no more than three seconds
    await baton.server.start()
    ending.push_async_callback(baton.server.stop)
    if baton.socket is not None:
        ending.push_async_callback(baton.socket.close, FINISH_WITHIN)
        await baton.socket.connect()
    baton.desk.background.start(_once_all_is_up(baton), "load what clicks need, look at the channels")


async def _once_all_is_up(baton: Baton) -> None:
    """What a start does not wait for: loading what clicks and messages need, and a look at the channels."""
    await asyncio.sleep(_TAKE_BREATH)
    await asyncio.to_thread(_load_the_rest)
    if baton.front.awaited:
        await baton.front.api()
    from bot.setup.slack_checkup import warn_of_channels

    await warn_of_channels(baton.desk.client, baton.desk.book.current)


def _load_the_rest() -> None:
    """Load in the background what the first click or message would else wait for."""
    from handlers.slack.later import load_all

    with _no_collecting():
        import bot.delivery.rendering  # noqa: F401  # it is there for whoever renders

        load_all()


async def _stop_sending(sender: Sender, sending: asyncio.Task[None]) -> None:
    await sender.stop(FINISH_WITHIN)
    sending.cancel()
    with suppress(asyncio.CancelledError):
        await sending


async def _stop_telling(dispatcher: Dispatcher, telling: asyncio.Task[None]) -> None:
    await dispatcher.stop(FINISH_WITHIN)
    telling.cancel()
    with suppress(asyncio.CancelledError):
        await telling


def _note_the_end(sending: asyncio.Task[None]) -> None:
    if not sending.cancelled() and (error := sending.exception()) is not None:
        _log.critical("a background task died", exc_info=error)


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Look for no garbage while modules load: there is none, and looking is a quarter of the start."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # and never look at what was loaded again
        gc.enable()


def main() -> None:
    """Do what the command line says. Ctrl-C ends it with status 130, as shells know it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:  # and not ignored, as in the background of a script
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        cli()
    except KeyboardInterrupt:  # before there is a command that could be told
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
