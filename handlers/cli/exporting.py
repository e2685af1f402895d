"""`export {leads,handoffs,clocks,events}` in the terminal: a table as CSV or JSON, written as it is read.

No cell of the CSV opens anything in a spreadsheet, and `import` takes the leads back as they are.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any, TextIO

from sqlalchemy import Connection

from bot.errors import CannotStart
from bot.handoffs.forget import everything_about
from bot.leadform.sheets import guarded
from bot.lookups.finding import leads_meant
from bot.settings import Settings
from handlers.cli.opening import existing_database
from handlers.cli.terminal import as_json
from storage import exporting

FORMATS = ("csv", "json")
_MONEY = "_minor"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def export_command(what: str, form: str, settings: Settings, out: TextIO | None) -> int:
    """Write a table to `out`. Gives the exit status. Raises DatabaseAway, BadDatabaseUrl or CannotStart.

    Amounts are in whole units of their currency, moments in UTC. A database that does not exist is not made.
    """
    if out is None:
        raise CannotStart("The standard output is closed; send it to a file, as in: export leads > leads.csv")
    if what not in exporting.WHAT or form not in FORMATS:
        raise CannotStart(f"Name what to export: {', '.join(exporting.WHAT)}. --format takes csv or json.")
    with existing_database(settings) as database, suppress(BrokenPipeError):  # who reads it may have enough
        database.read_now(_write, what, form, out)
    return 0


def export_person(typed: str, settings: Settings, out: TextIO) -> int:
    """Write everything about a person as JSON: `typed` is an address, or "#12". Gives the exit status.

    Raises DatabaseAway, BadDatabaseUrl, or CannotStart where nobody or several people are meant.
    """
    with existing_database(settings) as database, suppress(BrokenPipeError):
        found = database.read_now(leads_meant, typed.strip())
        if len(found) > 1:
            who = ", ".join(f"#{lead.id}" for lead in found)
            raise CannotStart(f"Several leads have that address: {who}. Name one by its number.")
        if not found and "@" not in typed:
            raise CannotStart(f"There is no lead {typed}; write an e-mail address, or a number like #12.")
        told = database.read_now(everything_about, typed.strip(), [lead.id for lead in found])
        out.write(as_json(told, indent=2, default=_as_text) + "\n")
    return 0


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _write(tx: Connection, what: str, form: str, out: TextIO) -> None:
    names = exporting.columns(what)
    shown = [name.removesuffix(_MONEY) for name in names]
    rows = (
        [_plain(name, value) for name, value in zip(names, row, strict=True)]
        for row in exporting.rows(tx, what)
    )
    _WRITERS[form](out, shown, rows)
    out.flush()


def _plain(name: str, value: Any) -> Any:
    if value is not None and name.endswith(_MONEY):
        return value / 100
    return value.isoformat() if isinstance(value, datetime) else value


def _csv(out: TextIO, names: list[str], rows: Iterable[list[Any]]) -> None:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow(map(_cell, row))


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        return as_json(value)
    return guarded(_CONTROL.sub("\ufffd", value)) if isinstance(value, str) else value


def _json(out: TextIO, names: list[str], rows: Iterable[list[Any]]) -> None:
    separator = "[\n"
    for row in rows:
        out.write(separator + as_json(dict(zip(names, row, strict=True))))
        separator = ",\n"
    out.write("\n]\n" if separator != "[\n" else "[]\n")


_WRITERS: dict[str, Callable[[TextIO, list[str], Iterable[list[Any]]], None]] = {"csv": _csv, "json": _json}
