from __future__ import annotations

import hashlib
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.agreement import (
    Agreement,
    AgreementFaults,
    AgreementMissing,
    Duration,
    Reason,
    Step,
    Verb,
    default_agreement,
    load_agreement,
    loaded,
    parse_agreement,
)
from bot.agreement.holidays import Days, DaysOff, Entry, HalfDay, Named, Region, Yearly
from bot.agreement.owners import CompanyOwner
from bot.agreement.vocabulary import ReasonKind
from storage.models import ClockKind

SAMPLE = (Path(__file__).parents[1] / "data" / "sample_agreement.toml").read_text(encoding="utf-8")
NINE_TO_FIVE = ((540, 1020),)


def with_hours(lines: str) -> Agreement:
    """The sample with other hours: the whole table is replaced."""
    before, rest = SAMPLE.split("[hours]")
    return parse_agreement(f"{before}[hours]\n{lines}\n[[teams]]{rest.split('[[teams]]', 1)[1]}")


def with_rep(keys: str) -> Agreement:
    return parse_agreement(
        SAMPLE.replace('timezone = "Europe/Berlin" }', f'timezone = "Europe/Berlin", {keys} }}')
    )


def test_the_sample_loads_with_the_values_it_says() -> None:
    agreement = parse_agreement(SAMPLE)
    assert (agreement.version, agreement.timezone, agreement.clock) == (
        "2026-Q4",
        "America/New_York",
        "business",
    )
    assert (agreement.roles.admins, agreement.roles.marketing) == (("U0ADMIN",), ("U0MARA",))
    assert (agreement.marketing.channel, agreement.marketing.manager) == ("C0MKTG", "U0CMO")
    (team,) = agreement.teams
    assert (team.name, team.channel, team.manager, team.assign) == ("Enterprise", "C0SALES", "U0MGR", "pool")
    assert [(rep.user, rep.weight, rep.capacity) for rep in team.reps] == [
        ("U0REP1", 1, 20),
        ("U0REP2", 2, 20),
    ]
    assert [(priority.name, priority.rules) for priority in agreement.priorities] == [
        ("P1", ("A1", "activity:demo_request", "activity:pricing_request")),
        ("P2", ("A2", "B1")),
        ("P3", ("*",)),
    ]
    assert agreement.qualification.bands.engagement == {1: 50, 2: 25}
    assert agreement.targets("P1").accept == Duration(5, "m")
    assert agreement.answer == Duration(5, "d")
    assert agreement.ladder[ClockKind.ACCEPT][0] == Step(at=0.5, do="nudge", skip=("P1",))
    assert [step.do for step in agreement.ladder[ClockKind.ACCEPT]] == [
        "nudge",
        "nudge",
        "notify_manager",
        "reassign",
    ]
    assert (agreement.quiet, agreement.p1_after_hours) == (Duration(3, "m"), False)
    assert agreement.retention.leads == Duration(3, "y")
    assert agreement.webhooks[0].events == ("lead.*",)


def test_the_sample_knows_its_reasons_campaigns_and_digest() -> None:
    agreement = parse_agreement(SAMPLE)
    assert [reason.code for reason in agreement.reasons_of(ReasonKind.DISQUALIFY)] == ["no_budget"]
    no_budget = agreement.reason("no_budget")
    assert no_budget is not None
    assert (no_budget.then, no_budget.recycle, no_budget.note) == ("nurture", Duration(90, "d"), "required")
    campaign = agreement.campaign(" Q4-Webinar ")
    assert campaign is not None
    assert (campaign.spend, campaign.owner) == (Decimal(12000), "U0MARA")
    assert agreement.digest is not None
    assert (agreement.digest.weekday, agreement.digest.time) == (0, time(9, 0))
    assert agreement.goals is not None
    assert agreement.goals.sal_rate == 0.8
    assert (agreement.team("Enterprise"), agreement.team("Nobody")) == (agreement.teams[0], None)
    assert (agreement.reason("nothing"), agreement.campaign(None)) == (None, None)


def test_the_default_loads_and_carries_the_whole_taxonomy() -> None:
    agreement = default_agreement().agreement
    groups: dict[str | None, int] = {}
    for reason in agreement.reasons:
        groups[reason.group] = groups.get(reason.group, 0) + 1
    assert groups == {"procedural": 3, "clerical": 2, "definitional": 5, "disqualified": 5, "other": 2}
    assert {reason.then for reason in agreement.reasons} == {
        "fix",
        "nurture",
        "close",
        "merge",
        "reroute",
        "owner",
    }
    assert all(reason.note == "required" for reason in agreement.reasons if reason.group == "other")
    assert [team.name for team in agreement.teams] == ["Enterprise", "Growth"]


