"""The modal in which somebody tells of a lead, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.views.blocks import Block, labelled, modal, option, plain, section, select, text_input
from bot.views.ids import Action, Callback
from bot.views.labels import MODALS
from bot.views.text import short

NOW, JUDGE = "now", "judge"


class Who(StrEnum):
    """Who works a lead that somebody adds."""

    ME = "me"
    TEAM = "team"
    BATON = "baton"


WHO_WORDS: Mapping[Who, str] = {Who.ME: "Me", Who.TEAM: "My team", Who.BATON: "Baton decides"}

_FIELDS: tuple[tuple[Action, str, str, int, bool], ...] = (  # field, label, example, longest, optional
    (Action.EMAIL, "E-mail", "jane@example.com", 254, True),
    (Action.FIRST_NAME, "First name", "Jane", 100, True),
    (Action.LAST_NAME, "Last name", "Doe", 100, True),
    (Action.COMPANY, "Company", "Example Ltd", 200, True),
    (Action.JOB, "Title", "VP Engineering", 200, True),
    (Action.PHONE, "Phone", "+1 555 0100", 40, True),
    (Action.EMPLOYEES, "Employees", "450", 40, True),
    (Action.COUNTRY, "Country", "Germany", 100, True),
    (Action.SOURCE, "Source", "Trade fair", 100, True),
)
_NOTES_LIMIT = 1000
FILES = ("csv", "tsv", "txt")
"""What a file of leads may be called."""
_CAMPAIGNS_SHOWN = 100


def add_modal(
    campaigns: Sequence[str] = (), filled: Mapping[str, str] | None = None, works: Sequence[Who] = ()
) -> Block:
    """The form; `filled` is what is known already, by the field's name. `works`: who may work the lead, the
    default first; whoever may not choose says whether sales gets it now."""
    known = filled or {}
    blocks = [
        labelled(
            label,
            text_input(field, example, longest=longest, initial=known.get(field)),
            optional=optional,
        )
        for field, label, example, longest, optional in _FIELDS
    ]
    if campaigns:
        blocks.append(_campaigns(campaigns[:_CAMPAIGNS_SHOWN], known.get(Action.CAMPAIGN)))
    notes = text_input(
        Action.NOTES,
        "What they asked for, where you met",
        multiline=True,
        longest=_NOTES_LIMIT,
        initial=known.get(Action.NOTES),
    )
    blocks += [labelled("Notes", notes, optional=True), _who(works) if works else _how(), _file()]
    return modal(Callback.ADD, *MODALS[Callback.ADD], blocks, "{}")


def _campaigns(campaigns: Sequence[str], chosen: str | None) -> Block:
    options = {name: option(name, name) for name in campaigns if name.strip()}
    menu = select(
        Action.CAMPAIGN,
        "Choose a campaign",
        options=list(options.values()),
        chosen=options.get(chosen or ""),
    )
    return labelled("Campaign", menu, optional=True)


def _file() -> Block:
    element = {"type": "file_input", "action_id": str(Action.FILE), "filetypes": list(FILES), "max_files": 1}
    hint = "Its rows are imported; the fields above are ignored."
    return labelled("Or a CSV file of leads", element, optional=True, hint=hint)


def _who(works: Sequence[Who]) -> Block:
    options = [option(WHO_WORDS[who], who.value) for who in works]
    return labelled("Who works it", select(Action.WHO, "Choose", options=options, chosen=options[0]))


def _how() -> Block:
    judge = option("Let the agreement decide", JUDGE)
    menu = select(
        Action.QUALIFIED, "Choose", options=[judge, option("Hand it off to sales now", NOW)], chosen=judge
    )
    return labelled("What should happen to it?", menu)


def done_modal(title: str, text: str) -> Block:
    """What became of a form that was sent; `text` is mrkdwn."""
    return {
        "type": "modal",
        "title": plain(title, 24),
        "close": plain("Done", 24),
        "blocks": [section(text)],
    }


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a lead that somebody told of.

    `team`: whom it was handed to just now; `with_sales`: sales had it before; `unrouted`: no team matches;
    `mine`: whoever added it has accepted it.
    """

    lead_id: int
    name: str
    created: bool
    grade: str
    mql: str
    team: str | None = None
    with_sales: bool = False
    unrouted: bool = False
    mine: bool = False


def added_words(added: Added) -> str:
    """A sentence or two on it, as mrkdwn."""
    who = f"*{short(added.name, 120)}* (#{added.lead_id})"
    first = f"{who} added." if added.created else f"{who} was already here; your details were added."
    return f"{first} {_what_next(added)}"


def _what_next(added: Added) -> str:
    if added.with_sales:
        return f"Sales already has this lead; `/lead status #{added.lead_id}` shows who."
    if added.mine:
        return "You accepted it. Log your first contact on its card, or in your Home."
    if added.team:
        return f"It was handed off to team *{short(added.team, 75)}*, and its card is in their channel."
    if added.unrouted:
        return "It qualifies, but no team in the agreement matches it. The admins know."
    return (
        f"Its grade is {short(added.grade, 10)}; sales gets leads from {short(added.mql, 10)} up. "
        "It is handed off once they show more interest. "
        "To send it now, add it again with “Hand it off to sales now”."
    )
