"""`demo`: the workspace with its past, the page to click in, and leads that keep coming, until Ctrl-C."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import tempfile
import threading
import webbrowser
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console
from sqlalchemy import Connection

from bot.agreement import LoadedAgreement, default_agreement
from bot.agreement.book import AgreementBook, open_book
from bot.clock import Clock
from bot.errors import CannotStart
from bot.rules.worktime import hours_for
from bot.sandbox.demo import recall
from bot.sandbox.demo.arrivals import Arrivals
from bot.sandbox.demo.history import LENGTH, write_history
from bot.sandbox.demo.jumping import jumper
from bot.sandbox.demo.stage import (
    INTAKE_TOKEN,
    Running,
    Stage,
    database_in,
    latest_morning,
    quiet_logs,
    staged,
)
from bot.sandbox.page.page_api import LeadDoor, Page
from bot.sandbox.slack.sample import sample_people
from bot.sandbox.slack.server import PORTS_TRIED, Sandbox
from storage import people
from storage.database import Database
from storage.migrations import migrate

VISITOR = "U0REP1"
FIRST_PLACE = "C0SALES"


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line. `speed`: seconds that pass for each real one."""

    speed: float = 1.0
    port: int = 8484
    seed: int = 7
    open_browser: bool = True


async def run_demo(running: Running, wishes: Options, console: Console) -> None:
    """Serve the demo until it is told to stop. Raises CannotStart with a sentence that says what to do."""
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    quiet_logs()
    gc.disable()  # there is no garbage yet, and looking for it is a good part of the start
    agreement = default_agreement()
    began = latest_morning(agreement.agreement, Clock().now())
    sandbox = Sandbox(clock=Clock(start=began, speed=wishes.speed), port=wishes.port)
    page = Page(sandbox, visitor=VISITOR)
    sandbox.add_routes(page.routes())
    with tempfile.TemporaryDirectory(prefix="baton-demo-", ignore_cleanup_errors=True) as folder:
        await _fill(sandbox, agreement, Path(folder), wishes.seed, began)
        await _listen(sandbox, wishes.port)
        try:
            async with staged(running, sandbox, agreement, Path(folder)) as stage:
                page.leads = LeadDoor(f"{stage.bot.url}/leads", INTAKE_TOKEN)
                page.jump = jumper(stage)
                address = _say_where(sandbox, wishes, console)
                if wishes.open_browser:
                    threading.Thread(target=_open_browser, args=(address,), daemon=True).start()
                gc.freeze()  # what was loaded stays
                gc.enable()
                await _let_leads_come(stage, page.leads, wishes.seed, told)
                console.print("\nStopping; nothing of this is kept.", style="dim")
        finally:
            await sandbox.stop()


async def _listen(sandbox: Sandbox, port: int) -> None:
    try:
        await sandbox.start()
    except OSError as error:
        last = port + PORTS_TRIED - 1
        raise CannotStart(
            f"No port from {port} to {last} is free here ({error.strerror}). Give another one with --port."
        ) from None


async def _fill(sandbox: Sandbox, agreement: LoadedAgreement, folder: Path, seed: int, now: datetime) -> None:
    """Write four weeks of history, and let the workspace show the end of it."""
    database = await asyncio.to_thread(Database.open, database_in(folder))
    try:
        await asyncio.to_thread(migrate, database)
        messages = await database.write(_past, agreement, seed, now)
        await database.write(recall.settle, messages, recall.show(sandbox, messages))
    finally:
        await asyncio.to_thread(database.close)


def _past(tx: Connection, agreement: LoadedAgreement, seed: int, now: datetime) -> list[recall.Remembered]:
    book: AgreementBook = open_book(tx, agreement, now - LENGTH)
    for person in sample_people():
        if not person.is_bot:
            people.remember(
                tx,
                person.id,
                name=person.real_name,
                email=person.email,
                timezone=person.tz,
                left=False,
                asked_at=now - LENGTH,
            )
    write_history(tx, book, seed, now)
    return recall.remember(tx, book, now)


def _say_where(sandbox: Sandbox, wishes: Options, console: Console) -> str:
    """Print where the page is and how to stop, and give the address."""
    address = f"{sandbox.url}/#{FIRST_PLACE}"
    if wishes.port not in (0, sandbox.port):
        console.print(f"Port {wishes.port} is in use; the demo is on {sandbox.port} instead.", style="yellow")
    console.print(f"[bold]Baton's demo is open at[/bold] {address}", highlight=False, soft_wrap=True)
    console.print("Press Ctrl-C to stop. Everything in it is made up, and nothing is kept.", style="dim")
    return address


def _open_browser(address: str) -> None:
    """Show the page, where there is a screen: a browser that runs in the terminal would take it over."""
    has_screen = sys.platform in ("win32", "darwin") or {"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ)
    if has_screen:
        with suppress(webbrowser.Error):
            webbrowser.open(address)


async def _let_leads_come(stage: Stage, door: LeadDoor, seed: int, told: asyncio.Event) -> None:
    """Let new leads come in until somebody stops it."""
    hours = hours_for(stage.agreement, None)
    arrivals = Arrivals(stage.clock, stage.bot.desk.database, hours, seed, url=door.url, token=door.token)
    coming = asyncio.create_task(arrivals.run())
    try:
        stopping = asyncio.create_task(told.wait())
        await asyncio.wait({coming, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if coming.done():
            coming.result()
        stopping.cancel()
    finally:
        coming.cancel()
        with suppress(asyncio.CancelledError):
            await coming
