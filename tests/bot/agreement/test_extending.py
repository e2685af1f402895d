"""`extends = "default"`: what a file leaves out comes from the built-in agreement; people never do."""

from __future__ import annotations

import pytest

from bot.agreement import AgreementFaults, default_agreement, loaded, parse_agreement

OWN = """
extends = "default"
version = "2027-Q1"
timezone = "Europe/Berlin"
[roles]
admins = ["U0ANNA1"]
marketing = ["U0MIA22"]
[[teams]]
name = "Sales"
channel = "C0VERTRIEB"
manager = "U0MAX12"
reps = [{ user = "U0REP77" }]
"""


def test_rules_come_from_the_built_in_agreement_and_people_do_not() -> None:
    agreement, default = parse_agreement(OWN), default_agreement().agreement
    assert agreement.version == "2027-Q1"
    assert [team.name for team in agreement.teams] == ["Sales"]
    assert agreement.reasons == default.reasons
    assert agreement.qualification == default.qualification
    assert agreement.ladder == default.ladder
    assert agreement.targets("P1") == default.targets("P1")
    assert (agreement.marketing.channel, agreement.marketing.manager, agreement.digest) == (None, None, None)
    assert (agreement.campaigns, agreement.content, agreement.goals) == ((), (), None)
    assert "U0ADMIN" not in loaded(OWN).text
    assert "example.com" not in loaded(OWN).text


def test_what_the_file_says_goes_over_it_key_by_key_and_a_list_as_a_whole() -> None:
    more = """
[sla.P1]
accept = "10m"
[ladder]
accept = [{ at = 1.0, do = "notify_manager" }]
[[reasons]]
code = "no"
label = "No"
kind = "reject"
then = "close"
"""
    agreement, default = parse_agreement(OWN + more), default_agreement().agreement
    assert str(agreement.targets("P1").accept) == "10m"
    assert agreement.targets("P1").outcome == default.targets("P1").outcome
    assert agreement.targets("P2") == default.targets("P2")
    assert next(len(steps) for steps in agreement.ladder.values()) == 1
    assert len(agreement.ladder) == len(default.ladder)
    assert [reason.code for reason in agreement.reasons] == ["no"]


def test_priorities_of_ones_own_bring_their_own_clocks() -> None:
    hot = OWN + '[priorities]\nP1 = ["activity:demo_request"]\nREST = ["*"]\n'
    hot += '[sla.REST]\naccept = "4h"\nfirst_touch = "8h"\noutcome = "15d"\n'
    agreement = parse_agreement(hot.replace("\\\n", "\n"))
    assert [priority.name for priority in agreement.priorities] == ["P1", "REST"]
    assert set(agreement.sla) == {"P1", "REST"}


def test_what_is_kept_is_whole_and_the_same_agreement() -> None:
    kept = loaded(OWN)
    assert "extends" not in kept.text
    assert parse_agreement(kept.text) == kept.agreement == parse_agreement(OWN)
    assert loaded(OWN).hash == kept.hash


@pytest.mark.parametrize("word", ['"other"', "3", "true"])
def test_only_the_built_in_agreement_can_be_extended(word: str) -> None:
    with pytest.raises(AgreementFaults, match="built-in agreement"):
        parse_agreement(OWN.replace('"default"', word, 1))


def test_faults_are_told_of_the_files_own_parts() -> None:
    with pytest.raises(AgreementFaults) as found:
        parse_agreement(OWN + '[sla.P1]\naccept = "5 min"\n'.replace("\\\n", "\n"))
    assert ["sla.P1.accept" in str(fault) for fault in found.value.faults] == [True]
