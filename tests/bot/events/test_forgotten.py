"""What waits for another tool while a person is erased names them no more when it is sent."""

from __future__ import annotations

import json
from datetime import timedelta

from storage import destinations
from tests.bot.events.test_rounds import DOWN, Tool, types
from tests.bot.handoffs.test_forget import TRACES, ZELDA, erased
from tests.bot.ledger import Ledger


def test_events_that_waited_are_sent_without_the_person(ledger: Ledger) -> None:
    tool = Tool(ledger)
    handoff = ledger.handoff_comes(**ZELDA)
    lead = ledger.lead_of(handoff).id
    tool.told(lambda _: DOWN)  # away while the person is erased
    erased(ledger, lead)
    ledger.passes(timedelta(hours=1))
    sent = tool.told()
    assert types(sent)[-1] == "lead.forgotten"
    assert [each["sequence"] for each in sent] == list(range(1, len(sent) + 1))
    text = json.dumps(sent, ensure_ascii=False).casefold()
    assert [trace for trace in TRACES if trace in text] == []
    assert ledger.database.read_now(destinations.backlogs) == {}
