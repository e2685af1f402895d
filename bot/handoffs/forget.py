"""A person is erased: asked for, begun in one transaction, carried out in small ones beside a running bot.

From the beginning on nothing shows them any more; the cards in Slack are rewritten through the outbox. What
remains are counts, one line of the history that names no one, and hashes by which they are known again.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bot.context import Context
from bot.errors import LeadNotFound
from bot.handoffs.forgotten import digests
from bot.handoffs.refused import ACTIVITY
from bot.leadform import email_key, full_name
from bot.rules.names import Name
from bot.rules.sameness import country_code_of, phone_key, region_of
from bot.rules.spellings import of_address, of_names, of_number, of_profile
from bot.rules.traces import Person, Record, traces
from bot.rules.traces import asked as asked_words
from bot.rules.unknown import ruled_activities
from storage import clocks, erasing, erasures, handoffs, history, leads, mentions, person, refused
from storage.database import Database
from storage.figures.milestones import COMPLETE
from storage.mentions import Spelling
from storage.models import (
    OPEN_HANDOFF,
    Erasure,
    EventKind,
    HandoffState,
    Lead,
    Tombstone,
    TouchKind,
)
from storage.models import refused as refused_rows
from storage.outbox import nags, posts
from storage.outbox.posts import Rank

GAP = 0.02
"""Seconds between two transactions, in which the running bot has the database file to itself."""
SOMEBODY_REMOVED = "It carried the id of somebody who was removed from Baton."

Contexts = Callable[[], Context]


def ask(tx: Connection, ctx: Context, lead_id: int, *, agreed: bool = True, aged: bool = False) -> Erasure:
    """Ask for a person to be erased, and begin at once unless somebody else must agree. Raises LeadNotFound.

    A lead that was merged stands for the one that it joined.
    """
    lead = leads.get(tx, leads.survivor(tx, lead_id), lock=True)
    if lead is None:
        raise LeadNotFound(f"#{lead_id}")
    asked = erasures.ask(tx, lead.id, by=ctx.actor, at=ctx.now, agreed=agreed, aged=aged)
    if agreed and asked.agreed_at is None:  # it waited for somebody's yes
        erasures.agree(tx, asked.id, by=ctx.actor, at=ctx.now)
    if (agreed or asked.agreed_at is not None) and lead.forgotten_at is None:
        _begin(tx, ctx, asked)
    if agreed and not aged:
        erasures.keep_out(tx, lead.id)
    return asked


def ask_for_age(tx: Connection, ctx: Context, lead_id: int, before: datetime) -> bool:
    """Begin to erase a lead of which nothing was heard since `before`; False if it was meanwhile."""
    leads.get(tx, lead_id, lock=True)
    if not erasures.at_rest_since(tx, before, limit=1, lead_id=lead_id):
        return False
    ask(tx, ctx, lead_id, aged=True)
    return True


def stones_of_address(tx: Connection, address: str) -> Sequence[Tombstone]:
    """The tombstones of whoever was erased with this address."""
    words = asked_words(Record("", email_key=email_key(address)))
    return erasures.standing(tx, list(digests(tx, words).values()))


def refuse_address(tx: Connection, ctx: Context, address: str) -> None:
    """Take nobody with this address from now on, though none was ever known."""
    words = traces(Person(addresses=frozenset((email_key(address),))))
    erasures.bury(tx, digests(tx, words).values(), None, at=ctx.now, aged=False)


def drop_refused(database: Database, address: str) -> int:
    """Keep no refused record in which this address stands; gives how many there were."""
    key = email_key(address)
    person = Person(addresses=frozenset((key,)))
    return _erase_refused(database, person, [of_address(address), of_address(key)], [])


def agree(tx: Connection, ctx: Context, lead_id: int) -> None:
    """Say yes to what somebody else has asked for, and begin. Raises LeadNotFound if nobody has."""
    asked = erasures.of_lead(tx, lead_id)
    if asked is None:
        raise LeadNotFound(f"#{lead_id}")
    if asked.agreed_at is None:
        erasures.agree(tx, asked.id, by=ctx.actor, at=ctx.now)
        _begin(tx, ctx, asked)


def decline(tx: Connection, _ctx: Context, lead_id: int) -> None:
    """Say no to what somebody has asked for; where it has begun this does nothing."""
    asked = erasures.of_lead(tx, lead_id)
    if asked is not None:
        erasures.decline(tx, asked.id)


def _begin(tx: Connection, ctx: Context, erasure: Erasure) -> None:
    """Close what is open, leave tombstones, mark the leads, and have the messages about them rewritten."""
    ids = erasing.family(tx, erasure.lead_id)
    whom = person_of(tx, ids)
    erasures.bury(tx, digests(tx, traces(whom)).values(), erasure.lead_id, at=ctx.now, aged=erasure.aged)
    handoff_ids = erasing.handoffs_of(tx, ids)
    for each in ids:
        complete = erasing.complete(tx, COMPLETE, each)
        leads.change(
            tx,
            each,
            {
                "forgotten_at": ctx.now,
                "was_complete": complete,
                "recycled_until": None,
                "unrouted_at": None,
            },
        )
        for handoff in handoffs.of_lead(tx, each):
            clocks.stop_all(tx, handoff.id, at=ctx.now)
            if handoff.state in OPEN_HANDOFF:
                handoffs.change(tx, handoff.id, {"state": HandoffState.CLOSED, "closed_at": ctx.now})
    history.record(tx, ctx.stamp, EventKind.FORGOTTEN, lead_id=erasure.lead_id)
    _rewrite(tx, ctx, ids, handoff_ids, aged=erasure.aged)


def _rewrite(tx: Connection, ctx: Context, ids: list[int], handoff_ids: list[int], *, aged: bool) -> None:
    """Let every message about these leads say that the person was removed; what has not gone never goes."""
    about = erasing.messages_about(tx, ids)
    erasing.drop_unsent(tx, about)
    gathered = erasing.absence_notices(tx, ids)
    gathered += [message.id for message in nags.messages_about(tx, handoff_ids)]
    gathered += erasing.gathered_notices(tx, ids)
    rank = Rank.COLOUR if aged else Rank.REPORT
    posts.rewrite_all(tx, ctx.stamp, [*about, *gathered], rank=rank)


def person_of(tx: Connection, lead_ids: Iterable[int]) -> Person:
    """All by which the person behind these leads is known."""
    rows = [row for each in lead_ids if (row := leads.get(tx, each)) is not None]
    own = {row.id for row in rows}
    addresses = {row.email_key for row in rows if row.email_key}
    addresses |= {key for row in rows for key in leads.former_addresses_of(tx, row.id)}
    phones = {row.phone_key for row in rows if row.phone_key}
    phones |= {key for row in rows for key in _former_phones(tx, row)}
    return Person(
        addresses=frozenset(addresses),
        ids=frozenset(alias for row in rows for alias in leads.aliases(tx, row.id)),
        phones=frozenset(phones),
        names=frozenset(name for row in rows for name in _names(row)),
        shared=frozenset(each for each in addresses if set(leads.by_email_key(tx, each)) - own),
        shared_phones=frozenset(each for each in phones if set(leads.by_phone_key(tx, each)) - own),
    )


def _former_phones(tx: Connection, lead: Lead) -> Iterator[str]:
    region = region_of({"country": lead.country})
    for was in history.former_values(tx, lead.id, "phone"):
        if key := phone_key(was, region):
            yield key


def _names(lead: Lead) -> Iterator[Name]:
    yield Name(lead.first_name, lead.last_name)
    for kept in lead.names_before:
        yield Name(kept[0], kept[1])


def carry_out(database: Database, context: Contexts, erasure: Erasure) -> None:
    """Erase what is left of a person, in transactions of at most 500 rows. Blocks; may be broken off.

    Raises DatabaseAway; whoever calls again goes on where it ended.
    """
    ids = database.read_now(erasing.family, erasure.lead_id)
    if not erasure.aged:
        person = database.read_now(person_of, ids)
        spellings = database.read_now(_spellings, ids)
        _erase_refused(database, person, spellings, ids)
        _erase_mentions(database, context, spellings, ids)
        database.write_now(_erase_splits, context(), ids, _full_names(person))
    types = {*ruled_activities(context().book.current), *TouchKind}
    for step in (
        lambda tx, after: erasing.empty_events(tx, ids, after),
        lambda tx, after: erasing.empty_activities(tx, ids, after, types),
    ):
        after: int | None = 0
        while after is not None:
            after = database.write_now(step, after)
            time.sleep(GAP)
    database.write_now(_finish, ids, erasure.id, context().now)
    database.forget_pages()


def _finish(tx: Connection, ids: list[int], erasure_id: int, now: datetime) -> None:
    erasing.drop_unsent(tx, erasing.messages_about(tx, ids))  # what was said meanwhile
    erasing.empty_leads(tx, ids)
    erasures.done(tx, erasure_id, at=now)


def _full_names(person: Person) -> set[str]:
    return set(filter(None, (full_name(name.first, name.last) for name in person.names)))


def _erase_splits(tx: Connection, ctx: Context, ids: list[int], names: set[str]) -> None:
    """Strike the person's name from the history of whoever they were once one lead with."""
    others = erasing.parted_from(tx, ids)
    words = {part for name in names for part in (name, *name.split())}
    erasing.strike_names(tx, others, words)
    posts.rewrite_all(tx, ctx.stamp, erasing.messages_about(tx, others), rank=Rank.REPORT)


