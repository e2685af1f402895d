"""The modals of an absence: until when, and what becomes of the open leads."""

from __future__ import annotations

from collections.abc import Sequence

from bot.views import people
from bot.views.away import AwayForm, AwayLead
from bot.views.blocks import Block, checkboxes, context, labelled, modal, option, section, select, text_input
from bot.views.ids import Action, AwayContext, Callback
from bot.views.labels import MODALS
from bot.views.people import joined
from bot.views.text import mention, plural

REST = "rest"
"""The value of the box for all leads beyond those that are shown."""
LEADS = "leads"
"""How the block_ids of the boxes begin."""
_BOXES = 10


def away_modal(reps: Sequence[tuple[str, str]] = ()) -> Block:
    """The modal that asks until when somebody is away: whoever looks, or one of these reps (id, name)."""
    until = text_input(Action.UNTIL, "until monday, 20 Dec to 3 Jan, tomorrow, 2h", longest=100)
    who = select(Action.REP, "Choose a rep", options=[option(name, user) for user, name in reps])
    gets = "They get" if reps else "You get"
    hint = f"Leave it empty if you do not know yet. {gets} no new leads; open leads are asked about next."
    asked = [labelled("When?", until, optional=True, hint=hint)]
    return modal(
        Callback.AWAY, *MODALS[Callback.AWAY], [*([labelled("Who?", who)] if reps else []), *asked], "{}"
    )


def away_leads_modal(form: AwayForm) -> Block:
    """The open leads of somebody who is away: those that nobody has contacted are ticked."""
    them = "you" if form.own else "them"
    untouched = [each for each in form.leads if each.untouched]
    others = [each for each in form.leads if not each.untouched]
    whose = "Your open leads" if form.own else f"The open leads of {mention(form.user)}"
    blocks: list[Block] = [
        section(f"{whose}. Checked ones go to colleagues now. The rest stay with {them}; SLAs keep running.")
    ]
    if untouched or form.rest:
        blocks += _boxes("Nobody has contacted these", untouched, 0, form.rest, ticked=True)
    if others:
        blocks += _boxes("Somebody has contacted these", others, len(blocks), 0, ticked=False)
    if form.kept:
        blocks.append(
            context(f"{plural(form.kept, 'more lead')} that somebody has contacted stay with {them}.")
        )
    if not form.leads:
        blocks = [section("There are no open leads to reassign.")]
    shown = tuple(each.handoff_id for each in untouched)
    metadata = AwayContext(user=form.user, shown=shown).model_dump_json()
    return modal(Callback.AWAY_LEADS, *MODALS[Callback.AWAY_LEADS], blocks, metadata)


def _boxes(label: str, leads: Sequence[AwayLead], first: int, rest: int, *, ticked: bool) -> list[Block]:
    """Boxes by tens, which is as many as Slack takes together."""
    options = [option(_called(each), str(each.handoff_id)) for each in leads]
    if rest:
        options.append(option(f"All {plural(rest, 'other')} that nobody has contacted", REST))
    parts = [options[n : n + _BOXES] for n in range(0, len(options), _BOXES)]
    return [
        labelled(
            label if n == 0 else f"{label} (continued)",
            checkboxes(f"{LEADS}_{first + n}", part, chosen=part if ticked else ()),
            optional=True,
        )
        for n, part in enumerate(parts)
    ]


def _called(each: AwayLead) -> str:
    stage = "" if each.untouched else people.STAGE_WORDS[each.lead.stage]
    return joined((people.plain_name_and_company(each.lead), stage))
