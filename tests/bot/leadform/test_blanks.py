"""Words for "nothing here" in the languages of exports are no value; a person's name that is like one is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.leadform import FieldFault, read_lead

NOW = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "nothing",
    [
        *("n.v.t.", "NVT", "Onbekend", "k. A.", "keine Angabe", "Unbekannt", "non renseigné", "Sans objet"),
        *(
            "N/D",
            "s/d",
            "No aplica",
            "não informado",
            "Non disponibile",
            "nie dotyczy",
            "未設定",
            "(該当なし)",
        ),
    ],
)
def test_a_word_for_nothing_is_no_value_and_no_fault(nothing: str) -> None:
    aside: list[FieldFault] = []
    told = {"email": "bas@tulp.example", "employees": nothing, "industry": nothing, "phone": nothing}
    form = read_lead(told, now=NOW, aside=aside)
    assert aside == []
    assert form.model_fields_set == {"email"}


def test_whoever_was_only_asked_for_a_name_has_none() -> None:
    asked = dict.fromkeys(("first_name", "last_name", "title", "company", "phone"), "Info Requested")
    assert read_lead({"email": "buyer@agency.example", **asked}, now=NOW, aside=[]).model_fields_set == {
        "email"
    }


def test_somebody_who_is_called_so_keeps_the_name() -> None:
    form = read_lead(
        {"email": "nan@brak.example", "first_name": "Nan", "last_name": "Null", "company": "Brak"},
        now=NOW,
        aside=[],
    )
    assert (form.first_name, form.last_name, form.company) == ("Nan", "Null", "Brak")
