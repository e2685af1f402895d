"""`intake try NAME FILE` in the terminal: what would come of a body, field by field, and why."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.agreement import Agreement, load_agreement
from bot.errors import CannotStart
from bot.intake import NoLead, Read, Source, Unreadable, parsed_text, read_record, records_of, sources_of
from bot.intake.explaining import explained
from bot.leadform import LeadForm, to_columns
from bot.rules.qualification import facts_of, judge
from bot.rules.unknown import notes_on
from bot.settings import Settings
from bot.views.text import plural
from handlers.cli.completing import completed_now
from handlers.cli.terminal import cell
from storage.models import RefusedCause


def try_command(name: str, path: Path, settings: Settings, now: datetime, console: Console) -> int:
    """Show what would come of the body in a file. Stores nothing. Gives the exit status: 1 if any is refused.

    Raises AgreementError, or CannotStart for a source or a file that is not there.
    """
    agreement = load_agreement(settings.agreement).agreement
    source = sources_of(agreement, settings.variable).get(name)
    if source is None:
        known = ", ".join(each.name for each in agreement.intake) or "none; add one as [[intake]]"
        raise CannotStart(f"The agreement has no source {name}. It has: {known}.")
    refused = 0
    reads = _read(agreement, settings, source, path, now)
    for number, read in enumerate(reads, 1):
        if len(reads) > 1:
            _say(console, f"Record {number}", "bold")
        refused += _show(console, agreement, read, now)
    return 1 if refused else 0


def _read(agreement: Agreement, settings: Settings, source: Source, path: Path, now: datetime) -> list[Read]:
    try:
        text = path.read_bytes().decode("utf-8-sig", "replace")
    except OSError as error:
        raise CannotStart(f"{path} cannot be read ({error.strerror}); name a file with one body.") from None
    try:
        records = records_of(source, parsed_text(text))
    except Unreadable as bad:
        return [Read(bad.text, bad)]
    wholes = completed_now(agreement, settings.variable, source, records)
    return [
        Read(raw, whole) if isinstance(whole, NoLead) else read_record(source, whole, now)
        for raw, whole in zip(records, wholes, strict=True)
    ]


def _show(console: Console, agreement: Agreement, read: Read, now: datetime) -> bool:
    """Show one record; says whether it would be refused."""
    if isinstance(read.lead, NoLead):
        test = read.lead.cause is RefusedCause.TEST
        _say(console, f"{read.lead}", None if test else "red")
        return not test
    if not isinstance(read.lead, LeadForm):
        for fault in read.lead.faults:
            _say(console, f"Refused: {fault}", "red")
        return True
    table = Table(box=None)
    for column in ("field", "value", "from"):
        table.add_column(column, overflow="fold")
    for each in explained(read):
        table.add_row(cell(each.field), cell(each.value), cell(each.origin))
    console.print(table)
    for note in notes_on(agreement, read.lead):
        _say(console, f"Note: {note}", "yellow")
    _say(console, _verdict(agreement, read.lead, now))
    return False


def _verdict(agreement: Agreement, lead: LeadForm, now: datetime) -> str:
    facts = facts_of({**to_columns(lead), "updated_at": now})
    judged = judge(agreement, facts, lead.activities, now)
    why = f": {', '.join(judged.reasons)}" if judged.reasons else ""
    goes = "goes to sales" if judged.qualifies else "stays an inquiry"
    return f"As a new lead it is {judged.grade} {judged.priority} and {goes}{why}. Nothing was stored."


def _say(console: Console, sentence: str, style: str | None = None) -> None:
    console.print(sentence, style=style, markup=False, highlight=False, soft_wrap=True)


def list_command(settings: Settings, console: Console) -> int:
    """Show the sources of the agreement and whether their secrets are set."""
    agreement = load_agreement(settings.agreement).agreement
    if not agreement.intake:
        _say(console, "The agreement has no source; add one as [[intake]].")
        return 0
    table = Table(box=None)
    for column in ("address", "tool", "checked by", "secret"):
        table.add_column(column, overflow="fold")
    base = (agreement.http.public_url or "").rstrip("/")
    for source in sources_of(agreement, settings.variable).values():
        intake = source.intake
        by = "public_key" if intake.public_key else intake.auth or source.known.auth
        lacks = [name for name in intake.secret_env if settings.variable(name) is None]
        is_set = "public" if intake.public_key else f"{' and '.join(lacks)} is not set" if lacks else "set"
        table.add_row(*map(cell, (f"{base}/intake/{source.name}", source.known.title, by, is_set)))
    console.print(table)
    _say(console, f"{plural(len(agreement.intake), 'source')}.")
    return 0