def _spellings(tx: Connection, lead_ids: list[int]) -> list[Spelling]:
    """How the person is written where people read: by what is theirs alone, and by their whole names."""
    rows = [row for each in lead_ids if (row := leads.get(tx, each)) is not None]
    person = person_of(tx, lead_ids)
    addresses = {row.email for row in rows if row.email} | person.addresses
    found = [of_address(each) for each in addresses if email_key(each) not in person.shared]
    found += [of_profile(row.linkedin_url) for row in rows if row.linkedin_url]
    for number in person.phones - person.shared_phones:
        found += of_number(number.partition(";")[0], country_code_of(number))
    found += [each for row in rows if row.phone and not row.phone_key for each in of_number(row.phone)]
    others = [name for name in person.names if not leads.are_called(tx, name.first, name.last, lead_ids)]
    return [*found, *of_names(others)]


def _erase_refused(database: Database, person: Person, spellings: Sequence[Spelling], ids: list[int]) -> int:
    after = count = 0
    written = _pattern(spellings)
    while rows := database.read_now(erasing.refused_after, after):
        gone = [row.id for row in rows if _is_about(row, person, written) or _is_deed_of(row, ids)]
        left = [row.id for row in rows if row.id not in gone and row.lead_id in ids]
        if gone:
            count += database.write_now(refused.drop, gone)
        if left:
            database.write_now(erasing.blur_refused, left, SOMEBODY_REMOVED)
        after = rows[-1].id
        time.sleep(GAP)
    return count


