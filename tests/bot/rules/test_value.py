"""Small values, and the same ones with another field."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.rules.candidates import Facts
from bot.rules.value import but


def test_a_value_with_another_field_is_what_dataclasses_make_of_it() -> None:
    known = Facts(open_leads=3, left=True)
    assert but(known, open_leads=4) == replace(known, open_leads=4) == Facts(open_leads=4, left=True)
    assert known == Facts(open_leads=3, left=True)


def test_a_field_that_it_does_not_have_is_refused() -> None:
    with pytest.raises(TypeError, match="open_lead"):
        but(Facts(), open_lead=1)
