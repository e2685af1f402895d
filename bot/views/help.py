"""What `/lead help` says, and what is said to a word that is no command."""

from __future__ import annotations

from difflib import get_close_matches

from bot.views.text import short

COMMANDS = {
    "status": "`/lead status jane@example.com` — where a lead stands: its stage, who has it, what is due. "
    "Also by number (`#12`) or by your CRM's id (`ext:00Q1`).",
    "help": "`/lead help` — this list.",
}
ALIGNMENT = (
    "I do not make the alignment report yet. Every hand-off, acceptance and rejection is kept from the "
    "first day, so nothing will be missing from it. `/lead status` shows where a lead stands."
)
ASK_FOR_ONE = "Which lead? Write `/lead status` and its e-mail address, or # and its number."


def help_text() -> str:
    """Every command with an example, as mrkdwn."""
    return "\n".join(["*What I can tell you*", *(f"• {line}" for line in COMMANDS.values())])


def unknown_word(word: str) -> str:
    """For a word that is no command: the nearest one, and all of them."""
    near = get_close_matches(word, COMMANDS, n=1, cutoff=0.5)
    meant = f" Did you mean `/lead {near[0]}`?" if near else ""
    return f"I do not know `{short(word, 40)}`.{meant}\n{help_text()}"
