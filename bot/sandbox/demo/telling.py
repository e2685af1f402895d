"""Tells a story in the terminal: who did what, and what Slack then showed, by the clock of the story."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from bot.sandbox.demo.cards import subject
from bot.sandbox.scenario.sentences import Sighting, sighting_of
from bot.sandbox.slack.model import JsonDict
from bot.sandbox.slack.state import Workspace
from bot.settings import PROGRAM

MOST_SHOWN = 4
"""Messages of one place that are told under one deed; of the others it is said how many there were."""
WIDTH = 110
_TIME, _WHO = 5, 17
MOST_QUOTED = 11
"""Lines that are told of a long message."""
TO_TALK_ABOUT = "To talk about"
LABELS = ("Details", "Decided…", "Show the leads")
MENU = "Show the leads behind a figure"
"""Words on buttons and menus, which nobody can press here."""
_UTC_TIME = re.compile(r"\b(?:[A-Z][a-z]{2} (\d{1,2} [A-Z][a-z]{2}) )?(\d\d:\d\d) UTC")
_STAMP = re.compile(r"<!date\^(\d+)\^[^>]*>")
_MENTION = re.compile(r"<@(\w+)>")
_LINK = re.compile(r"<(?:https?|mailto|tel):[^|>]*\|([^>]*)>")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_HALF_A_MINUTE = timedelta(seconds=30)


@dataclass(slots=True)
class Teller:
    """Prints the story as it happens. `zone` is the one whose time is told."""

    console: Console
    workspace: Workspace
    zone: ZoneInfo
    sightings: list[Sighting] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    _day: str = ""

    def watch(self) -> None:
        """Notice from now on what the bot shows, and what the sandbox refuses."""
        self.workspace.subscribe(self._note)

    def _note(self, change: JsonDict) -> None:
        if change["kind"] == "traffic" and not change["exchange"]["ok"]:
            told = change["exchange"]
            if told["error"] != "ratelimited":
                self.refused.append(f"{told['name']}: {told['error']} {told['reason']}".strip())
        sighting = sighting_of(change)
        if sighting is not None and sighting.kind != "deletion":
            self.sightings.append(sighting)

    # ---- what is said

    def title(self, words: str, more: str) -> None:
        """What this is."""
        self.console.print(Text(words, style="bold"), Text(more, style="dim"), sep="\n")

    def chapter(self, words: str) -> None:
        """A new part of the story."""
        self.console.print()
        self.console.print(Rule(words, align="left", style="cyan"), width=self._width)

    def deed(self, at: datetime, who: str, what: str) -> None:
        """Somebody did something."""
        self._row(at, Text(self.name(who), style=_style(who)), Text(self.plain(what)))

    def shown(self, sightings: Iterable[Sighting], *, at: datetime | None = None) -> None:
        """What Slack showed of it, in an order that does not depend on which message was faster."""
        by_place: dict[str, dict[str, None]] = defaultdict(dict)
        for one in sightings:
            by_place[self._place(one)][self.plain(self._line(one))] = None
        for place, lines in sorted(by_place.items()):
            told = sorted(lines)
            rest = [f"… and {len(told) - MOST_SHOWN} more"] if len(told) > MOST_SHOWN else []
            time = at  # with each place: how many moments of a minute were looked at together says nothing
            for line in (*told[:MOST_SHOWN], *rest):
                self._row(time, Text(place, style="dim"), Text(line, style="dim"), quiet=True)
                time, place = None, ""

    def quotation(self, lines: Sequence[str]) -> None:
        """What somebody reads, line by line, as far as it is worth telling."""
        told = [line for line in map(self.plain, lines) if line.strip() and line not in LABELS]
        for line in told[:MOST_QUOTED]:
            self._row(None, Text(""), Text(f"│ {line}", style="dim"))

    def report(self, at: datetime, words: str) -> None:
        """The weekly report: its headline and scorecards, and what it says there is to talk about."""
        self._row(at, Text("Baton", style="bold"), Text("posts the weekly report in #leads-weekly"))
        before, heading, agenda = words.partition(TO_TALK_ABOUT)
        self.quotation(before.splitlines()[2 : 2 + MOST_QUOTED])
        self.quotation([heading, *agenda.partition(MENU)[0].splitlines()])

    def account(self, rows: Iterable[tuple[str, str]]) -> None:
        """How it stands in the end."""
        table = Table.grid(padding=(0, 2))
        table.add_column(justify="right", style="bold cyan")
        table.add_column()
        for figure, words in rows:
            table.add_row(figure, Text(words))
        self.console.print(Padding(table, (1, 0, 0, _TIME + 1)))

    def verdict(self, trouble: str = "") -> bool:
        """Say whether all went well, and tell it."""
        problems = [*self.refused, *([trouble] if trouble else [])]
        self.console.print()
        if problems:
            self.console.print(Text("Something the bot did was refused, or never arrived:", style="bold red"))
            for line in problems:
                self.console.print(Text(f"  {line}", style="red"))
        else:
            self.console.print(Text("Slack accepted everything the bot sent.", style="bold green"))
            self.console.print(f"To try it yourself: [bold]{PROGRAM} demo[/bold]", highlight=False)
        return not problems

    def taken(self) -> list[Sighting]:
        """What was seen since this was asked last."""
        found, self.sightings = self.sightings, []
        return found

    # ---- in words

    def name(self, user: str) -> str:
        """What somebody is called."""
        person = self.workspace.people.get(user)
        return person.real_name if person is not None else user

    def plain(self, words: str) -> str:
        """A line of Slack's as it reads on the screen, its times in the story's zone."""
        words = _MENTION.sub(lambda found: f"@{self.name(found[1])}", words)
        words = _STAMP.sub(lambda found: self._time(datetime.fromtimestamp(int(found[1]), UTC)), words)
        words = _LINK.sub(r"\1", words)
        for entity, sign in _ENTITIES:
            words = words.replace(entity, sign)
        return _UTC_TIME.sub(self._local, words.replace("*", "").replace("`", ""))

    def _local(self, found: re.Match[str]) -> str:
        """A time that stands in a text in UTC; without a day it is one of today."""
        now = self.workspace.clock.wire()
        day = found[1] or f"{now:%d %b}"
        moment = datetime.strptime(f"{day} {now.year} {found[2]} +0000", "%d %b %Y %H:%M %z")
        return self._time(moment)

    def _time(self, moment: datetime) -> str:
        local, now = moment.astimezone(self.zone), self.workspace.clock.wire().astimezone(self.zone)
        return f"{local:%H:%M}" if local.date() == now.date() else f"{local:%a %d %b %H:%M}"

    def _line(self, sighting: Sighting) -> str:
        """A message's first line; what is passed on in a card's thread does not say who, so that is said."""
        line = sighting.text.partition("\n")[0]
        root = self.workspace.messages[sighting.channel].get(sighting.thread_ts)
        if root is None or not line.startswith("🔁"):
            return line
        return f"{subject(root).partition(',')[0]} {line}"

    def _place(self, sighting: Sighting) -> str:
        if sighting.seen_by:
            return f"  only {self.name(sighting.seen_by).split()[0]}"
        channel = self.workspace.channels[sighting.channel]
        if channel.dm_with:
            return f"  to {self.name(channel.dm_with).split()[0]}"
        return f"  #{channel.name}" + (" ↳" if sighting.kind == "reply" else "")

    # ---- on the screen

    @property
    def _width(self) -> int:
        return min(self.console.width, WIDTH)

    def _row(self, at: datetime | None, who: Text, what: Text, *, quiet: bool = False) -> None:
        day, time = "", ""
        if at is not None:
            local = (at + _HALF_A_MINUTE).astimezone(self.zone)
            day, time = f"{local:%A %d %B}", f"{local:%H:%M}"
        if day and day != self._day:
            self._day = day
            self.console.print(Padding(Text(day, style="bold cyan"), (1, 0, 0, 0)))
        table = Table.grid(padding=(0, 1))
        table.add_column(width=_TIME)
        table.add_column(width=_WHO)
        table.add_column(width=self._width - _TIME - _WHO - 2, no_wrap=quiet, overflow="ellipsis")
        table.add_row(Text(time, style="cyan"), who, what)
        self.console.print(table)


def _style(who: str) -> str:
    """People stand out by what they do; what happens by itself is quieter."""
    sides = {"U0MARA": "magenta", "U0CMO": "magenta", "U0MGR": "yellow", "U0ADMIN": "yellow"}
    return f"bold {sides.get(who, 'green')}" if who.startswith("U0") else "bold"
