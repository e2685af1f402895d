"""Every column that can hold text is erased with the person, or stays for a reason that is named here."""

from __future__ import annotations

from sqlmodel import SQLModel

from storage.erasing import DELETED, ERASED, holds_text

STAYS = {
    "absence.*": "people of the workspace",
    "destination.*": "how another tool does",
    "crm_account.*": "which account another tool is of",
    "crm_feed.*": "how far another tool was asked",
    "dispatch.*": "why another tool did not take an event, in the bot's words",
    "heard.*": "kinds of things that Slack tells",
    "workspace.*": "the workspace",
    "activity.type": "only words of the agreement stay",
    "agreement_version.*": "what both sides agreed",
    "campaign.*": "what was spent",
    "clock.*": "who kept a commitment, and when",
    "content_feedback.*": "which content helped whom",
    "decision.*": "the managers' own words; addresses and numbers in them are struck",
    "delivery.*": "where a message stands",
    "dispute.*": "who said what when",
    "erasure.*": "who asked for it",
    "event.*": "who did what kind of thing",
    "dropped_file.*": "a file that is being read; gone once it is",
    "forecast.*": "counts and the hash of an agreement; it names nobody",
    "handoff.*": "who did what when, and how it was judged",
    "heartbeat.*": "the bot's own",
    "replica.*": "the bot's own",
    "sent_form.*": "Slack's ids of forms",
    "installation.*": "the installation's own",
    "lane.*": "the pace of a place",
    "lead.*": "how many, from where, how good",
    "nag.*": "whom it was said to",
    "outage.*": "when nobody was at work",
    "person.*": "people of the workspace",
    "ping.*": "people of the workspace",
    "proposal.*": "what the managers propose to change; addresses and numbers in their words are struck",
    "report.*": "figures",
    "rotation.*": "whose turn it is",
    "tombstone.*": "a keyed hash",
    "user_group.*": "people of the workspace",
}
STAYS_OF_LEADS = {"source", "campaign", "currency", "owner", "grade", "priority"}
STAYS_OF_HANDOFFS = {
    *("team", "priority", "grade", "campaign", "owner", "accepted_by", "rejected_by", "reason"),
    *("touched_by", "currency", "token"),
}


def test_every_text_column_is_erased_or_stays_for_a_reason() -> None:
    unknown = [
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if holds_text(column)
        and table.name not in DELETED
        and column.name not in ERASED.get(table.name, {})
        and not {f"{table.name}.{column.name}", f"{table.name}.*"} & STAYS.keys()
    ]
    assert unknown == [], "say in storage/erasing.py what becomes of these when a person is erased"


def test_of_leads_and_handoffs_each_column_that_stays_is_named() -> None:
    for name, stays in (("lead", STAYS_OF_LEADS), ("handoff", STAYS_OF_HANDOFFS)):
        table = SQLModel.metadata.tables[name]
        left = {column.name for column in table.columns if holds_text(column)} - ERASED[name].keys()
        assert left == stays


def test_what_is_erased_are_columns_that_exist() -> None:
    for name, columns in ERASED.items():
        assert columns.keys() <= set(SQLModel.metadata.tables[name].columns.keys())
