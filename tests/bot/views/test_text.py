from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.views import text as t
from bot.views.message import as_posted, rendered

WORDS = st.text(alphabet=st.one_of(st.sampled_from("&<>;amplgt …|é👩\u200d\n"), st.characters()), max_size=60)
LIMITS = st.integers(1, 80)


def unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@given(WORDS)
def test_what_is_escaped_can_be_read_back_and_holds_no_marks(text: str) -> None:
    escaped = t.escape(text)
    assert unescape(escaped) == text
    assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", escaped)


@given(WORDS, LIMITS)
def test_a_cut_keeps_the_limit_and_splits_no_entity(text: str, limit: int) -> None:
    escaped = t.escape(text)
    short = t.cut(escaped, limit)
    assert t.units(short) <= limit
    assert not re.search(r"&(?!amp;|lt;|gt;)", short)
    assert short == escaped if t.units(escaped) <= limit else short.endswith("…")


@given(st.text())
def test_a_unit_is_one_of_utf_16(text: str) -> None:
    assert t.units(text) == len(text.encode("utf-16-le", "surrogatepass")) // 2


FAMILY = "👨🏽\u200d👩🏽\u200d👧🏽\u200d👦🏽"
LETTERS = ("a", "é", "e\u0301", "ä", "ع", "א", "❤\ufe0f", "🚀", "👍🏽", "🇩🇪", "👩\u200d🚀", FAMILY)


@given(st.lists(st.sampled_from(LETTERS), min_size=1, max_size=40), st.integers(1, 60))
def test_what_is_read_as_one_letter_is_never_split(letters: list[str], limit: int) -> None:
    text = "".join(letters)
    whole = {"".join(letters[:count]) for count in range(len(letters) + 1)}
    assert t.cut(text, limit).removesuffix("…") in whole
    clipped = t.clip(text, limit)
    assert clipped in whole
    assert t.units(clipped) <= limit


def test_noise_is_cut_too() -> None:
    noise = "a" + "\u0310" * 5000
    assert t.units(t.cut(noise, 100)) == 100


@given(WORDS, LIMITS)
def test_a_cut_of_plain_text_keeps_the_limit_once_slack_escapes_it(text: str, limit: int) -> None:
    short = t.cut_plain(text, limit)
    assert t.units(t.escape(short)) <= limit
    assert text.startswith(short.removesuffix("…"))


@given(WORDS, st.integers(3, 80))
def test_a_short_value_stays_on_one_line_within_its_limit(text: str, limit: int) -> None:
    value = t.short(text, limit)
    assert t.units(value) <= limit
    assert len(value.splitlines()) <= 1


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short enough", 12, "short enough"),
        ("one too long", 11, "one too lo…"),
        ("Tom &amp; Jerry", 8, "Tom…"),
        ("Tom &amp; Jerry", 10, "Tom &amp;…"),
        ("by <@U0RILEY> now", 9, "by…"),
        ("by <@U0RILEY> now", 14, "by <@U0RILEY>…"),
        ("3 < 4 is true", 8, "3 < 4 i…"),
        ("👩\u200d🚀👩\u200d🚀!", 6, "👩\u200d🚀…"),
        ("anything", 1, "…"),
    ],
)
def test_a_cut_falls_between_marks(text: str, limit: int, expected: str) -> None:
    assert t.cut(text, limit) == expected


def test_a_value_cannot_turn_its_neighbours_round() -> None:
    assert t.short("\u202eevil\nname\x00", 40) == "evil name"
    assert t.short("علي", 40) == "\u2068علي\u2069"


def test_a_quotation_keeps_its_lines_and_drops_empty_ones() -> None:
    assert t.quoted("Mail bounces.\n\n<no phone>", 100) == "> Mail bounces.\n> &lt;no phone&gt;"


def test_a_moment_is_shown_in_each_readers_own_time_zone() -> None:
    berlin = timezone(timedelta(hours=1))
    moment = datetime(2026, 11, 23, 15, 0, tzinfo=berlin)
    assert t.local_time(moment) == "<!date^1795442400^{date_short_pretty} {time}|2026-11-23 14:00 UTC>"
    assert t.local_day(moment) == "<!date^1795442400^{date_short_pretty}|2026-11-23>"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "1 min"), (299, "5 min"), (300, "5 min"), (5400, "90 min"), (5460, "2 h"), (86_400 * 3, "3 days")],
)
def test_a_notification_says_how_long_in_one_unit(seconds: int, words: str) -> None:
    assert t.about(timedelta(seconds=seconds)) == words


