"""What a source sent is taken in or kept as refused, many records together, in one transaction.

So nothing that was received can be lost between the two, whenever Baton is killed. How a body is read is
bot/intake's business, how the tool is answered the door's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.context import Context
from bot.handoffs.chunk import take_many
from bot.handoffs.refused import NO_RECORD, Reading, keep
from bot.handoffs.taken import Door, Taken
from bot.intake import Read, Source, parsed_text, read_record, records_of
from bot.leadform import FieldFault, LeadFaults, LeadForm, record_digest


@dataclass(frozen=True, slots=True)
class Kept:
    """A record that was not taken: why, and the number under which it is kept."""

    fault: LeadFaults
    number: int


def receive(
    tx: Connection, ctx: Context, source: str, came: Sequence[Read], *, alone: int | None = None
) -> list[Taken | Kept]:
    """Take in what can be taken, and keep the rest with its reason. `source` is the door's name.

    Of the first so many, at least one, as `take_many` has it of `alone`; the rest is for another transaction.
    """
    leads = [
        known_again(source, each.lead) if isinstance(each.lead, LeadForm) else each.lead for each in came
    ]
    judged = take_many(tx, ctx, leads, Door.of(ctx), alone=alone)
    return [
        Kept(each, keep(tx, ctx, source, source, read.raw, each)) if isinstance(each, LeadFaults) else each
        for read, each in zip(came, judged, strict=False)
    ]


def known_again(source: str, form: LeadForm) -> LeadForm:
    """The lead, with an id of its own making where nothing but a name says who it is.

    Else the same body again, which tools send when they get no answer, would be another lead each time.
    """
    if form.external_id or form.email or form.phone:
        return form
    made = f"body:{record_digest(source, form)[:20]}"
    return form.model_copy(update={"external_id": made}).with_remarks(form.remarks)


def reading_of(source: Source) -> Reading:
    """How what a source's door kept is read today, to be tried again."""

    def read(body: Mapping[str, Any], now: datetime) -> LeadForm:
        found = read_record(source, _record(source, body), now).lead
        if isinstance(found, LeadFaults):
            raise found
        return found

    return read


def _record(source: Source, body: Mapping[str, Any]) -> Any:
    """The record that was kept, also where it came as a text that can be read by now."""
    if body.keys() != {NO_RECORD} or not isinstance(body[NO_RECORD], str):
        return body
    records = records_of(source, parsed_text(body[NO_RECORD]))
    if len(records) != 1:
        raise LeadFaults([FieldFault("body", "holds several leads; let its tool send them again")])
    return records[0]
