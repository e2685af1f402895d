"""Agreements with one team of given reps, for tests of who gets a lead."""

from __future__ import annotations

import re

from bot.agreement import LoadedAgreement, default_agreement, loaded

ANNE, BERT, CLEO = "U0ANNE", "U0BERT", "U0CLEO"

NEW_YORK, BERLIN, LOS_ANGELES = "America/New_York", "Europe/Berlin", "America/Los_Angeles"

_TEAMS = re.compile(r"\[\[teams\]\].*?(?=\[routing\])", re.DOTALL)


def with_team(*reps: str, assign: str = "rotate", **changes: str) -> LoadedAgreement:
    """The default with one team, Growth, of these reps, each as `user, key = value …`. `changes` are texts of
    the default by what stands there, with what takes their place."""
    lines = "\n".join(f'  {{ user = "{user}"{more} }},' for user, more in map(_parted, reps))
    team = (
        f'[[teams]]\nname = "Growth"\nchannel = "C0GROWTH"\nmanager = "U0MGR"\nassign = "{assign}"\n'
        f"reps = [\n{lines}\n]\n\n"
    )
    text = _TEAMS.sub(lambda _: team, default_agreement().text)
    for key, value in changes.items():
        text, times = re.subn(rf"(?m)^{key}\s*=.*$", f"{key} = {value}", text)
        assert times == 1, key
    return loaded(text)


def rep(user: str, zone: str, more: str = "") -> str:
    """A rep in a time zone, with more keys of theirs."""
    return f'{user} timezone = "{zone}"' + (f", {more}" if more else "")


def _parted(text: str) -> tuple[str, str]:
    user, _, more = text.partition(" ")
    return user, f", {more}" if more else ""
