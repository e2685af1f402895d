"""The scripted story: a file of leads comes in, several people decide on them, and a week goes by."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, func, select

from bot.agreement.model import Rep, Team
from bot.digest.posting import due_digest
from bot.handoffs.importing import import_file
from bot.rules.worktime import hours_for
from bot.sandbox.demo.cards import ACCEPT, OUTCOME, REJECT, TOUCH, Card, is_untouched
from bot.sandbox.demo.play import GROWTH, MARKETING, SALES, Play, minutes
from bot.sandbox.scenario.sentences import reads
from storage.models import HandoffState, TouchKind, clocks, handoffs

RILEY, ROBIN, SASHA, MARA, MORGAN = "U0REP1", "U0REP2", "U0REP3", "U0MARA", "U0MGR"
WEEK = timedelta(days=7)
AT_IT = 0.3
"""How often somebody who is at work gets on with a lead when something falls due."""
CONTACTS = {
    TouchKind.CALL: "has called {}",
    TouchKind.EMAIL: "has written to {}",
    TouchKind.MEETING: "has met {}",
}


async def tell_story(play: Play, file: Path) -> None:
    """Play it from the import to the end of the week."""
    began = play.now
    play.teller.chapter("A file of leads is imported")
    await leads_come_in(play, file)
    play.teller.chapter("People decide")
    for number, scene in enumerate(SCENES, 1):
        await play.at(began + minutes(number))
        await scene(play)
    play.teller.chapter("A week goes by")
    await a_week_goes_by(play, began + WEEK)
    play.teller.account(await play.stage.bot.desk.database.read(how_it_stands))


async def leads_come_in(play: Play, file: Path) -> None:
    """Import the file as `import` does, and see the cards appear."""
    stage = play.stage
    report = await asyncio.to_thread(
        import_file, file, stage.bot.desk.database, stage.clock, stage.bot.desk.book, lambda *_: None
    )
    play.teller.deed(play.now, MARA, f"imports {file.name}: {report.total} rows")
    play.teller.quotation(
        [
            f"{report.created} new leads, {report.updated} already known; {report.handed_off} handed off",
            *(f"line {bad.line} is not imported: {bad.why}" for bad in report.bad_rows),
        ]
    )
    await play.settle()
    play.teller.shown(play.teller.taken())


# ---- the scenes, a minute each


async def a_race_is_lost(play: Play) -> None:
    """Two reps take the same lead, and the second is told who was first."""
    card = play.waiting(SALES, alone=True)[0]
    before = card.as_it_is()
    await play.does(RILEY, f"accepts {card.lead}", partial(play.press, RILEY, ACCEPT, card), updates=True)
    late = "clicks Accept on the same card, a moment later"
    await play.does(ROBIN, late, partial(play.press, ROBIN, ACCEPT, before))


async def many_are_taken(play: Play) -> None:
    """The reps take many of the others, the urgent ones first."""
    for who, channel, most in ((RILEY, SALES, 4), (ROBIN, SALES, 4), (SASHA, GROWTH, 3)):
        waiting = play.waiting(channel, alone=True)
        chosen = play.rng.sample(waiting, k=min(most, len(waiting)))
        deeds = [partial(play.press, who, ACCEPT, card) for card in chosen]
        await play.does(who, f"accepts {', '.join(card.person for card in chosen)}", *deeds)


async def contact_is_made(play: Play) -> None:
    """A rep logs the first contact with a lead, which ends one clock and starts the next."""
    card = play.rng.choice(play.held(RILEY))
    kind = play.rng.choice(tuple(CONTACTS))
    await play.does(RILEY, CONTACTS[kind].format(card.lead), partial(contact, play, RILEY, card, kind))


async def five_are_rejected(play: Play) -> None:
    """Every way that a rejected lead can go: back to marketing, to the others, into another, to rest, out."""
    known = play.held(RILEY)[0]
    sales = play.rng.sample(play.waiting(SALES), k=3)
    growth = play.rng.sample(play.waiting(GROWTH), k=2)
    for who, card, reason, entries in (
        (RILEY, sales[0], "bad_contact", {"note": "The number rings out"}),
        (RILEY, sales[1], "wrong_territory", {"note": "Growth owns the whole group"}),
        (ROBIN, sales[2], "duplicate", {"merge_into": f"#{known.lead_id}"}),
        (SASHA, growth[0], "low_intent", {"note": "Only wanted the slides"}),
        (SASHA, growth[1], "not_a_buyer", {"note": "A student with a thesis"}),
    ):
        label = play.stage.agreement.reason(reason)
        said = f"rejects {card.lead}: {label.label if label else reason}"
        form = partial(play.fill_in, who, REJECT, card.message, card.block, reason=reason, **entries)
        await play.does(who, said, form)


async def a_deal_begins(play: Play) -> None:
    """A rep says what became of a lead."""
    card = play.rng.choice(play.held(ROBIN))
    amount = f"{play.rng.randrange(16, 60) * 500:,}"
    said = f"sets the outcome of {card.lead}: opportunity, ${amount}"
    await play.does(
        ROBIN, said, partial(report, play, ROBIN, card, "opportunity", amount=amount), updates=True
    )


async def a_rejection_is_contested(play: Play) -> None:
    """Marketing contests a rejection, and the manager overturns it."""
    notice = play.latest(MARKETING, "Intent too low")
    argument = "They asked for the price list this morning"
    form = partial(play.fill_in, MARA, "Answer…", notice, answer="contest", argument=argument)
    await play.does(MARA, f"contests a rejection: “{argument}”", form)
    asked = play.latest(play.slack.workspace.direct(MORGAN).id, "is contested")
    await play.does(MORGAN, "overturns it", partial(play.click, MORGAN, "Overturn", asked))


async def somebody_asks(play: Play) -> None:
    """Marketing asks where a lead stands, and alone reads the answer."""
    company = play.held(RILEY)[0].company
    play.teller.deed(play.now, MARA, f"types /lead status {company}")
    answer = await play.slack.person(MARA).says("/lead", f"status {company}")
    await play.settle()
    play.teller.taken()
    play.teller.quotation(reads(answer).splitlines()[1:] if answer is not None else [])


SCENES = (
    a_race_is_lost,
    many_are_taken,
    contact_is_made,
    five_are_rejected,
    a_deal_begins,
    a_rejection_is_contested,
    somebody_asks,
)


# ---- the week


async def a_week_goes_by(play: Play, end: datetime) -> None:
    """From one due moment to the next; now and then somebody who is at work gets on with a lead."""
    engine, agreement = play.stage.bot.engine, play.stage.agreement
    while play.now < end:
        digest = due_digest(agreement, play.now)
        monday = digest.since + WEEK if digest is not None else end
        due = await engine.next_due_moment() or end
        seen = await play.reach(min(due, monday, end))
        if seen:
            await they_get_on(play)


async def they_get_on(play: Play) -> None:
    """Each rep who is at work may do the next thing with one of their leads."""
    agreement = play.stage.agreement
    soon = play.now + minutes(1)
    at_work = [
        (team, rep)
        for team in agreement.teams
        for rep in team.reps
        if hours_for(agreement, team, rep).is_open(soon) and play.rng.random() < AT_IT
    ]
    for team, rep in at_work:
        await play.next_minute()
        await next_step(play, team, rep)


async def next_step(play: Play, team: Team, rep: Rep) -> None:
    """Take a lead that waits, or get in touch with one, else say what became of one."""
    who, mine = rep.user, f"<@{rep.user}>"
    waiting = [card for card in play.waiting(team.channel) if mine in card.text or "For <@" not in card.text]
    held = play.held(who)
    untouched = [card for card in held if is_untouched(card)]
    if waiting and (not untouched or play.rng.random() < 0.5):
        await play.does(who, f"accepts {waiting[0].lead}", partial(play.press, who, ACCEPT, waiting[0]))
    elif untouched:
        kind = play.rng.choice(tuple(CONTACTS))
        said = CONTACTS[kind].format(untouched[0].lead)
        await play.does(who, said, partial(contact, play, who, untouched[0], kind))
    elif held:
        card = play.rng.choice(held)
        await play.does(who, f"qualifies {card.lead} (SQL)", partial(report, play, who, card, "sql"))


async def contact(play: Play, who: str, card: Card, kind: str) -> None:
    """Log a contact of this kind."""
    await play.fill_in(who, TOUCH, card.message, card.block, touch=kind)


async def report(play: Play, who: str, card: Card, outcome: str, **entries: str) -> None:
    """Say what became of a lead."""
    play.reported.add(card.lead)
    await play.fill_in(who, OUTCOME, card.message, card.block, outcome=outcome, **entries)


def how_it_stands(tx: Connection) -> list[tuple[str, str]]:
    """What came of the leads that went to sales, in figures and words."""
    accepted, rejected, touched, deals, late = (
        int(tx.execute(select(func.count()).where(condition)).scalar_one())
        for condition in (
            handoffs.c.accepted_at.is_not(None),
            handoffs.c.state == HandoffState.REJECTED.value,
            handoffs.c.touched_at.is_not(None),
            handoffs.c.sql_at.is_not(None),
            clocks.c.breached_at.is_not(None),
        )
    )
    total = int(tx.execute(select(func.count(handoffs.c.id))).scalar_one())
    return [
        (f"{total}", "handed off to sales this week"),
        (f"{accepted}", "accepted"),
        (f"{rejected}", "rejected with a reason"),
        (f"{touched}", "contacted"),
        (f"{deals}", "SQL or further"),
        (f"{late}", "SLAs missed"),
    ]
