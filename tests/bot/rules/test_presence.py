"""Whom to ask: those who are present, and where nobody is, everybody."""

from __future__ import annotations

from datetime import timedelta

from bot.rules.presence import to_ask
from tests.bot.ledger import MANAGER, RILEY, ROBIN, Ledger


def test_where_nobody_is_there_everybody_is_asked(ledger: Ledger) -> None:
    everybody = [RILEY, ROBIN, MANAGER]
    for user in everybody:
        ledger.goes_away(user, timedelta(hours=2))
    assert ledger.database.read_now(to_ask, everybody, ledger.now + timedelta(seconds=1)) == everybody


def test_nobody_who_is_away_is_asked_as_long_as_somebody_is_there(ledger: Ledger) -> None:
    ledger.goes_away(RILEY, timedelta(hours=2))
    assert ledger.database.read_now(to_ask, [RILEY, ROBIN], ledger.now + timedelta(seconds=1)) == [ROBIN]
    assert ledger.database.read_now(to_ask, [RILEY, ROBIN], ledger.now + timedelta(hours=3)) == [RILEY, ROBIN]
