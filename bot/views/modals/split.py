"""The modal that splits a lead of two people: what stays, what goes, and what is only a guess."""

from __future__ import annotations

from collections.abc import Sequence

from bot.views.blocks import Block, context, modal, section
from bot.views.ids import Callback, SplitContext
from bot.views.labels import MODALS
from bot.views.modals.add import done_modal
from bot.views.modals.states import SplitForm, SplitPart, WasSplit
from bot.views.text import plural, short

_NAMED = 5
_DOUBTS = 8


def split_modal(form: SplitForm) -> Block:
    """The modal as a view."""
    goes_to = f"goes back to lead #{form.revives}" if form.revives else "goes to a new lead"
    blocks = [
        section(f"Lead #{form.lead_id} mixes up two people. This is what goes where:"),
        section(_part(form.stays, f"stays lead #{form.lead_id}")),
        section(_part(form.goes, goes_to)),
    ]
    if form.doubts:
        doubts = "\n".join(f"• {short(doubt, 200)}" for doubt in form.doubts[:_DOUBTS])
        blocks.append(section(f"*Please check*\n{doubts}"))
    blocks.append(context(_small_print(form)))
    metadata = SplitContext(lead_id=form.lead_id, seen=form.seen).model_dump_json()
    return modal(Callback.SPLIT, *MODALS[Callback.SPLIT], blocks, metadata)


def _part(part: SplitPart, where: str) -> str:
    lines = [
        f"*{short(part.name, 100)}* {where}",
        ", ".join(short(each, 100) for each in (part.title, part.company) if each),
        _several("E-mail", part.addresses),
        _several("IDs", part.ids),
        plural(part.activities, "activity", "activities"),
    ]
    return "\n".join(line for line in lines if line)


def _several(label: str, named: Sequence[str]) -> str:
    if not named:
        return ""
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return f"{label}: {', '.join(short(each, 100) for each in named[:_NAMED])}{more}"


def _small_print(form: SplitForm) -> str:
    stays, goes = short(form.stays.name, 100), short(form.goes.name, 100)
    handoff = f"The open handoff stays with {stays}. " if form.with_sales else ""
    return (
        f"{handoff}{goes} is scored by the agreement and handed off only if it qualifies. "
        "Everything else, such as country, source and notes, stays where it is."
    )


def split_done_modal(done: WasSplit) -> Block:
    """What became of it."""
    sales = f", handed off to team {short(done.team, 75)}" if done.team else ""
    words = (
        f"*{short(done.stays, 100)}* stays lead #{done.lead_id}. "
        f"*{short(done.goes, 100)}* is lead #{done.goes_to} now{sales}."
    )
    return done_modal(MODALS[Callback.SPLIT][0], words)
