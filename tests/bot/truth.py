"""What no message may say: each as a question to the database, whose answer must be none."""

from __future__ import annotations

from sqlalchemy import Connection, text

FALSE = {
    "a lead is said to be theirs that never was": """
        SELECT count(*) FROM nag WHERE what IN ('given', 'assigned', 'able') AND NOT EXISTS (
            SELECT 1 FROM event e WHERE e.handoff_id = nag.handoff_id AND e.at = nag.at
            AND e.kind IN ('lead.reassigned', 'lead.handed_off', 'lead.accepted')
            AND json_extract(e.detail, '$.owner') = nag.place)""",
    "a lead is said to be late that was not": """
        SELECT count(*) FROM nag JOIN clock ON clock.id = nag.clock_id WHERE nag.what = 'breach'
        AND (clock.breached_at IS NULL OR clock.breached_at > nag.at)""",
    "somebody is reminded of what they do not have": """
        SELECT count(*) FROM nag JOIN clock ON clock.id = nag.clock_id WHERE nag.what = 'nudge'
        AND clock.kind <> 'answer' AND clock.owner IS NOT NULL AND clock.owner <> nag.place""",
    "a thread tells of a change that is not in the history": """
        SELECT count(*) FROM delivery d WHERE d.kind = 'history' AND NOT EXISTS (
            SELECT 1 FROM event e WHERE e.handoff_id = d.handoff_id
            AND e.kind = json_extract(d.body, '$.event'))""",
}


def times(tx: Connection, query: str) -> int:
    """How many such messages there are."""
    return int(tx.execute(text(query)).scalar_one())
