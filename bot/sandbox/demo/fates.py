"""What became of the leads of the last four weeks: the script that the demo's history is played from.

One line is one lead: how interested it was, then what happened to it. Who they are and when things happen to
the minute is left to chance and the seed, so the proportions stay plausible whatever the seed is.

hot warm mild cold   how it came in (see cast.py); cold ones never go to sales
large small          for Enterprise or for Growth; left out, either
newsletter           the campaign it came from, by name; left out, any
won lost deal sql touched accepted   how far it got, by now
a reason's code      turned down before contact, or put aside after it, for that reason
agreed resubmitted upheld overturned contested   what marketing answered, and how that was ruled on
late, reassigned     decided after the agreed time, or so late that it went to somebody else
slow                 first contact after the agreed time
snoozed              put off once
"""

from __future__ import annotations

FIRST_WEEK = """
hot large won
hot small won
warm large won slow
warm small lost
hot large lost late
warm large deal
mild large touched no_response late
warm small touched locked_in
mild small too_small agreed
warm large wrong_role upheld
hot small bad_contact resubmitted
mild large low_intent
hot large wrong_territory sql
cold
cold
cold
"""

SECOND_WEEK = """
hot large won
warm large deal
warm small deal late
hot small lost
warm large sql slow
mild large touched no_budget reassigned
mild small touched no_project
warm small low_intent overturned
mild large junk agreed
warm small newsletter too_small agreed
hot large deal snoozed
mild small touched no_response slow
cold
cold
cold
"""

THIRD_WEEK = """
hot small won late
hot large deal
warm large sql
warm small sql late
warm large touched no_response slow
mild large touched no_response
mild small touched bad_timing late
warm large wrong_industry overturned
hot small bad_contact resubmitted
warm small newsletter too_small overturned
hot large deal slow
mild small newsletter too_small
warm small newsletter too_small agreed
cold
cold
cold
"""

LAST_WEEK = """
hot large sql
warm large deal
warm small touched slow
hot small sql late
mild large touched
warm large touched
mild small touched reassigned
warm small newsletter low_intent contested
hot small bad_contact
mild small newsletter too_small agreed
warm large existing_customer
hot large touched slow
warm small touched late
warm small newsletter too_small overturned
mild large low_intent agreed
cold
cold
cold
"""

WEEKS = tuple(
    tuple(tuple(line.split()) for line in week.strip().splitlines())
    for week in (FIRST_WEEK, SECOND_WEEK, THIRD_WEEK, LAST_WEEK)
)

TODAY = (
    (95, ("warm", "large", "accepted")),
    (66, ("warm", "large")),
    (48, ("mild", "small")),
    (24, ("warm", "large")),
    (13, ("warm", "small")),
    (6, ("mild", "large")),
    (2, ("hot", "large")),
)
"""Today's leads, most of them still undecided: how many minutes ago they came in, and their fate."""

OPEN_QUESTIONS = ("contested", "bad_contact")
"""What a fate ends with where marketing or the manager still owes an answer."""

NOTES = {
    "bad_contact": "The number rings out and the e-mail bounced",
    "too_small": "Two people and a shared inbox",
    "wrong_role": "Writes papers, buys nothing",
    "low_intent": "Only wanted the slides",
    "wrong_industry": "They run a bakery chain",
    "no_budget": "The budget for this year is gone, they say",
    "bad_timing": "Busy with a merger until summer",
    "locked_in": "Signed with somebody else for two years",
    "existing_customer": "Already talking to us about a second site",
    "not_a_buyer": "Works for a competitor",
    "wrong_territory": "Part of a group that the other team owns",
}
ARGUMENTS = {
    "too_small": "The headcount on their site is from before the merger; they are 90 people now",
    "wrong_role": "They buy for the whole lab; ask about last spring's order",
    "low_intent": "They asked for the price list two days later. That is not low intent",
    "wrong_industry": "They build their own till software; we agreed in September that this counts",
}
"""What marketing says against a rejection, by its reason."""
DECISIONS = {
    "accept": "The rep on shift checks the channel at ten, noon and three",
    "first_touch": "First contact before anything else in the morning",
    "campaign": "The newsletter form asks for the size of the company",
    "reasons": "Marketing and sales review ten of these together",
    "disputes": "Morgan and Mara read the reasons together on Thursday",
    "": "We review these leads together on Thursday",
}
"""What the managers decide over a point of the digest, by a part of the point's key."""
SNOOZED_BECAUSE = "On a call with them tomorrow anyway"
