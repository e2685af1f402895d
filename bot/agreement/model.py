"""The agreement between marketing and sales, as a value that nothing changes.

It mirrors the file key for key, save that the side keys of `[sla]` and `[ladder]` stand by themselves (see
`reshape`). What holds between parts of the file is checked in bot/agreement/checks.py; what a rule means is
decided by the modules that use it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PrivateAttr

from bot.agreement.crm import Crm
from bot.agreement.destinations import Nats
from bot.agreement.durations import Duration
from bot.agreement.fields import (
    WEEKDAYS,
    ChannelId,
    ContentStage,
    ContestedField,
    Currency,
    Flag,
    Frozen,
    Label,
    LongDuration,
    Money,
    Share,
    Text,
    TimeOfDay,
    UserId,
    UserOrGroupId,
    WebAddress,
    Weekday,
    When,
    Whole,
    Zone,
)
from bot.agreement.hours import OFFICE, Hours, HoursTable, inline_hours
from bot.agreement.intake import Http, Intake, with_constants
from bot.agreement.owners import Routing
from bot.agreement.scoring import Priority, Qualification
from bot.agreement.vocabulary import Assign, ClockTime, NoteRule, ReasonKind, Then, TurnRule, Verb
from bot.agreement.webhooks import Told, Webhook, Workflow
from storage.models import ClockKind

LADDER_SETTINGS = ("quiet", "p1_after_hours", "repeat")
"""The keys of [ladder] that are no ladder."""

Limit = Annotated[Whole, Field(ge=1, le=100_000)]


class Roles(Frozen):
    """Slack ids of people or of user groups."""

    admins: Annotated[tuple[UserOrGroupId, ...], Field(min_length=1)]
    marketing: tuple[UserOrGroupId, ...] = ()


class MarketingSide(Frozen):
    """Where marketing hears of rejections, who rules on its side, and who stands in for them."""

    channel: ChannelId | None = None
    manager: UserId | None = None
    stand_in: UserId | None = None

    @property
    def deciders(self) -> tuple[str, ...]:
        """Who may decide for marketing: the manager, and who stands in for them."""
        return tuple(user for user in (self.manager, self.stand_in) if user)


class Rep(Frozen):
    """One person who takes leads.

    `capacity` is open leads at once; `per_day` and `per_week` are leads given in a day and, from Monday on,
    in a week of theirs. None is no limit.
    """

    user: UserId
    weight: Annotated[Whole, Field(ge=1, le=1000)] = 1
    capacity: Limit | None = None
    per_day: Limit | None = None
    per_week: Limit | None = None
    timezone: Zone | None = None
    hours: HoursTable | None = None


class Team(Frozen):
    """A team of reps and the leads that are theirs; without `match` it takes all.

    `stand_in` is told in the place of a manager who is away, else the admins are, and may do what they may.

    `ping` is a user group or a person mentioned on a P1 that anyone may take; else it is who is at work.

    `renamed_from` are names that the team had: open leads of these are its own.
    """

    name: Label
    renamed_from: tuple[Label, ...] = ()
    channel: ChannelId
    manager: UserId
    stand_in: UserId | None = None
    ping: UserOrGroupId | None = None
    assign: Assign = Assign.POOL
    match: When = Field(default_factory=dict)
    reps: Annotated[tuple[Annotated[Rep, BeforeValidator(inline_hours)], ...], Field(min_length=1)]
    timezone: Zone | None = None
    hours: HoursTable | None = None

    @property
    def deciders(self) -> tuple[str, ...]:
        """Who may decide for the team: the manager, and who stands in for them."""
        return tuple(user for user in (self.manager, self.stand_in) if user)

    def rep(self, user: str) -> Rep | None:
        """The rep with this Slack id, if in the team."""
        for rep in self.reps:
            if rep.user == user:
                return rep
        return None


class Targets(Frozen):
    """How long sales has for each of its clocks.

    `opportunity` is how long a SQL or an opportunity may stand before it goes on; None: for ever.
    """

    accept: Duration
    first_touch: Duration
    outcome: Duration
    opportunity: Duration | None = None


def _repeat(value: object) -> Duration | None:
    return None if value == "0s" or value is None else Duration.parse(value)


class Step(Frozen):
    """A rung of a ladder, `at` a share of the clock (1.0 is the moment it falls due); left out for the
    priorities in `skip`."""

    at: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)]
    do: Verb
    skip: tuple[Text, ...] = ()


class Reason(Frozen):
    """Why sales passes on a lead: `reject` before contact, `disqualify` after it.

    `quality` counts against marketing's lead quality; `recycle` is calendar time, for `then = "nurture"`.
    `contests`, for `then = "fix"`, are the fields that sales says are wrong: a change of one of them answers
    the rejection. Where a reason names none it is the contact data.
    `turn` says whether whoever had the lead by rotation gets another in its place.
    """

    code: Annotated[Text, Field(pattern=r"^[a-z0-9_]{1,60}$")]
    label: Label
    kind: ReasonKind
    then: Then
    quality: Flag = False
    recycle: Duration | None = None
    contests: Annotated[tuple[ContestedField, ...], Field(min_length=1)] | None = None
    note: NoteRule = NoteRule.OPTIONAL
    group: Label | None = None
    turn: TurnRule | None = None

    @property
    def gives_turn_back(self) -> bool:
        """Whether it was no lead at all for whoever had it, so that the turn does not count.

        Unless the file says: junk, and what belongs to another lead, team or owner.
        """
        return self.turn is TurnRule.BACK or (
            self.turn is None and (self.then in (Then.MERGE, Then.REROUTE, Then.OWNER) or self.code == "junk")
        )

    @property
    def needs_note(self) -> bool:
        """Whether it cannot be given without a note."""
        return self.note is NoteRule.REQUIRED


NOT_ACTED = "sales_did_not_act"
"""The reason for which a ladder gives a lead back to nurture. The file may say when such a lead returns."""
_NOT_ACTED = Reason(code=NOT_ACTED, label="Sales did not act", kind=ReasonKind.REJECT, then=Then.NURTURE)


class Persona(Frozen):
    """A kind of buyer, and what Baton is worth to them in one line."""

    name: Label
    match: Annotated[When, Field(min_length=1)]
    value: Text


class Content(Frozen):
    """Something to send, at a waterfall stage or a stage of the journey; without a persona, to anyone."""

    persona: Text | None = None
    stage: ContentStage
    title: Text
    url: WebAddress


class Campaign(Frozen):
    """What brought a lead: its cost and its owner, who hears of rejections."""

    name: Text
    spend: Money | None = None
    currency: Currency = "USD"
    owner: UserId | None = None


class Goals(Frozen):
    """What both sides want from a quarter. The rates are shares of 1."""

    purpose: Text | None = None
    mql: Annotated[Whole, Field(ge=0)] | None = None
    sal_rate: Share | None = None
    sla_attainment: Share | None = None
    pipeline: Money | None = None
    revenue: Money | None = None


class Digest(Frozen):
    """Where and when the weekly report is posted, in the agreement's time zone."""

    channel: ChannelId
    day: Weekday = "mon"
    time: TimeOfDay

    @property
    def weekday(self) -> int:
        """The day as a number, 0 for Monday."""
        return WEEKDAYS.index(self.day)