def test_the_default_has_the_clocks_and_ladders_of_the_sample() -> None:
    default, sample = default_agreement().agreement, parse_agreement(SAMPLE)
    sla = {name: one.model_copy(update={"opportunity": None}) for name, one in default.sla.items()}
    assert (sla, default.ladder, default.answer) == (sample.sla, sample.ladder, sample.answer)
    assert all(one.opportunity for one in default.sla.values()), "no deal rots"


def test_a_week_is_in_minutes_from_local_midnight() -> None:
    assert parse_agreement(SAMPLE).hours.weekly == dict.fromkeys(range(5), NINE_TO_FIVE) | {5: (), 6: ()}


@pytest.mark.parametrize(
    ("lines", "weekday", "windows"),
    [
        ('mon = ["13:30-17:00", "09:00-12:30"]', 0, ((540, 750), (810, 1020))),
        ("mon = []", 0, ()),
        ('sat = ["10:00-14:00"]', 5, ((600, 840),)),
        ('days = ["Friday"]\nopen = "22:00"\nclose = "06:00"', 4, ((1320, 1800),)),
        ('close = "00:00"', 0, ((540, 1440),)),
        ('open = "00:00"\nclose = "24:00"', 2, ((0, 1440),)),
        ("open = 08:30:00", 1, ((510, 1020),)),
        ("", 3, NINE_TO_FIVE),
    ],
)
def test_hours_may_be_finer(lines: str, weekday: int, windows: tuple[tuple[int, int], ...]) -> None:
    assert with_hours(lines).hours.weekly[weekday] == windows


CHRISTMAS, BOXING = date(2026, 12, 25), date(2026, 12, 26)
MORNINGS = ((540, 720),)


@pytest.mark.parametrize(
    ("written", "holidays"),
    [
        ('"US"', [Region("US")]),
        ('"us-ca"', [Region("US-CA")]),
        ('["2026-12-25", 2026-12-26]', [Days(CHRISTMAS, CHRISTMAS), Days(BOXING, BOXING)]),
        ("[]", []),
        ('"2026-12-25"', [Days(CHRISTMAS, CHRISTMAS)]),
        ('["US", "DE-BY", "12-24"]', [Region("US"), Region("DE-BY"), Yearly((12, 24), (12, 24))]),
        ('["2026-12-25..2026-12-26"]', [Days(CHRISTMAS, BOXING)]),
        ('["12-24..01-01"]', [Yearly((12, 24), (1, 1))]),
        ('["02-29"]', [Yearly((2, 29), (2, 29))]),
        ('[{ day = "12-24", open = "09:00-12:00" }]', [HalfDay(Yearly((12, 24), (12, 24)), MORNINGS)]),
        (
            '["DE", { day = 2026-12-25, open = ["13:00-14:00", "09:00-12:00"] }]',
            [Region("DE"), HalfDay(Days(CHRISTMAS, CHRISTMAS), (*MORNINGS, (780, 840)))],
        ),
    ],
)
def test_holidays_are_any_mix_of_countries_dates_ranges_and_yearly_days(
    written: str, holidays: list[Entry]
) -> None:
    assert with_hours(f"holidays = {written}").hours.holidays == DaysOff(tuple(holidays))


def test_exceptions_are_names_dates_ranges_and_yearly_days() -> None:
    hours = with_hours('holidays = "US"\nexcept = ["columbus day", "2026-12-25", "11-11"]').hours
    assert hours.holidays == DaysOff(
        (Region("US"),), (Named("columbus day"), Days(CHRISTMAS, CHRISTMAS), Yearly((11, 11), (11, 11)))
    )


def test_holidays_and_their_exceptions_are_inherited_apart() -> None:
    text = SAMPLE.replace('holidays = "US"', 'holidays = "US"\nexcept = ["Columbus Day"]').replace(
        'timezone = "Europe/Berlin" }', 'timezone = "Europe/Berlin", except = ["Veterans Day"] }'
    )
    agreement = parse_agreement(text)
    assert agreement.hours_of("Enterprise", "U0REP1").holidays.exceptions == (Named("Columbus Day"),)
    assert agreement.hours_of("Enterprise", "U0REP2").holidays == DaysOff(
        (Region("US"),), (Named("Veterans Day"),)
    )


