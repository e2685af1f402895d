"""Open leads that name what the agreement no longer has are seen: with what is gone, and what to do."""

from __future__ import annotations

import pytest

from bot.agreement import AgreementFaults, default_agreement, loaded
from bot.handoffs.accept import Accept, accept
from bot.handoffs.dispute import Contest, contest
from bot.handoffs.reject import Reject, reject
from bot.lookups.lists import listing
from bot.lookups.oversight import oversight_of
from bot.lookups.strays import strays_of
from bot.views.ids import Listed, ListKind
from bot.views.oversight import oversight_board
from bot.views.strays import STRAY_WORDS, Stray, StrayKind, stray_words
from storage import replicas
from storage.database import Database
from tests.bot.ledger import ADMIN, MARKETER, RILEY, SASHA, Ledger
from tests.bot.views.reading import texts

DEFAULT = default_agreement().text


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


def agrees(ledger: Ledger, *changes: tuple[str, str]) -> None:
    text = DEFAULT
    for was, becomes in changes:
        assert was in text
        text = text.replace(was, becomes)
    ledger.agrees(loaded(text))


def words(blocks: object) -> str:
    return "\n".join(texts(blocks))


def seen(ledger: Ledger) -> tuple[Stray, ...]:
    return ledger.database.read_now(strays_of, ledger.book)


def test_nothing_is_astray_under_the_agreement_that_leads_came_in_under(ledger: Ledger) -> None:
    ledger.handoff_comes()
    assert seen(ledger) == ()


def test_a_team_a_rep_a_channel_a_reason_that_are_gone_are_named_with_how_many_leads(ledger: Ledger) -> None:
    first = ledger.handoff_comes()
    ledger.slack_shows("card")
    ledger.does(RILEY, accept, Accept(first))
    second = ledger.handoff_comes(external_id="2", email="b@b.example", company="B", employees=9)
    owner = ledger.handoff(second).owner or ""
    third = ledger.handoff_comes(external_id="3", email="c@c.example", company="C")
    ledger.does(RILEY, reject, Reject(third, "bad_contact"))
    agrees(ledger, ('"C0GROWTH"', '"C0NEW"'), (f'"{owner}"', '"U0NEW"'), ('"bad_contact"', '"wrong_data"'))
    assert seen(ledger) == (
        Stray(StrayKind.REP, owner, 1),
        Stray(StrayKind.CHANNEL, "C0GROWTH", 1),
        Stray(StrayKind.REASON, "bad_contact", 1),
    )
    agrees(ledger, ('name    = "Enterprise"', 'name    = "Big"'))
    assert seen(ledger) == (Stray(StrayKind.TEAM, "Enterprise", 1),)


def test_a_contested_rejection_of_a_team_that_is_gone_is_named(ledger: Ledger) -> None:
    handoff_id = ledger.handoff_comes()
    ledger.does(RILEY, reject, Reject(handoff_id, "bad_contact"))
    ledger.does(MARKETER, contest, Contest(handoff_id, "It works"))
    agrees(ledger, ('name    = "Enterprise"', 'name    = "Big"'))
    assert seen(ledger) == (Stray(StrayKind.CONTESTED, "Enterprise", 1),)
    agrees(ledger, ('name    = "Enterprise"', 'name    = "Big"\nrenamed_from = ["Enterprise"]'))
    assert seen(ledger) == ()


def test_each_says_what_is_so_and_what_to_do() -> None:
    assert set(STRAY_WORDS) == set(StrayKind)
    says, remedy = stray_words(Stray(StrayKind.TEAM, "Enterprise", 2))
    assert says == "2 open leads of team Enterprise, which the agreement no longer has"
    assert 'renamed_from = ["Enterprise"]' in remedy


def test_the_queue_shows_admins_and_marketing_the_leads_of_a_team_that_is_gone(ledger: Ledger) -> None:
    ledger.handoff_comes()
    agrees(ledger, ('name    = "Enterprise"', 'name    = "Big"'))
    for reader in (ADMIN, MARKETER):
        shown = ledger.does(reader, listing, Listed(what=ListKind.QUEUE))
        said = words(shown.blocks)
        assert "Jane Doe" in said
        assert "Enterprise* is no longer a team. Write `renamed_from`" in said
    assert "Jane Doe" not in words(ledger.does(SASHA, listing, Listed(what=ListKind.QUEUE)).blocks)


def test_home_names_them_to_admins_and_the_batons_that_go_by_another_agreement(ledger: Ledger) -> None:
    ledger.handoff_comes()
    agrees(ledger, ('name    = "Enterprise"', 'name    = "Big"'))
    for name, digest in (("one:1", ledger.book.text_hash), ("two:2", "another")):
        ledger.database.write_now(replicas.beat, name, ledger.now, digest)
    said = words(oversight_board(ledger.database.read_now(oversight_of, ledger.book, ADMIN, ledger.now)))
    assert "1 open lead of team Enterprise, which the agreement no longer has." in said
    assert "two:2 runs another agreement. Give all the same file, then run `python app.py reload`." in said
    assert "one:1" not in said


def test_who_is_gone_for_a_minute_is_no_longer_at_work(ledger: Ledger) -> None:
    ledger.database.write_now(replicas.beat, "two:2", ledger.now - 1.1 * replicas.AT_WORK, "another")
    ledger.database.write_now(replicas.beat, "one:1", ledger.now, "mine")
    assert ledger.database.read_now(replicas.of_another_agreement, "mine") == []


@pytest.mark.parametrize(
    ("renamed", "says"),
    [
        ('["Growth"]', '"Growth" is still a team; take it out here, or rename that team'),
        ('["Old", "Old"]', '"Enterprise" was renamed from "Old" already; take it out of one of them'),
    ],
)
def test_a_name_that_is_still_a_team_or_is_claimed_twice_is_a_fault(renamed: str, says: str) -> None:
    text = DEFAULT.replace('name    = "Enterprise"', f'name    = "Enterprise"\nrenamed_from = {renamed}')
    with pytest.raises(AgreementFaults, match=says.replace("[", r"\[")):
        loaded(text)
