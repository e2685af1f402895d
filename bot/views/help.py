"""What `/lead help` says to whom, and what is said to a word that is no command."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from itertools import dropwhile, takewhile

from bot.rules.roles import Role
from bot.views.ids import Action, LeadWord, More
from bot.views.labels import BUTTONS, MENU
from bot.views.text import short

_EVERYBODY = frozenset(Role)
_SALES = frozenset({Role.REP, Role.MANAGER, Role.ADMIN})

# Each command: what it does, with an example, and whom it helps. Everybody the agreement knows may try it.
COMMANDS: Mapping[LeadWord, tuple[str, frozenset[Role]]] = {
    LeadWord.STATUS: (
        "`/lead status acme` — where a lead stands: its stage, who has it, what is due. By name, company, "
        "phone, e-mail address, domain or number (`#12`); `@sam` lists Sam's leads. Add `--share` to let the "
        "channel read it.",
        _EVERYBODY,
    ),
    LeadWord.MINE: ("`/lead mine` — your open leads, most urgent first.", _SALES),
    LeadWord.QUEUE: (
        "`/lead queue` — what nobody has accepted yet, most urgent first.",
        _SALES | {Role.MARKETING, Role.MARKETING_MANAGER},
    ),
    LeadWord.HISTORY: ("`/lead history acme` — everything that happened to a lead.", _EVERYBODY),
    LeadWord.WHY: (
        "`/lead why #12` — why it is with this person and nobody else. Add `@sam` to ask about one.",
        _EVERYBODY,
    ),
    LeadWord.ADD: (
        "`/lead add` — add a new lead. `/lead add jane@acme.com, Jane Doe, CTO at ACME, 450 employees` fills "
        "the form; *Add as a lead* in a message's menu does too.",
        _EVERYBODY - {Role.OWNER},
    ),
    LeadWord.SPLIT: (
        "`/lead split #12` — split a lead that mixes up two people; you see what goes where first.",
        frozenset({Role.MANAGER, Role.ADMIN}),
    ),
    LeadWord.AWAY: (
        "`/lead away until monday` — no new leads for you; you choose which open ones to reassign. "
        "Also `2h`, `tomorrow`, `20 Dec to 3 Jan`, `until further notice`. `/lead away list` shows what is "
        "planned. Managers: `/lead away @sam until monday`.",
        frozenset({Role.REP, Role.MANAGER, Role.ADMIN}),
    ),
    LeadWord.BACK: (
        "`/lead back` — you get leads again, and can reclaim those that nobody has contacted.",
        frozenset({Role.REP, Role.MANAGER, Role.ADMIN}),
    ),
    LeadWord.HELP: ("`/lead help` — this list.", _EVERYBODY),
}
SAME: Mapping[str, LeadWord] = {
    "list": LeadWord.QUEUE,
    "todo": LeadWord.MINE,
    "find": LeadWord.STATUS,
    "new": LeadWord.ADD,
    "vacation": LeadWord.AWAY,
    "?": LeadWord.HELP,
    "hi": LeadWord.HELP,
    "hello": LeadWord.HELP,
    "hey": LeadWord.HELP,
}
"""Words that people try for a command, and what they mean."""
_ON_THE_CARD: Mapping[str, str] = {
    "accept": BUTTONS[Action.ACCEPT],
    "reject": BUTTONS[Action.REJECT],
    "log": BUTTONS[Action.TOUCH],
    "contact": BUTTONS[Action.TOUCH],
    "set outcome": BUTTONS[Action.OUTCOME],
    "outcome": BUTTONS[Action.OUTCOME],
    "snooze": MENU[More.SNOOZE],
    "reassign": MENU[More.REASSIGN],
    "assign": MENU[More.REASSIGN],
    "transfer": MENU[More.REASSIGN],
    "undo": MENU[More.UNDO],
}
_TO_FORGET = frozenset({"forget", "delete", "erase", "remove"})
_NAMES_NOBODY = frozenset({"log", "contact", "set", "outcome", "lead", "card", "the", "a", "for", "of", "on"})
"""Words between a deed and its lead: "log contact for #12", "accept the lead #12"."""
_BEHIND_A_NAME = frozenset({"to", "for", "until", "till", "because"})
"""Words behind a deed's lead: "assign #12 to @sam", "snooze #12 until tomorrow"."""
_HOW_LONG = re.compile(
    r"(?:\d+ ?(?:m|min|minutes?|h|hours?|d|days?|weeks?)|until|till|tomorrow)\b", re.IGNORECASE
)
_THANKS = frozenset({"thanks", "thank", "thx", "cheers"})
_ASKING = frozenset(
    {
        *("who", "whose", "where", "what", "which", "how", "when", "show", "tell", "give", "any", "anything"),
        *("is", "are", "was", "has", "have", "do", "does", "did"),
    }
)
"""How a question in plain words begins."""
_SAYS_NOTHING = _ASKING | frozenset(
    {
        *(
            "me",
            "us",
            "you",
            "we",
            "there",
            "it",
            "the",
            "a",
            "an",
            "of",
            "for",
            "with",
            "on",
            "at",
            "in",
            "to",
        ),
        *(
            "about",
            "had",
            "got",
            "get",
            "gets",
            "own",
            "owns",
            "many",
            "much",
            "please",
            "now",
            "lead",
            "leads",
        ),
        *("card", "cards", "happened", "going", "know", "working", "assigned", "can"),
    }
)
_THEIR_OWN = frozenset({"i", "my", "mine"})
_UNTAKEN = frozenset({"waiting", "waits", "open", "queue", "unassigned", "unaccepted", "free", "new"})
SPLIT_WHICH = "Which lead should be split? Give its number, like `/lead split #12`."
ADD_BY_BUTTON = "A message cannot open the form, but this button can."
ALIGNMENT_HELP = "\n".join(
    (
        "*What `/alignment` shows*: what marketing and sales promised, and what they did. Only you see it.",
        "• `/alignment week` — this week so far; also `last week`, `2026-W47`.",
        "• `/alignment month`, `quarter`, `last quarter`, or `2026-10-01..2026-10-31`.",
        "• `/alignment month team Enterprise`, or `campaign q4-webinar` — one team or one campaign.",
        "• `/alignment leads rejected last week` — the leads behind a figure.",
        "• `/alignment why rejected last week` — what happened to them, who did it, and when.",
        "• `/alignment propose` — managers: propose a change to the agreement; both sides sign it.",
        "*Share with this channel* beneath the report lets everybody here read it.",
    )
)
_HELP_WORDS = frozenset({"help", "?", "--help", "-h"})
_MORE = "`/alignment` shows what both teams promised and did. Your Home in this app has it all on one page."


