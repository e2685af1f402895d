"""One sender of many urgent leads does not hold up those of the others."""

from __future__ import annotations

from datetime import timedelta

from storage.outbox.posts import Rank
from tests.bot.ledger import Ledger


def ranks(ledger: Ledger) -> list[int]:
    return [row.rank for row in ledger.messages("card")]


def test_a_burst_of_one_sender_waits_behind_the_first_of_another(ledger: Ledger) -> None:
    for n in range(25):
        ledger.takes_in("api:spam", email=f"s{n}@spam{n}.example", external_id=f"s{n}", company=f"S{n}")
    ledger.takes_in("api:crm", email="jane@acme.example", external_id="real")
    found = ranks(ledger)
    assert found[0] == found[9] == Rank.FIRST
    assert found[:25] == sorted(found[:25])
    assert Rank.FIRST < found[24] < Rank.SECOND
    assert found[25] == Rank.FIRST


def test_the_share_is_whole_again_after_a_while_and_never_less_urgent_than_the_next_priority(
    ledger: Ledger,
) -> None:
    for n in range(12):
        ledger.takes_in("api:spam", email=f"s{n}@spam{n}.example", external_id=f"s{n}", company=f"S{n}")
    ledger.passes(timedelta(minutes=6))
    ledger.takes_in("api:spam", email="last@spam.example", external_id="last", company="Last")
    assert ranks(ledger)[11:] == [Rank.FIRST + 1, Rank.FIRST]