def test_who_is_called_is_marked_and_who_is_named_is_not() -> None:
    assert (t.call("U0RILEY"), t.call("S0SALES1"), t.call("sam")) == (
        "<@U0RILEY|call>",
        "<!subteam^S0SALES1|call>",
        "sam",
    )
    told = as_posted(
        rendered(f"{t.call('U0RILEY')} {t.mention('U0SAM')} {t.mention('U0TONI')}", []), {"U0SAM": "Sam <3"}
    )
    assert told.text == "<@U0RILEY> Sam &lt;3 a colleague"


@pytest.mark.parametrize(
    ("given_id", "expected"),
    [
        ("U0RILEY", "<@U0RILEY>"),
        ("W024BE7LH", "<@W024BE7LH>"),
        ("S0SALES", "<!subteam^S0SALES>"),
        ("SALES", "SALES"),
        ("USER", "USER"),
        ("jane@acme.example", "jane@acme.example"),
        ("<!channel>", "&lt;!channel&gt;"),
        ("U0RILEY> <!channel", "U0RILEY&gt; &lt;!channel"),
        (" ", "somebody"),
    ],
)
def test_only_an_id_becomes_a_mention(given_id: str, expected: str) -> None:
    assert t.mention(given_id) == expected


@pytest.mark.parametrize(
    ("actor", "expected"),
    [
        ("U0RILEY", "<@U0RILEY>"),
        ("baton", "Baton"),
        ("crm", "the CRM"),
        ("import", "an import"),
        ("api:<website>", "the API (&lt;website&gt;)"),
    ],
)
def test_an_actor_is_named_in_words(actor: str, expected: str) -> None:
    assert t.who(actor) == expected


@pytest.mark.parametrize(
    ("url", "label", "expected"),
    [
        ("https://a.example/x?a=1&b=2", "A & B", "<https://a.example/x?a=1&amp;b=2|A &amp; B>"),
        ("HTTP://a.example", "A", "<HTTP://a.example|A>"),
        ("https://a.example/a|b>c d", "A", "<https://a.example/a%7Cb%3Ec%20d|A>"),
        ("https://a.example", "", "<https://a.example|https://a.example>"),
        ("javascript:alert(1)", "A", "A"),
        ("https:///nowhere", "A", "A"),
        ("https://[broken", "A", "A"),
        ("https://a.example/" + "x" * 4000, "A", "A"),
    ],
)
def test_only_web_addresses_become_links(url: str, label: str, expected: str) -> None:
    assert t.link(url, label) == expected


def test_contact_data_is_tappable_only_where_it_is_sound() -> None:
    assert t.email_link("jane@acme.example") == "<mailto:jane@acme.example|jane@acme.example>"
    assert t.email_link("jane@acme.example?bcc=x") == "jane@acme.example?bcc=x"
    assert t.email_link("<!here>@acme") == "&lt;!here&gt;@acme"
    assert t.phone_link("+1 (555) 010-99") == "<tel:+155501099|+1 (555) 010-99>"
    assert t.phone_link("call me") == "call me"


@pytest.mark.parametrize(
    ("minor", "currency", "expected"),
    [
        (120_000, "USD", "$1,200"),
        (9_950, "eur", "€99.50"),
        (120_000, "SEK", "1,200 SEK"),
        (-500, "GBP", "-£5"),
        (7, None, "0.07"),
        (100, "<x>", "1 &lt;X&gt;"),
    ],
)
def test_money_is_counted_in_hundredths(minor: int, currency: str | None, expected: str) -> None:
    assert t.money(minor, currency) == expected


def test_counts_agree_with_their_nouns() -> None:
    assert [t.plural(n, "lead") for n in (0, 1, 2000)] == ["0 leads", "1 lead", "2,000 leads"]
    assert t.plural(2, "reply", "replies") == "2 replies"


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (timedelta(minutes=4), "4 min"),
        (timedelta(hours=2, minutes=5), "2 h 5 min"),
        (timedelta(days=3), "3 days"),
        (timedelta(days=1, hours=6, minutes=3), "1 day 6 h"),
        (timedelta(days=2, minutes=30), "2 days"),
        (timedelta(seconds=90), "1 min 30 s"),
        (timedelta(milliseconds=400), "0 s"),
        (timedelta(seconds=-5), "0 s"),
    ],
)
def test_a_length_of_time_reads_in_its_two_greatest_units(length: timedelta, expected: str) -> None:
    assert t.duration(length) == expected


def test_a_channel_shows_its_id_beside_its_link() -> None:
    assert t.place("C0SALES") == "<#C0SALES> (C0SALES)"
    assert t.place("U0MARA") == "<@U0MARA>"