def everything_about(tx: Connection, typed: str, lead_ids: list[int]) -> dict[str, object]:
    """All that is kept about a person: the rows of each table, and what was refused.

    `typed` is what they were asked for by: an address is looked for among the refused records too. Where
    others mention them only the place is given.
    """
    ids = [each for lead_id in lead_ids for each in erasing.family(tx, lead_id)]
    known, spellings = person_of(tx, ids), _spellings(tx, ids)
    if "@" in typed:
        key = email_key(typed)
        known = replace(known, addresses=known.addresses | {key})
        spellings += [of_address(typed), of_address(key)]
    written = _pattern(spellings)
    kept, after = [], 0
    while rows := erasing.refused_after(tx, after):
        kept += [each for each in rows if _is_about(each, known, written) or _is_deed_of(each, ids)]
        after = rows[-1].id
    refused_ones = [{"number": each.id, "door": each.door, "body": each.body} for each in kept]
    theirs = dict(person.rows_about(tx, ids))
    return {"asked": typed, **theirs, "refused": refused_ones, "mentioned": _mentioned(tx, spellings, ids)}


def _mentioned(tx: Connection, spellings: Sequence[Spelling], ids: list[int]) -> list[dict[str, object]]:
    """The rows of others in which the person is mentioned; what they say is about others too."""
    found: dict[tuple[str, str], dict[str, object]] = {}
    for place in mentions.places():
        for key in mentions.mentions(tx, place, spellings):
            of = mentions.leads_of(tx, place, [key])
            others = place.table is not refused_rows and of.isdisjoint(ids)
            if others and mentions.stands_in(tx, place, key, spellings):
                row: dict[str, object] = {"table": place.table.name, "row": list(key)}
                found[place.table.name, str(key)] = {**row, "lead": next(iter(of), None)}
    return list(found.values())


def _is_deed_of(row: erasing.Kept, ids: list[int]) -> bool:
    """Whether it is a single activity that was told of one of these leads."""
    return row.door == ACTIVITY and row.lead_id in ids


def _pattern(spellings: Sequence[Spelling]) -> re.Pattern[str]:
    """What is the person's alone, in any text; a pattern that finds nothing if there is nothing."""
    forms = [each.pattern for each in spellings if not each.name]
    return re.compile("|".join(forms) or "(?!)", re.IGNORECASE)


def _is_about(row: erasing.Kept, person: Person, written: re.Pattern[str]) -> bool:
    """Whether a refused record is about the person: by an address, a number, an id, or the whole name."""
    if row.email_key in person.addresses - person.shared:
        return True
    values = set(_texts(row.body))
    if any(written.search(value) for value in values):
        return True
    if any((row.system, value) in person.ids for value in _texts(row.body, fold=False)):
        return True
    parts = [((name.first or "").casefold(), (name.last or "").casefold()) for name in person.names]
    return any(all(each) and set(each) <= values for each in parts) or any(
        name.casefold() in values for name in _full_names(person) if " " in name
    )


def _texts(value: object, *, fold: bool = True) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _texts(each, fold=fold)
    elif value is not None:
        yield str(value).strip().casefold() if fold else str(value).strip()


def _erase_mentions(
    database: Database, context: Contexts, spellings: Sequence[Spelling], ids: list[int]
) -> None:
    """Strike what is theirs wherever else it stands: another's notes, a decision, a history; in Slack too."""
    for place in mentions.places():
        keys = database.read_now(mentions.mentions, place, spellings)
        for start in range(0, len(keys), erasing.AT_ONCE):
            some = keys[start : start + erasing.AT_ONCE]
            database.write_now(_strike_all, context(), place, some, spellings, ids)
            time.sleep(GAP)


def _strike_all(
    tx: Connection,
    ctx: Context,
    place: mentions.Place,
    keys: list[tuple[object, ...]],
    spellings: Sequence[Spelling],
    ids: list[int],
) -> None:
    struck = [key for key in keys if mentions.strike(tx, place, key, spellings)]
    others = mentions.leads_of(tx, place, struck) - {*ids}
    about = [*erasing.messages_about(tx, others), *mentions.messages_of(tx, place, struck)]
    posts.rewrite_all(tx, ctx.stamp, about, rank=Rank.REPORT)
