"""Who may do what, by everything that can come in over Slack: one table of doors and people.

Each line does what a listener asks of Baton, as each person, and undoes it. Whoever is no member reaches no
listener at all: `test_no_outsider_reaches_a_listener` here, and as a story over the wire
`tests/scenarios/test_outsiders_story.py`. That a refusal is read is shown by `test_every_refusal.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import pytest
from sqlalchemy import Connection

from bot import handoffs
from bot.agreement import default_agreement, loaded
from bot.agreement.book import AgreementBook
from bot.digest.deciding import Decide, decide
from bot.errors import DomainError, NotAllowed, NotAMember, NotPossible, Obstacle
from bot.handoffs import erasure, forms, proposals
from bot.handoffs.accept import Accept
from bot.handoffs.add import Add, add_form, add_lead
from bot.handoffs.away import ComeBack, GoAway, cancel_absence, come_back, go_away
from bot.handoffs.away_leads import HandOn, hand_on, reclaim_all
from bot.handoffs.dispute import Agree, Contest, Resubmit, Rule, agree, contest, resubmit, rule
from bot.handoffs.dropped import Dropped, keep_file
from bot.handoffs.feedback import Helped, Missing, say_helped, say_missing
from bot.handoffs.home import PrefChange, change_prefs, open_home
from bot.handoffs.outcome import SetOutcome, set_outcome
from bot.handoffs.proposing import Propose, advised_form, proposal_form, propose
from bot.handoffs.reassign import Reassign, Take, reassign, take
from bot.handoffs.reject import Reject
from bot.handoffs.snooze import MoreTime, Snooze, give_more_time, snooze
from bot.handoffs.split import Split, split, split_form
from bot.handoffs.team import EditTeam, team_changes, team_form
from bot.handoffs.touch import Touch, touch
from bot.handoffs.undo import Undo, undo
from bot.lookups.away import away_form, reps_led
from bot.lookups.details import details_of, details_of_handoff
from bot.lookups.digest import alignment_answer, leads_of_figure, point_to_decide, shared_answer
from bot.lookups.lists import listing
from bot.lookups.status import Status, history_of, status_of
from bot.lookups.why import WhyAsked, why_of
from bot.views.answers import answer_to
from bot.views.ids import (
    Action,
    Advised,
    Callback,
    Command,
    FigureRef,
    LeadWord,
    Listed,
    ListKind,
    More,
    ProposalContext,
    Shortcut,
)
from bot.views.modals.add import Who
from handlers.slack.members import members_only
from storage.database import Database
from storage.models import Outcome, Ruling, TouchKind
from tests.bot.ledger import ADMIN, MANAGER, MARKETER, RILEY, ROBIN, SASHA, Ledger
from tests.handlers.slack.test_every_refusal import listeners

CMO, SECOND_ADMIN, MEMBER = "U0CMO", "U0ADA", "U0NOBODY"
PEOPLE = {
    ADMIN: "admin",
    MARKETER: "marketer",
    CMO: "marketing's manager",
    MANAGER: "manager",
    RILEY: "the lead's owner",
    ROBIN: "rep of the team",
    SASHA: "rep of another team",
    MEMBER: "a member whom nothing names",
}
ALL = frozenset(PEOPLE)
TEAM = frozenset({ADMIN, MANAGER, RILEY, ROBIN})
HOLDER = TEAM - {ROBIN}
LEADS = frozenset({ADMIN, MANAGER})
MARKETING = frozenset({ADMIN, MARKETER, CMO})
NAMED = ALL - {MEMBER}
REPS = frozenset({RILEY, ROBIN, SASHA})
SIGNERS = LEADS | {CMO}
ADMINS = frozenset({ADMIN})

WAITING, HELD, REJECTED, CONTESTED = 1, 2, 3, 4
"""The handoffs of the table: with nobody, with Riley, rejected by Riley, and that contested by marketing."""
LEAD = HELD
NEW = {"email": "new@new.example", "last_name": "New"}


@dataclass(frozen=True)
class Line:
    """Who may do it, and what it is."""

    who: frozenset[str]
    use_case: Any
    command: Any = None


def lines(who: frozenset[str], *deeds: tuple[Any, Any]) -> list[Line]:
    return [Line(who, use_case, command) for use_case, command in deeds]


ANSWERS = lines(
    MARKETING,
    (agree, Agree(REJECTED)),
    (resubmit, Resubmit(REJECTED, {"title": "CEO"})),
    (contest, Contest(REJECTED, "They asked for it.")),
)
WORDS: Mapping[LeadWord, list[Line]] = {
    LeadWord.STATUS: lines(ALL, (status_of, Status("#2", shared=False))),
    LeadWord.MINE: lines(ALL, (listing, Listed(what=ListKind.MINE))),
    LeadWord.QUEUE: lines(ALL, (listing, Listed(what=ListKind.QUEUE))),
    LeadWord.HISTORY: lines(ALL, (history_of, "#2")),
    LeadWord.WHY: lines(ALL, (why_of, WhyAsked("#2"))),
    LeadWord.ADD: lines(NAMED, (add_form, None)),
    LeadWord.SPLIT: lines(LEADS, (split_form, "#2")),
    LeadWord.AWAY: [*lines(REPS | {MANAGER, CMO}, (go_away, GoAway("until Friday")))],
    LeadWord.BACK: lines(LEADS | {RILEY}, (come_back, ComeBack(RILEY))),
    LeadWord.HELP: [],  # what each may do is listed, and nothing done
}
CHOICES: Mapping[More, list[Line]] = {
    More.SNOOZE: lines(HOLDER, (forms.snooze_form, forms.AskSnooze(HELD))),
    More.REASSIGN: lines(LEADS, (forms.reassign_form, HELD)),
    More.DETAILS: lines(ALL, (details_of_handoff, HELD)),
    More.UNDO: lines(frozenset({RILEY}), (undo, Undo(HELD))),  # whoever did it
    More.OPEN_CRM: [],
}
ACTIONS: Mapping[Action, list[Line]] = {
    Action.ACCEPT: lines(TEAM, (handoffs.accept, Accept(WAITING))),
    Action.REJECT: lines(TEAM, (forms.reject_form, forms.AskReject(WAITING))),
    Action.REASON: [
        *lines(TEAM, (forms.reject_form, forms.AskReject(WAITING, "junk"))),
        *lines(HOLDER, (forms.outcome_form, forms.AskOutcome(HELD, Outcome.DISQUALIFIED, "junk"))),
    ],
    Action.TOUCH: lines(HOLDER, (forms.touch_form, HELD)),
    Action.OUTCOME: lines(HOLDER, (forms.outcome_form, forms.AskOutcome(HELD))),
    Action.RESULT: lines(HOLDER, (forms.outcome_form, forms.AskOutcome(HELD, Outcome.WON))),
    Action.MORE: [line for choice in CHOICES.values() for line in choice],
    Action.REASSIGN_FORM: lines(LEADS, (forms.reassign_form, HELD)),
    Action.REASSIGN: lines(
        LEADS, (forms.give_form, forms.AskGive(HELD, ROBIN)), (reassign, Reassign(HELD, ROBIN))
    ),
    Action.TAKE: lines(LEADS, (take, Take(HELD))),
    Action.MORE_TIME: lines(LEADS, (forms.snooze_form, forms.AskSnooze(HELD, only_more=True))),
    Action.DISPUTE: lines(MARKETING, (forms.dispute_form, forms.AskDispute(REJECTED))),
    Action.ANSWER: lines(MARKETING, (forms.dispute_form, forms.AskDispute(REJECTED))),
    Action.UPHOLD: lines(LEADS, (rule, Rule(CONTESTED, Ruling.UPHELD))),
    Action.OVERTURN: lines(LEADS, (rule, Rule(CONTESTED, Ruling.OVERTURNED))),
    Action.UNDO: CHOICES[More.UNDO],
    Action.OPEN_CRM: [],
    Action.STATUS: WORDS[LeadWord.STATUS],
    Action.PAGE_BACK: WORDS[LeadWord.QUEUE],
    Action.PAGE_ON: WORDS[LeadWord.QUEUE],
    Action.DETAILS: lines(ALL, (details_of, LEAD)),
    Action.HELPED: lines(TEAM | MARKETING, (say_helped, Helped(HELD, "https://example.com/deck"))),
    Action.MISSING: [],  # opens a form about nothing; who sends it is asked
    Action.ADD: WORDS[LeadWord.ADD],
    Action.NUDGES: lines(ALL, (change_prefs, PrefChange(Action.NUDGES, "dm"))),
    Action.DIGEST: lines(ALL, (change_prefs, PrefChange(Action.DIGEST, "no"))),
    Action.QUIET: lines(ALL, (change_prefs, PrefChange(Action.QUIET, "no"))),
    Action.AWAY: lines(ALL, (reps_led, None)),
    Action.AWAY_READING: WORDS[LeadWord.AWAY],
    Action.AWAY_LEADS: lines(LEADS | {RILEY}, (away_form, RILEY)),
    Action.BACK: WORDS[LeadWord.BACK],
    Action.CANCEL_ABSENCE: lines(LEADS | {RILEY}, (cancel_absence, 1)),
    Action.RECLAIM: [],  # each their own, as test_away.py shows
    Action.RECLAIM_ALL: lines(ALL, (reclaim_all, 1)),  # of others' absences: nothing
    Action.DECIDE: lines(SIGNERS, (point_to_decide, FigureRef(asked="", key="volume", report=1))),
    Action.SHOW_LEADS: lines(ALL, (leads_of_figure, FigureRef(asked="week", key="volume"))),
    Action.SHOW_FIGURE: lines(ALL, (leads_of_figure, FigureRef(asked="week", key="volume"))),
    Action.SHARE: lines(ALL, (shared_answer, "week")),
    Action.TEAM_FORM: lines(ADMINS, (team_form, "Enterprise")),
    Action.TEAM_MENU: lines(ADMINS, (team_form, "Enterprise")),
    Action.PROPOSE: lines(SIGNERS, (advised_form, Advised(place="sla.P1.accept", value="10m"))),
    Action.AGREE: lines(frozenset({MANAGER}), (proposals.agree, 1)),
    Action.COUNTER: lines(frozenset({MANAGER, CMO}), (proposal_form, 1)),
    Action.DECLINE: lines(frozenset({MANAGER, CMO}), (proposals.decline, 1)),
    Action.FORGET: lines(ADMINS, (erasure.forget_form, None)),
    Action.ERASE: lines(ADMINS, (erasure.agree, WAITING)),
    Action.KEEP_PERSON: lines(ADMINS, (erasure.decline, WAITING)),
}
FORMS: Mapping[Callback, list[Line]] = {
    Callback.REJECT: lines(TEAM, (handoffs.reject, Reject(WAITING, "junk"))),
    Callback.TOUCH: lines(HOLDER, (touch, Touch(HELD, TouchKind.CALL))),
    Callback.OUTCOME: lines(HOLDER, (set_outcome, SetOutcome(HELD, Outcome.SQL))),
    Callback.SNOOZE: [
        *lines(HOLDER, (snooze, Snooze(HELD, "1h", "Asked for it"))),
        *lines(LEADS, (give_more_time, MoreTime(HELD, "1h", "Asked for it"))),
    ],
    Callback.REASSIGN: lines(LEADS, (reassign, Reassign(HELD, ROBIN))),
    Callback.SPLIT: lines(LEADS, (split, Split(LEAD, 0))),
    Callback.DISPUTE: ANSWERS,
    Callback.ADD: [
        *lines(
            NAMED,
            (add_lead, Add(NEW, qualified=False, who=Who.BATON)),
        ),
        *lines(NAMED, (keep_file, None)),
    ],
    Callback.AWAY: [
        *WORDS[LeadWord.AWAY],
        *lines(LEADS | {RILEY}, (go_away, GoAway("until Friday", RILEY))),
    ],
    Callback.AWAY_LEADS: lines(LEADS | {RILEY}, (hand_on, HandOn(RILEY, (HELD,)))),
    Callback.MISSING: lines(TEAM | MARKETING, (say_missing, Missing(HELD, "A price list"))),
    Callback.DECIDE: lines(SIGNERS, (decide, Decide(1, "volume", "Call sooner"))),
    Callback.TEAM: lines(ADMINS, (team_changes, EditTeam("Enterprise", rep=ROBIN, capacity="9"))),
    Callback.PROPOSE: lines(
        SIGNERS, (propose, Propose(ProposalContext(agreement_id=1), "value:sla.P2.accept", "9h", team="0"))
    ),
    Callback.FORGET: lines(ADMINS, (erasure.ask_to_forget, "#2")),
}
COMMANDS: Mapping[Command, list[Line]] = {
    Command.LEAD: [line for word in WORDS.values() for line in word],
    Command.ALIGNMENT: [
        *lines(ALL, (alignment_answer, "week")),
        *lines(SIGNERS, (proposal_form, None)),
    ],
}
SHORTCUTS: Mapping[Shortcut, list[Line]] = {
    Shortcut.ADD: WORDS[LeadWord.ADD],
    Shortcut.ADD_FROM_MESSAGE: WORDS[LeadWord.ADD],
}
EVENTS: Mapping[str, list[Line]] = {
    "app_home_opened": lines(ALL, (open_home, None)),  # each their own
    "app_mention": COMMANDS[Command.LEAD],
    "message": COMMANDS[Command.LEAD],
    "user_change": [],  # these Slack tells by itself
    "team_join": [],
    "subteam_members_changed": [],
}
STEPS: Mapping[str, list[Line]] = {"hand_off_lead": []}  # whoever may build a workflow: Slack asks, not Baton
TABLE: Mapping[str, Mapping[Any, list[Line]]] = {
    "action": ACTIONS,
    "view": FORMS,
    "command": COMMANDS,
    "shortcut": SHORTCUTS,
    "event": EVENTS,
    "function": STEPS,
}


OF_SOMEBODY = {Obstacle.NO_REP, Obstacle.SIGNED_BEFORE, Obstacle.NOT_YOURS_TO_UNDO}
NOTHING_TO_DO_IT_TO = (point_to_decide, decide, split_form, split)
"""What is allowed, and here has no report, or no two persons, that it could be about."""


class Undone(Exception):
    """What was done goes no further."""


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory, _sqlite_template: Any) -> Iterator[Ledger]:
    file = tmp_path_factory.mktemp("permissions") / "baton.db"
    file.write_bytes(_sqlite_template.read_bytes())
    database = Database.open(f"sqlite:///{file}")
    yield stage(database)
    database.close()


def stage(database: Database) -> Ledger:
    """Four handoffs, an absence, a proposal, and somebody who is to be erased."""
    text = default_agreement().text.replace('["U0ADMIN"]', f'["U0ADMIN", "{SECOND_ADMIN}"]', 1)
    ledger = Ledger(database, agreement=loaded(f"{text}\n[retention]\nsecond_yes = true\n"))
    for number in range(1, 5):
        who = {"external_id": f"hs-{number}", "email": f"jane@firm{number}.example"}
        assert ledger.handoff_comes(**who, company=f"Firm {number}", phone="") == number
    ledger.does(RILEY, handoffs.accept, Accept(HELD))
    for handoff in (REJECTED, CONTESTED):
        ledger.does(RILEY, handoffs.reject, Reject(handoff, "junk"))
    ledger.does(MARKETER, contest, Contest(CONTESTED, "They asked for it."))
    shown = ProposalContext(agreement_id=ledger.book.current_id)
    ledger.does(CMO, propose, Propose(shown, "value:sla.P1.accept", "10m", team="0"))
    ledger.does(SECOND_ADMIN, erasure.ask_to_forget, "#1")
    ledger.goes_away(RILEY, timedelta(days=2))
    return ledger


def outcome(ledger: Ledger, user: str, line: Line) -> DomainError | None:
    """How Baton answers one person, in whose name nothing is left behind; None: it does it."""
    command = line.command
    if line.use_case is keep_file:
        command = Dropped("F1", "leads.csv", 10, "https://files.example/1", ledger.now)

    def play(tx: Connection) -> None:
        line.use_case(tx, ledger.context(user), command)
        raise Undone

    try:
        ledger.database.write_now(play)
    except Undone:
        return None
    except DomainError as error:
        return error
    raise AssertionError("it was meant to be undone")


def test_everything_that_can_come_in_has_a_line() -> None:
    assert {kind: set(map(str, rows)) for kind, rows in TABLE.items()} == {
        kind: {what for each, what in listeners() if each == kind} for kind in TABLE
    }
    assert WORDS.keys() == set(LeadWord)
    assert CHOICES.keys() == set(More)


EACH = {
    id(line): (f"{kind} {what}: {line.use_case.__name__}", line)
    for kind, rows in TABLE.items()
    for what, row in rows.items()
    for line in row
}
"""Every line once, by the first door that it stands at."""


@pytest.mark.parametrize("line", [line for _, line in EACH.values()], ids=[door for door, _ in EACH.values()])
def test_each_door_is_open_to_some_and_says_to_the_others_why_not(ledger: Ledger, line: Line) -> None:
    told = {user: outcome(ledger, user, line) for user in PEOPLE}
    refused = {user: error for user, error in told.items() if error is not None and is_about_who(error)}
    assert ALL - refused.keys() == line.who, told
    assert all(answer_to(error, user) for user, error in refused.items())
    assert all(error.who_can for error in refused.values() if isinstance(error, NotAllowed))
    assert None in told.values() or line.use_case in NOTHING_TO_DO_IT_TO, told


def is_about_who(error: DomainError) -> bool:
    """Whether it is refused for who asks, and not for how things stand."""
    return isinstance(error, NotAllowed) or (isinstance(error, NotPossible) and error.obstacle in OF_SOMEBODY)


@pytest.mark.parametrize("asks", ["block_actions", "view_submission", "shortcut", "message_action"])
async def test_no_outsider_reaches_a_listener(asks: str) -> None:
    asked: list[str] = []

    class Directory:
        async def require_member(self, user: str) -> None:
            asked.append(user)
            raise NotAMember

    async def reached() -> None:
        raise AssertionError("a listener was reached")

    check = members_only(cast(Any, Directory()))
    for body in ({"type": asks, "user": {"id": "U0GUEST"}}, {"command": "/lead", "user_id": "U0GUEST"}):
        with pytest.raises(NotAMember):
            await check(body, reached)
    assert asked == ["U0GUEST", "U0GUEST"]


def test_the_book_of_the_table_has_the_people_of_the_table(ledger: Ledger) -> None:
    book: AgreementBook = ledger.book
    assert {user for user in PEOPLE if book.names(user)} == NAMED