def help_text(roles: Collection[Role] = ()) -> str:
    """The commands that help somebody with these roles, each with an example, as mrkdwn.

    Somebody whom the agreement does not know is told what everybody may ask.
    """
    known = frozenset(roles) or frozenset({Role.OWNER})
    lines = [f"• {words}" for words, whom in COMMANDS.values() if whom & known]
    return "\n".join(["*What I can do for you*", *lines, _MORE])


def asks_for_help(text: str) -> bool:
    """Whether a text asks how a command is used."""
    return text.strip().lower() in _HELP_WORDS


def asks_to_propose(text: str) -> bool:
    """Whether a text behind `/alignment` asks for the form of a proposal."""
    return text.strip().lower() == "propose"


def only_as_command(command: str) -> str:
    """For what opens a form, which a message cannot: the command to type instead."""
    return f"A message cannot open a form. Type `{short(command, 100)}` instead."


def nearest(word: str) -> str | None:
    """The command that a word was probably meant to be, if it is like one."""
    near = get_close_matches(word, COMMANDS, n=1, cutoff=0.6)
    return near[0] if near else None


def said_otherwise(word: str, rest: str) -> str | None:
    """For thanks, and for what is a button on the card and no command: what to do instead. Else None."""
    if word.rstrip("!.,") in _THANKS:
        return f"You're welcome. `/lead {LeadWord.HELP}` lists what I can do."
    if word in _TO_FORGET:
        return f"*{BUTTONS[Action.FORGET]}* on an admin's Home erases everything about a person."
    rest = short(rest, 100)
    two = " ".join((word, *rest.lower().split()[:1]))
    if button := _ON_THE_CARD.get(two, _ON_THE_CARD.get(word)):
        return f"*{button}* is on the lead's card, or in its ⋯ menu. {_way_to_the_card(_named(rest))}"
    return None


def asked_in_words(word: str, rest: str) -> tuple[LeadWord, str] | None:
    """The command that a question in plain words stands for, and what follows it; None for no question.

    "Who has ACME?" is `status ACME`, "how many leads do I have" `mine`, "what is waiting" `queue`.
    """
    said = [_bare(each) for each in (word, *rest.split())]
    if said[0].lower() not in _ASKING:
        return None
    left = [each for each in said if each and each.lower() not in _SAYS_NOTHING]
    asked = {each.lower() for each in left}
    if asked & _THEIR_OWN:
        return LeadWord.MINE, ""
    if asked and asked <= _UNTAKEN:
        return LeadWord.QUEUE, ""
    return (LeadWord.STATUS, " ".join(left)) if left else None


def _bare(word: str) -> str:
    return re.sub(r"['\u2019]s$", "", word.strip("?!.,:;"))


def unknown_word(word: str, rest: str, roles: Collection[Role] = ()) -> str:
    """For a word that is no command and names no lead: what was probably meant, and what there is."""
    rest, near = short(rest, 100), None if _bare(word) in _ASKING else nearest(word)
    again = " ".join(part for part in (near or "", rest) if part)
    meant = f" Did you mean `/lead {again}`?" if near else ""
    return f"`{short(word, 40)}` is not a command.{meant}\n{help_text(roles)}"


def _named(rest: str) -> str:
    """What names the lead behind a deed; empty where it says only how long."""
    first, *more = [*dropwhile(lambda word: word.lower() in _NAMES_NOBODY, rest.split())] or [""]
    named = " ".join((first, *takewhile(lambda word: word.lower() not in _BEHIND_A_NAME, more)))
    return "" if _HOW_LONG.match(named) else named


def _way_to_the_card(rest: str) -> str:
    """The command whose answer links to the card: of the lead that was named, else of all one's leads."""
    if rest:
        return f"`/lead {LeadWord.STATUS} {rest}` links to it."
    return f"`/lead {LeadWord.MINE}` links to the cards of your leads."
