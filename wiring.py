"""The wiring: one function puts the parts together, one runs them. Tests and the demo use the same two."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import aiohttp
from slack_bolt.async_app import AsyncApp

from bot.agreement import LoadedAgreement
from bot.agreement.book import AgreementBook, open_book
from bot.checkup import warn_of_channels
from bot.clock import Clock
from bot.delivery import Sender
from bot.digest.posting import LOOK_EVERY, post_due_digest
from bot.directory import ASK_EVERY, Directory
from bot.engine import Engine, Job
from bot.instruments import Instruments
from bot.ladder.ticker import Ticker
from bot.logs import tame_libraries
from bot.settings import Settings
from bot.slack_link import ASK_EVERY as ASK_SLACK_EVERY
from bot.slack_link import TIMEOUT_SECONDS, SlackLink, TokenRefused, web_client
from handlers import register
from handlers.api import build_api
from handlers.bolt import bolt_app, events_route
from handlers.desk import Desk
from handlers.health import Probe, database_probe, parked_probe
from handlers.server import HttpServer
from handlers.socket_mode import WATCH_EVERY, SocketLink
from storage.database import Database
from storage.migrations import migrate
from storage.runlock import only_one

_log = logging.getLogger("baton")

FINISH_WITHIN = timedelta(seconds=2)
"""Real time for each part to finish what it has in hand; with the server's own 3 s all are done within 10."""


@dataclass(frozen=True, slots=True)
class Baton:
    """A bot in its parts. `socket` is None in HTTP mode; `url` is where HTTP is served, without a slash."""

    desk: Desk
    slack_app: AsyncApp
    link: SlackLink
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
    async with running(settings, agreement, clock) as baton:
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
    client = web_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url, session)
    desk = Desk(database, clock, book, client, _log)
    link = SlackLink(client)
    secret, app_token = settings.slack_signing_secret, settings.slack_app_token
    slack_app = bolt_app(client, link, secret.get_secret_value() if secret else None)
    register(slack_app, desk)
    socket = SocketLink(slack_app, app_token.get_secret_value()) if app_token else None
    instruments = Instruments()
    sender = Sender(database, client, clock, book, _log, instruments=instruments)
    directory = Directory(database, client, clock, book, _log)
    jobs = [
        Job("directory", ASK_EVERY, directory.refresh),
        Job("slack", ASK_SLACK_EVERY, link.ask),
        Job("digest", LOOK_EVERY, partial(post_due_digest, database, clock, book)),
    ]
    if socket:
        jobs.append(Job("socket", WATCH_EVERY, socket.watch))
    engine = Engine(Ticker(database, clock, book, _log), jobs, _log)
    probes = {
        "database": database_probe(database),
        "slack": _probe(link.health, *([socket.health] if socket else [])),
        "sender": _probe(sender.health),
        "engine": _probe(engine.health),
        "auditor": _probe(engine.auditors_word),
        "parked": parked_probe(database),
    }
    api = build_api(desk, settings.names_by_token(), probes, instruments)
    if socket is None:
        api.include_router(events_route(slack_app))
    server = HttpServer(api, settings.host, settings.port)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return Baton(desk, slack_app, link, sender, engine, server, socket, f"http://{host}:{server.port}")


def _probe(*parts: Callable[[], tuple[bool, str]]) -> Probe:
    """Whether all of these say that they are well, in their own words."""

    async def ask() -> tuple[bool, str]:
        answers = [part() for part in parts]
        return all(well for well, _ in answers), " ".join(says for _, says in answers)

    return ask


async def _start(baton: Baton, ending: AsyncExitStack) -> None:
    """Start each part. They end in the reverse order: first what comes in, last what goes out."""
    ending.push_async_callback(baton.server.stop)  # gives the port back even if nothing is ever served
    await baton.link.ask()
    if baton.link.refused:
        raise TokenRefused(baton.link.health()[1])
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
