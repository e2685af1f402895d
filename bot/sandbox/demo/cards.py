"""What somebody can read and press in the channels: leads that wait, as cards or as rows of a list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.sandbox.scenario.sentences import reads
from bot.sandbox.slack.api_chat import texts_in
from bot.sandbox.slack.model import JsonDict, Message
from bot.sandbox.slack.state import Workspace

ACCEPT, REJECT, TOUCH, OUTCOME = "lead_accept", "lead_reject", "lead_touch", "lead_outcome"

CARD, LIST = "New P", " to accept or reject"
"""Words by which the text of a card, and of a list, can be told from that of a reminder."""


@dataclass(frozen=True, slots=True)
class Card:
    """A lead in a channel: `lead` is who, `block` has its buttons, `text` is what is said beside them."""

    message: Message
    lead: str
    block: str
    text: str

    @property
    def lead_id(self) -> int:
        """The number of the lead; of a row in a list it is not known."""
        return int((self.message.metadata or {})["event_payload"]["lead"])

    @property
    def person(self) -> str:
        """The name alone."""
        return self.lead.partition(", ")[0]

    @property
    def company(self) -> str:
        """The company, where it is known."""
        return self.lead.partition(", ")[2]

    def as_it_is(self) -> Card:
        """The card as a screen shows it that is not up to date later on."""
        return replace(self, message=replace(self.message))


def waiting_in(workspace: Workspace, channel: str, *, alone: bool = False) -> list[Card]:
    """The leads of a channel on which nobody has decided, the oldest first.

    `alone`: only those that have a card of their own, no rows of lists.
    """
    kinds = (CARD,) if alone else (CARD, LIST)
    there = [one for one in _roots(workspace, channel) if any(kind in one.text for kind in kinds)]
    return [card for message in there for card in _with_button(message, ACCEPT)]


def held_by(workspace: Workspace, user: str, channels: tuple[str, ...]) -> list[Card]:
    """The leads that somebody has accepted and is at work on."""
    by = f"by {workspace.people[user].real_name}"  # named, so that nobody is rung by their own click
    return [
        card
        for channel in channels
        for message in _roots(workspace, channel)
        if message.text.startswith("Accepted: ") and by in message.text
        for card in _with_button(message, OUTCOME)
    ]


def is_untouched(card: Card) -> bool:
    """Whether there was no contact yet: the button for it still stands out."""
    elements = (element for block in card.message.blocks for element in _elements(block))
    return any(one.get("action_id") == TOUCH and one.get("style") == "primary" for one in elements)


def _roots(workspace: Workspace, channel: str) -> list[Message]:
    there = workspace.messages.get(channel, {}).values()
    return [message for message in there if not message.in_thread and not message.deleted]


def _with_button(message: Message, action: str) -> Iterator[Card]:
    """One for each block of the message that has the button."""
    before: JsonDict = {}
    rows = [block for block in message.blocks if any(e.get("action_id") == action for e in _elements(block))]
    for block in message.blocks:
        if block in rows:
            element = next(one for one in _elements(block) if one.get("action_id") == action)
            label = str(element.get("accessibility_label") or "").partition(" ")[2]
            text = reads(message) if len(rows) == 1 else "\n".join(texts_in(before))
            yield Card(message, label or subject(message), str(block["block_id"]), text)
        before = block


def subject(message: Message) -> str:
    """Name and company from a card's first line: "New P1 lead: Jane Doe, CTO at Acme — accept by …"."""
    who = message.text.partition(": ")[2].partition(" — ")[0]
    person, _, rest = who.partition(", ")
    company = rest.partition(" at ")[2]
    return f"{person}, {company}" if company else person


def _elements(block: JsonDict) -> list[JsonDict]:
    return [element for element in block.get("elements") or () if isinstance(element, dict)]