class Retention(Frozen):
    """How long the personal data of closed leads is kept; None is for ever.

    `second_yes`: whom an admin asks in Slack to erase is erased once another admin agrees.
    """

    leads: LongDuration | None = None
    second_yes: bool = False


class MarketingDuty(Frozen):
    """What marketing owes: an answer to a rejection."""

    answer: Duration | None = None


class Agreement(Frozen):
    """All that both sides agreed.

    `repeat` is after how much working time the last rung of a ladder comes again; None for never.
    """

    version: Label
    timezone: Zone = "UTC"
    clock: ClockTime = ClockTime.BUSINESS
    roles: Roles
    marketing: MarketingSide = MarketingSide()
    office: HoursTable = Field(default=OFFICE, alias="hours")
    teams: Annotated[tuple[Annotated[Team, BeforeValidator(inline_hours)], ...], Field(min_length=1)]
    qualification: Qualification
    priorities: Annotated[tuple[Priority, ...], Field(min_length=1)]
    sla: dict[str, Targets]
    duty: MarketingDuty = Field(default=MarketingDuty(), alias="sla.marketing")
    ladder: dict[ClockKind, tuple[Step, ...]] = Field(default_factory=dict)
    quiet: Duration = Field(default=Duration(3, "m"), alias="ladder.quiet")
    p1_after_hours: Flag = Field(default=False, alias="ladder.p1_after_hours")
    repeat: Annotated[Duration | None, BeforeValidator(_repeat)] = Field(
        default=Duration(1, "d"), alias="ladder.repeat"
    )
    routing: Routing = Routing()
    reasons: Annotated[tuple[Reason, ...], Field(min_length=1)]
    personas: tuple[Persona, ...] = ()
    content: tuple[Content, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    goals: Goals | None = None
    digest: Digest | None = None
    retention: Retention = Retention()
    webhooks: tuple[Webhook, ...] = ()
    destinations: tuple[Nats, ...] = ()
    workflows: tuple[Workflow, ...] = ()
    crm: Crm | None = None
    http: Http = Http()
    intake: tuple[Intake, ...] = ()

    _weeks: dict[tuple[str | None, str | None], Hours] = PrivateAttr(default_factory=dict)

    def model_post_init(self, _context: Any, /) -> None:
        """Work out once the week of the office, of every team and of every rep."""
        office = self.office.over(OFFICE)
        self._weeks[None, None] = office.week()
        for team in self.teams:
            shared = team.hours.over(office) if team.hours else office
            self._weeks[team.name, None] = shared.week()
            for rep in team.reps:
                if rep.hours:
                    self._weeks[team.name, rep.user] = rep.hours.over(shared).week()

    @property
    def told(self) -> tuple[Told, ...]:
        """The tools that hear of events, without the CRM."""
        return (*self.webhooks, *self.destinations, *self.workflows)

    @property
    def hours(self) -> Hours:
        """The working week of the whole office."""
        return self._weeks[None, None]

    @property
    def answer(self) -> Duration | None:
        """How long marketing has to answer a rejection; None where it promised nothing."""
        return self.duty.answer

    @cached_property
    def _by_name(
        self,
    ) -> dict[str, Team]:  # a private attribute of pydantic's takes ten times as long to read
        return {team.name: team for team in reversed(self.teams)}

    def team(self, name: str) -> Team | None:
        """The team of this name, if there is one."""
        return self._by_name.get(name)

    def reason(self, code: str) -> Reason | None:
        """The reason with this code, if there is one; that of the ladder is there without being written."""
        written = next((reason for reason in self.reasons if reason.code == code), None)
        return written or (_NOT_ACTED if code == NOT_ACTED else None)

    def reasons_of(self, kind: ReasonKind) -> tuple[Reason, ...]:
        """The reasons of a kind, in the order of the file."""
        return tuple(reason for reason in self.reasons if reason.kind is kind)

    def targets(self, priority: str) -> Targets:
        """The clocks of a priority. Raises KeyError for a name that is not a priority of this agreement."""
        return self.sla[priority]

    def campaign(self, name: str | None) -> Campaign | None:
        """The campaign of this name, whatever its case, if the agreement knows it."""
        wanted = (name or "").strip().casefold()
        return next((item for item in self.campaigns if item.name.casefold() == wanted), None)

    def hours_of(self, team: Team | str | None, rep: Rep | str | None = None) -> Hours:
        """The week of a rep, else of the team, else of the office; names that are gone are no error."""
        name, user = _name(team), rep.user if isinstance(rep, Rep) else rep
        weeks = self._weeks
        return weeks.get((name, user)) or weeks.get((name, None)) or weeks[None, None]

    def timezone_of(self, team: Team | str | None, rep: Rep | str | None = None) -> str:
        """The IANA time zone of a rep, else of the team, else of the agreement."""
        found = team if isinstance(team, Team) else self.team(team or "")
        person = rep if isinstance(rep, Rep) else (found.rep(rep) if found and rep else None)
        return (person and person.timezone) or (found and found.timezone) or self.timezone


def _name(team: Team | str | None) -> str | None:
    return team.name if isinstance(team, Team) else team


def reshape(data: Mapping[str, Any]) -> dict[str, Any]:
    """The file's tables in the shape of the model.

    `[priorities]` becomes a list in order; `sla.marketing` and the settings among the ladders leave
    the tables they stand in, which then hold one kind of thing each. What is not a table is left as it is.
    """
    shaped = dict(data)
    if isinstance(priorities := shaped.get("priorities"), dict):
        shaped["priorities"] = [{"name": name, "rules": rules} for name, rules in priorities.items()]
    if isinstance(sla := shaped.get("sla"), dict) and "marketing" in sla:
        shaped["sla"] = {name: table for name, table in sla.items() if name != "marketing"}
        shaped["sla.marketing"] = sla["marketing"]
    if isinstance(ladder := shaped.get("ladder"), dict):
        apart = {key: ladder[key] for key in LADDER_SETTINGS if key in ladder}
        shaped["ladder"] = {key: steps for key, steps in ladder.items() if key not in apart}
        shaped.update({f"ladder.{key}": value for key, value in apart.items()})
    if isinstance(sources := shaped.get("intake"), list):
        shaped["intake"] = [with_constants(row) for row in sources]
    return shaped