def test_a_rep_has_the_hours_of_the_team_and_a_team_those_of_the_office() -> None:
    agreement = parse_agreement(SAMPLE)
    team = agreement.teams[0]
    assert agreement.hours_of(team, team.reps[0]) == agreement.hours_of("Enterprise") == agreement.hours
    assert agreement.hours_of("Gone", "U0GONE") == agreement.hours_of(None) == agreement.hours


@pytest.mark.parametrize(
    ("keys", "monday", "tuesday", "holidays"),
    [
        ('mon = ["10:00-14:00"]', ((600, 840),), NINE_TO_FIVE, (Region("US"),)),
        ('hours = { open = "08:00" }', ((480, 1020),), ((480, 1020),), (Region("US"),)),
        ('hours = { days = ["mon"] }, holidays = "DE"', NINE_TO_FIVE, (), (Region("DE"),)),
        ('open = "10:00", holidays = []', ((600, 1020),), ((600, 1020),), ()),
    ],
)
def test_a_rep_may_differ_key_by_key(keys: str, monday: object, tuesday: object, holidays: object) -> None:
    hours = with_rep(keys).hours_of("Enterprise", "U0REP2")
    assert (hours.weekly[0], hours.weekly[1], hours.holidays.entries) == (monday, tuesday, holidays)


def test_plain_hours_of_a_rep_set_aside_the_finer_ones_above() -> None:
    agreement = parse_agreement(
        SAMPLE.replace('assign = "pool"', 'assign = "pool"\nmon = ["07:00-08:00"]').replace(
            'timezone = "Europe/Berlin" }', 'timezone = "Europe/Berlin", open = "10:00" }'
        )
    )
    assert agreement.hours_of("Enterprise", "U0REP1").weekly[0] == ((420, 480),)
    assert agreement.hours_of("Enterprise", "U0REP2").weekly[0] == ((600, 1020),)


def test_the_time_zone_is_the_nearest_one() -> None:
    agreement = parse_agreement(SAMPLE.replace('assign = "pool"', 'timezone = "Asia/Tokyo"'))
    assert agreement.timezone_of("Enterprise", "U0REP2") == "Europe/Berlin"
    assert (
        agreement.timezone_of("Enterprise", "U0GONE") == agreement.timezone_of("Enterprise") == "Asia/Tokyo"
    )
    assert agreement.timezone_of(None) == agreement.timezone_of("Gone", "U0REP2") == "America/New_York"


def test_rules_have_one_spelling() -> None:
    text = SAMPLE.replace('"A2", "B1"', '"a2", "Activity: Demo Request"').replace('mql = "B2"', 'mql = "b2"')
    agreement = parse_agreement(text)
    assert agreement.priorities[1].rules == ("A2", "activity:demo_request")
    assert agreement.qualification.mql == "B2"


def test_what_may_be_left_out_may_be_left_out() -> None:
    kept = SAMPLE
    for name in ("personas", "content", "campaigns", "goals", "digest", "retention", "webhooks"):
        kept = _without(kept, name)
    agreement = parse_agreement(kept)
    assert agreement.goals is None
    assert (agreement.digest, agreement.webhooks, agreement.retention.leads) == (None, (), None)


def _without(text: str, table: str) -> str:
    kept, dropping = [], False
    for line in text.split("\n"):
        if line.startswith("["):
            dropping = line.split("#")[0].strip() in (f"[{table}]", f"[[{table}]]")
        if not dropping:
            kept.append(line)
    return "\n".join(kept)


def test_the_hash_does_not_depend_on_line_ends_or_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "agreement.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SAMPLE.replace("\n", "\r\n").encode())
    found = load_agreement(path)
    assert found.hash == loaded(SAMPLE).hash == hashlib.sha256(SAMPLE.encode()).hexdigest()
    assert found.text == SAMPLE
    assert found.agreement == parse_agreement(found.text)


def test_a_missing_file_names_the_command_that_writes_one(tmp_path: Path) -> None:
    with pytest.raises(AgreementMissing, match=r"python app\.py init"):
        load_agreement(tmp_path / "agreement.toml")


def test_a_file_that_cannot_be_read_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(AgreementFaults, match="cannot be read"):
        load_agreement(tmp_path)


