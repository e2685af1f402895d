"""Why a figure of the report is what it is: each lead behind it, and what happened to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.views.blocks import context, section
from bot.views.message import Rendered, rendered
from bot.views.people import joined, who_and_where
from bot.views.states import LeadFacts
from bot.views.status import Told, history_lines, older_words
from bot.views.text import cut, plural, short

LEADS_SHOWN = 10
_LINES = 10  # events of one lead
_LONGEST = 2900  # of what a section holds


@dataclass(frozen=True, slots=True)
class LeadStory:
    """A lead, and what happened to it, oldest first. `older`: there is more than is told."""

    lead: LeadFacts
    told: tuple[Told, ...]
    older: bool = False


def why_answer(title: str, count: int, stories: Sequence[LeadStory], all_of_them: str) -> Rendered:
    """The leads behind a figure with what happened to them; `all_of_them` is what lists every one."""
    many = plural(count, "handoff") if stories else "none"
    blocks = [section(f"*{short(title, 300)}*: {many}")]
    blocks += [section(_story(each)) for each in stories[:LEADS_SHOWN]]
    if count > len(stories):
        asked = short(f"/alignment {all_of_them}", 200)
        blocks.append(context(f"The newest {plural(len(stories), 'lead')} of {count:,}. All: `{asked}`"))
    return rendered(f"{title}: {count:,}", blocks)


def _story(story: LeadStory) -> str:
    head = cut(joined((f"*#{story.lead.lead_id}*", who_and_where(story.lead)), " "), 200)
    older = older_words(story.lead) if story.older or len(story.told) > _LINES else ""
    told = (
        history_lines(story.told[-_LINES:]) if story.told else "" if older else "Nothing happened since then."
    )
    return cut(joined((head, older, told), "\n"), _LONGEST)
