"""What must be so whatever happened. Each says how much it looked at, and names what is not so."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from storage.models import DeliveryKind, EventKind
from tests.chaos.plan import Deed
from tests.chaos.world import Left, Ran, World

EXPECTED_KINDS = frozenset(
    {DeliveryKind.CARD, DeliveryKind.LIST, DeliveryKind.HISTORY, DeliveryKind.REJECTION, DeliveryKind.NAG}
)
"""What such a run may say to a channel or to a person."""
EXPECTED_ANSWERS = re.compile(
    r"accepted|rejected|yours|is closed|was decided|already|nothing to|try again|try it again|out of date"
    r"|database|in a moment|in time|you cannot"
)
"""What somebody who clicked too late, or while the database was away, may be told."""
NOT_DONE = re.compile("database|try again", re.IGNORECASE)
"""What somebody is told whose click changed nothing."""
STATUSES = ("0", "1", "2")
DECISIONS = (EventKind.ACCEPTED, EventKind.REJECTED)
RECORDED = {Deed.ACCEPT: DECISIONS, Deed.REJECT: DECISIONS, Deed.TOUCH: (EventKind.TOUCHED,)}


@dataclass(frozen=True, slots=True)
class Finding:
    """One invariant: how many things it was held against, and which it does not hold for."""

    name: str
    count: int
    faults: tuple[str, ...]

    def __str__(self) -> str:
        """One line of the report."""
        some = "; ".join(self.faults[:5])
        return f"{self.name}: {self.count}" + (f", NOT FOR {len(self.faults)}: {some}" if self.faults else "")


Faults = Iterator[str]


def every_answer_is_a_lead(world: World) -> Faults:
    for record, ids in world.kept.answered.items():
        if record not in world.left.leads:
            yield f"{record} was answered for and is no lead"
        elif ids - {world.left.leads[record]}:
            yield f"{record} was answered with {sorted(ids)} and is lead {world.left.leads[record]}"
    if world.left.lead_count != len(world.left.leads):
        yield f"{world.left.lead_count} leads of {len(world.left.leads)} records"


def every_handoff_has_one_card(world: World) -> Faults:
    if len(world.left.handoffs) != world.left.lead_count:
        yield f"{len(world.left.handoffs)} handoffs of {world.left.lead_count} leads that qualify"
    own = Counter(
        shown.lead
        for shown in world.left.shown
        if shown.lead and not shown.reply and _is_channel(shown.channel)
    )
    cards = Counter[int]()
    kinds = {post.id: post for post in world.left.posts}
    for shown in world.left.shown:
        post = kinds.get(shown.delivery or 0)
        if post is not None and post.kind == DeliveryKind.CARD:
            cards[post.handoff or 0] += 1
    rows = Counter(handoff for handoffs in world.left.listed.values() for handoff in handoffs)
    for handoff, lead in world.left.handoffs.items():
        if not cards[handoff] and not rows[handoff]:
            yield f"handoff {handoff} stands nowhere"
        if cards[handoff] > 1 or rows[handoff] > 1:
            yield f"handoff {handoff} has {cards[handoff]} cards and {rows[handoff]} rows"
        if own[lead] > 1 + _rejections(world.left, lead):
            yield f"lead {lead} has {own[lead]} messages of its own"


def every_acked_click_is_in_the_history_once(world: World) -> Faults:
    lines = Counter((line.handoff, line.kind) for line in world.left.history)
    sorry = Counter(user for user, text in world.left.private if NOT_DONE.search(text))
    for deed, kinds in RECORDED.items():
        acked = {
            click.handoff: click.user for click in world.kept.clicks if click.deed is deed and click.acked
        }
        for handoff, user in sorted(acked.items()):
            found = sum(lines[handoff, kind] for kind in kinds)
            if found == 0 and sorry[user]:  # they were told that it was not done
                sorry[user] -= 1
            elif found != 1:
                yield f"{deed} of handoff {handoff} stands {found} times in the history"


def every_decision_was_clicked(world: World) -> Faults:
    clicked = {(click.user, click.handoff) for click in world.kept.clicks}
    for line in world.left.history:
        if line.kind in (*DECISIONS, EventKind.TOUCHED) and (line.actor, line.handoff) not in clicked:
            yield f"nobody clicked for {line.kind} of handoff {line.handoff} by {line.actor}"


def every_due_step_was_taken_once(world: World) -> Faults:
    taken = Counter((line.handoff, line.clock, line.kind) for line in world.left.history if line.clock)
    runs: dict[tuple[int, str], list[Ran]] = defaultdict(list)  # a lead may get a fresh clock of its kind
    for clock in world.left.clocks:
        runs[clock.handoff, clock.kind].append(clock)
    for (handoff, kind), clocks in runs.items():
        breaches = taken[handoff, kind, EventKind.CLOCK_BREACHED]
        nudges = taken[handoff, kind, EventKind.CLOCK_NUDGED]
        past = [clock for clock in clocks if clock.due_at <= world.left.now]
        due = [clock for clock in past if clock.open]
        if breaches > len(clocks) or nudges > sum(clock.rungs for clock in clocks):
            yield f"{kind} of handoff {handoff}: {nudges} nudges and {breaches} breaches"
        elif breaches < len(due) or nudges < sum(clock.rungs for clock in due):
            yield f"{kind} of handoff {handoff} fell due: {nudges} nudges, {breaches} breaches"
        elif breaches > len(past):
            yield f"{kind} of handoff {handoff} is breached before it is due"
    for line, times in Counter(world.left.nags).items():
        if times > 1:
            yield f"the reminder {line} was written {times} times"


def every_event_was_told_in_order(world: World) -> Faults:
    arrived: dict[int, list[int]] = defaultdict(list)
    for event, lead in world.left.told:
        arrived[lead].append(event)
    happened: dict[int, list[int]] = defaultdict(list)
    for line in world.left.history:
        if line.told and line.lead is not None:
            happened[line.lead].append(line.id)
    for lead in happened.keys() | arrived.keys():
        if arrived[lead] != sorted(happened[lead]):
            yield f"of lead {lead} happened {sorted(happened[lead])}, and was told {arrived[lead]}"


def every_message_was_expected(world: World) -> Faults:
    posts = {post.id: post for post in world.left.posts}
    for delivery, times in Counter(shown.delivery for shown in world.left.shown).items():
        if times > 1:
            yield f"{times} messages of delivery {delivery}"
    for shown in world.left.shown:
        post = posts.get(shown.delivery or 0)
        if post is None or (post.channel, post.ts) != (shown.channel, shown.ts):
            yield f"nobody knows of the message {shown.ts} in {shown.channel} (delivery {shown.delivery})"
        elif post.kind not in EXPECTED_KINDS:
            yield f"a message of kind {post.kind} in {shown.channel}"
    for user, text in world.left.private:
        if not EXPECTED_ANSWERS.search(text.lower()):
            yield f"{user} was told {text!r}"


def all_that_was_sent_is_shown(world: World) -> Faults:
    stands = {(shown.channel, shown.ts) for shown in world.left.shown}
    for post in world.left.posts:
        if (post.channel, post.ts) not in stands:
            yield f"delivery {post.id} ({post.kind}) is held for shown and is not"


def every_command_ended_in_words(world: World) -> Faults:
    for command in world.kept.commands:
        said = f"{command.out}\n{command.err}"
        if command.killed:
            continue
        if "Traceback" in said or command.status not in STATUSES:
            last = (said.strip().splitlines() or ["nothing"])[-1]
            yield f"{command.words} ended with {command.status or 'no status'}: {last}"
        elif not said.strip():
            yield f"{command.words} ended with {command.status} and without a word"
        elif "json" in command.words and command.status == "0" and not _is_json(command.out):
            yield f"{command.words} wrote no JSON"
        if command.lacks:
            yield f"{command.words} lacks {', '.join(command.lacks[:3])}"


def _is_json(out: str) -> bool:
    try:
        json.loads(out)
    except ValueError:
        return False
    return True


def it_ends_quiet(world: World) -> Faults:
    yield from world.left.unready
    yield from world.left.waiting
    yield from world.left.tracebacks
    yield from world.kept.odd


INVARIANTS: dict[str, tuple[Callable[[World], Faults], Callable[[World], int]]] = {
    "answers that are leads": (every_answer_is_a_lead, lambda world: len(world.kept.answered)),
    "handoffs with one card": (every_handoff_has_one_card, lambda world: len(world.left.handoffs)),
    "acked clicks in the history once": (
        every_acked_click_is_in_the_history_once,
        lambda world: sum(click.acked for click in world.kept.clicks),
    ),
    "decisions that somebody clicked": (
        every_decision_was_clicked,
        lambda world: sum(line.kind in DECISIONS for line in world.left.history),
    ),
    "clocks whose due steps were taken once": (
        every_due_step_was_taken_once,
        lambda world: len(world.left.clocks),
    ),
    "events at the destination in order": (every_event_was_told_in_order, lambda world: len(world.left.told)),
    "messages that were expected": (
        every_message_was_expected,
        lambda world: len(world.left.shown) + len(world.left.private),
    ),
    "sent posts that are shown": (all_that_was_sent_is_shown, lambda world: len(world.left.posts)),
    "commands that end in words": (every_command_ended_in_words, lambda world: len(world.kept.commands)),
    "bots that end quiet": (it_ends_quiet, lambda world: world.left.bots),
}


def held_against(world: World) -> list[Finding]:
    """Every invariant, with what it found."""
    return [Finding(name, count(world), tuple(faults(world))) for name, (faults, count) in INVARIANTS.items()]


def report(findings: Sequence[Finding]) -> str:
    """One line for each invariant."""
    return "\n".join(map(str, findings))


def _is_channel(channel: str) -> bool:
    return not channel.startswith("D")


def _rejections(left: Left, lead: int) -> int:
    """How often marketing is told of its rejection, which is a message of its own."""
    return sum(line.lead == lead and line.kind == EventKind.REJECTED for line in left.history)