def test_a_file_that_is_not_utf8_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "agreement.toml"
    path.write_bytes('version = "1"\nx = "café"'.encode("latin-1"))
    with pytest.raises(AgreementFaults) as caught:
        load_agreement(path)
    assert [str(fault) for fault in caught.value.faults] == [
        "line 2, column 9: is not UTF-8 text; save the file with the encoding UTF-8"
    ]


def test_retention_is_long_and_a_working_day_is_a_day() -> None:
    leads = parse_agreement(SAMPLE).retention.leads
    assert leads is not None
    assert leads.wall() == timedelta(days=1095)


def test_what_an_agreement_does_not_say_of_turns_and_owners() -> None:
    agreement = parse_agreement(SAMPLE)
    assert agreement.routing.company_owner == CompanyOwner(within=Duration(180, "d"), when_away="next")
    assert agreement.repeat == Duration(1, "d")
    rep = agreement.teams[0].reps[0]
    assert (rep.per_day, rep.per_week, agreement.teams[0].ping) == (None, None, None)
    assert agreement.hours.wind_down is None


def test_what_it_may_say_of_turns_and_owners() -> None:
    text = (
        SAMPLE.replace('quiet = "3m"', 'quiet = "3m"\nrepeat = "0s"')
        .replace('assign = "pool"', 'assign = "pool"\nping = "S0SALES"')
        .replace('holidays = "US"', 'holidays = "US"\nwind_down = "2d"')
        .replace("weight = 2, capacity = 20", 'weight = 2, per_day = 5, per_week = 20, wind_down = "3d"')
    )
    agreement = parse_agreement(f'{text}\n[routing]\ncompany_owner = {{ within = "1y", when_away = "wait" }}')
    assert agreement.repeat is None
    assert agreement.routing.company_owner == CompanyOwner(within=Duration(1, "y"), when_away="wait")
    assert agreement.teams[0].ping == "S0SALES"
    rep = agreement.teams[0].reps[1]
    assert (rep.capacity, rep.per_day, rep.per_week) == (None, 5, 20)
    assert agreement.hours.wind_down == Duration(2, "d")
    assert agreement.hours_of("Enterprise", "U0REP2").wind_down == Duration(3, "d")


@pytest.mark.parametrize(
    ("written", "owner"), [("false", None), ("true", CompanyOwner()), ("{}", CompanyOwner())]
)
def test_owning_a_company_may_mean_nothing(written: str, owner: CompanyOwner | None) -> None:
    agreement = parse_agreement(f"{SAMPLE}\n[routing]\ncompany_owner = {written}")
    assert agreement.routing.company_owner == owner


@pytest.mark.parametrize(
    ("verb", "ladder"), [(verb, kind) for verb in Verb for kind in ("accept", "first_touch", "outcome")]
)
def test_a_ladder_may_end_with_any_verb(verb: Verb, ladder: str) -> None:
    before, rest = SAMPLE.split("[ladder]")
    steps = f'{ladder} = [{{ at = 1.0, do = "{verb}" }}]'
    text = f"{before}[ladder]\n{steps}\n[[reasons]]{rest.split('[[reasons]]', 1)[1]}"
    assert parse_agreement(text).ladder[ClockKind(ladder)] == (Step(at=1.0, do=verb),)


THEIRS = {"junk", "duplicate", "wrong_territory", "existing_customer"}


def test_junk_and_what_belongs_elsewhere_gives_the_turn_back() -> None:
    reasons = default_agreement().agreement.reasons
    assert {each.code for each in reasons if each.gives_turn_back} == THEIRS


@pytest.mark.parametrize(
    ("then", "code", "turn", "back"),
    [
        ("merge", "twin", None, True),
        ("reroute", "elsewhere", None, True),
        ("close", "junk", None, True),
        ("close", "junk", "keep", False),
        ("merge", "twin", "keep", False),
        ("close", "competitor", None, False),
        ("close", "competitor", "back", True),
    ],
)
def test_which_reasons_give_the_turn_back(then: str, code: str, turn: str | None, back: bool) -> None:
    reason = Reason.model_validate(
        {"code": code, "label": code, "kind": "reject", "then": then, "turn": turn}
    )
    assert reason.gives_turn_back is back


def test_an_agreement_can_be_written_out_again() -> None:
    text = SAMPLE.replace('holidays = "US"', 'holidays = ["US", "12-24"]\nexcept = ["Columbus Day"]')
    assert parse_agreement(text).model_dump()["office"]["holidays"][0] == {"code": "US"}
