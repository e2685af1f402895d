"""What is ours, what is theirs, and what is a conflict, field by field."""

from __future__ import annotations

import pytest

from bot.crm.differences import Conflict, Differences, Known, changed_there, differences
from bot.crm.port import same

OLD, OURS, THEIRS = "old", "ours", "theirs"
NOTHING = Differences()
WRITE = Differences(write={"f": OURS})
AGREED = Differences(agreed={"f": OURS})


def both(theirs: str | None) -> Differences:
    return Differences(conflicts={"f": Conflict(OURS, theirs)})


@pytest.mark.parametrize(
    ("known", "now", "expected"),
    [
        pytest.param(Known(), None, WRITE, id="never read, empty there"),
        pytest.param(Known(), THEIRS, WRITE, id="never read: nothing was changed since"),
        pytest.param(Known(seen={"f": OLD}), OLD, WRITE, id="as it was read"),
        pytest.param(Known(seen={"f": OLD}), OURS, AGREED, id="they say the same by now"),
        pytest.param(Known(seen={"f": OLD}), THEIRS, both(THEIRS), id="changed since it was read"),
        pytest.param(Known(seen={"f": OLD}), None, both(None), id="emptied since it was read"),
        pytest.param(Known({"f": OLD}, {"f": OURS}), THEIRS, NOTHING, id="we said it, they changed it"),
        pytest.param(Known({"f": "x"}, {"f": OLD}), OLD, WRITE, id="our former word stands there"),
        pytest.param(Known({"f": OLD}, {}, {"f": OURS}), OLD, WRITE, id="a call that did not come through"),
        pytest.param(Known({"f": OLD}, {}, {"f": OURS}), OURS, AGREED, id="a call that came through"),
        pytest.param(
            Known({"f": "x"}, {"f": OLD}, {"f": "meant"}), "meant", WRITE, id="ours, of a call before that"
        ),
        pytest.param(
            Known(seen={"f": OLD}, conflicts={"f": Conflict("x", OLD)}), OLD, both(OLD), id="not yet settled"
        ),
        pytest.param(
            Known(seen={"f": OLD}, conflicts={"f": Conflict("x", OLD)}), OURS, AGREED, id="settled by them"
        ),
    ],
)
def test_each_field_is_compared_in_three_states(known: Known, now: str | None, expected: Differences) -> None:
    assert differences({"f": OURS}, known, {"f": now}) == expected


@pytest.mark.parametrize(
    ("known", "now", "changed"),
    [
        (Known({"f": OLD}), OLD, False),
        (Known({"f": OLD}), THEIRS, True),
        (Known({"f": OLD}), None, True),
        (Known({"f": OLD}, {"f": OURS}), OURS, False),
        (Known({"f": OLD}, {}, {"f": OURS}), OURS, False),
        (Known(), THEIRS, False),
    ],
)
def test_an_echo_of_our_own_words_is_no_change(known: Known, now: str | None, changed: bool) -> None:
    assert changed_there(known, {"f": now}) == ({"f": now} if changed else {})


@pytest.mark.parametrize(
    ("one", "other", "are"),
    [
        ("5000.00", "5000", True),
        ("5000", "5001", False),
        ("2026-11-16T15:00:00Z", "2026-11-16T15:00:00.000+0000", True),
        ("2026-11-16T15:00:00Z", "2026-11-16T16:00:00Z", False),
        ("", None, True),
        ("0", None, False),
        ("two\nlines", "two\r\nlines", True),
        ("OPEN", "open", False),
    ],
)
def test_a_crm_writes_numbers_and_moments_in_its_own_way(one: str, other: str | None, are: bool) -> None:
    assert same(one, other) is are
