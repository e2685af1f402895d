from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.names import Likeness, Name, fullness, likeness, normal_name, same_person_name, says_who

SAME = [
    # case, spaces, accents, punctuation
    ("Jane|Doe", "Jane|Doe"),
    ("Jane|Doe", "jane|DOE"),
    (" Jane |  Doe", "Jane|Doe"),
    ("José|García", "Jose|Garcia"),
    ("Jürgen|Müller", "Juergen|Mueller"),
    ("Jürgen|Müller", "Jurgen|Muller"),
    ("Søren|Ærø", "Soeren|Aeroe"),
    ("Bjørn|Åsen", "Bjorn|Aasen"),
    ("Weiß|Groß", "Weiss|Gross"),
    ("Mary|O'Brien", "Mary|OBrien"),
    ("Mary|O\u2019Brien", "Mary|O'Brien"),
    ("Anne-Marie|Roy", "Anne Marie|Roy"),
    ("Anne-Marie|Roy", "Annemarie|Roy"),
    ("Łukasz|Wójcik", "Lukasz|Wojcik"),
    # order, and whole names in one part
    ("|Jane Doe", "Jane|Doe"),
    ("Jane Doe|", "Jane|Doe"),
    ("|Doe, Jane", "Jane|Doe"),
    ("Doe|Jane", "Jane|Doe"),
    ("|van der Berg, Anna", "Anna|van der Berg"),
    # titles, degrees, pronouns, generations
    ("Dr. Jane|Doe, PhD", "Jane|Doe"),
    ("|Dr. Jane Doe, PhD", "Jane|Doe"),
    ("|Dr. Erik Holm, MBA, PMP", "Erik|Holm"),
    ("|Jane Doe, CSPO", "Jane|Doe"),
    ("Dr.|Doe", "Jane|Doe"),
    ("Prof. Dr.-Ing. Max|Kühn", "Max|Kuhn"),
    ("Jane (she/her)|Doe", "Jane|Doe"),
    ("Jane|Doe she/her", "Jane|Doe"),
    ("|John Smith, Jr.", "John|Smith"),
    ("John|Smith III", "John|Smith"),
    # initials and middle names
    ("J.|Doe", "Jane|Doe"),
    ("J.R.R.|Tolkien", "John|Tolkien"),
    ("Jane Marie|Doe", "Jane|Doe"),
    ("Jane M.|Doe", "Jane Marie|Doe"),
    ("Jane|D.", "Jane|Doe"),
    ("J.|D.", "Jane|Doe"),
    # double family names, particles
    ("María José|García López", "María|García"),
    ("María|López", "María|García López"),
    ("Jane|Doe-Smith", "Jane|Smith"),
    ("Jane|Doe-Smith", "Jane|Doe Smith"),
    ("Anna|van der Berg", "Anna|Berg"),
    ("Anna|van den Berg", "Anna|Vandenberg"),
    ("Mohammed|Al-Rashid", "Mohammed|Rashid"),
    # what is missing is no other name
    ("|", "Jane|Doe"),
    ("Jane|", "Jane|Doe"),
    ("|Doe", "Jane|Doe"),
    ("Jane|", "|Doe"),
    ("Jane|[not provided]", "Jane|Doe"),
    ("Unknown|Unknown", "Jane|Doe"),
    ("jane@acme.example|", "Jane|Doe"),
    # other scripts, alone and beside Latin
    ("|山田太郎", "太郎|山田"),
    ("|山田 太郎", "山田|太郎"),
    ("|이민호", "민호|이"),
    ("Min-ho 이민호|Lee", "Minho|Lee"),
    ("Min-ho 이민호|Lee", "|이민호"),
    ("Nguyễn Văn An|", "An|Nguyen"),
    ("Иван|Петров", "ИВАН|ПЕТРОВ"),
    ("Иван|Петров", "Ivan|Petrov"),
    ("Никита|Хрущёв", "Nikita|Khrushchev"),
    ("Александр|Щукин", "Alexander|Shchukin"),
    ("Γιώργος|Παπαδόπουλος", "Giorgos|Papadopoulos"),
    ("محمد|علي", "Mohammed|Ali"),
    ("مُحَمَّد|علي", "محمد|علي"),
    ("王伟|", "Wei|Wang"),
    ("김민수|", "Min-su|Kim"),
    ("दिव्या|शर्मा", "शर्मा|दिव्या"),
]
FAMILY = [
    ("Jane|Doe", "Jane|Smith"),
    ("Jane Marie|Doe", "Jane|Smith"),
    ("|Jane Doe", "Jane|Smith"),
    ("Jack|Ma", "Jack|Wong"),
    ("Thi Minh|Le", "Thi Minh|Tran"),
    ("दिव्या|शर्मा", "दिव्या|वर्मा"),
]
PARTLY = [
    ("Jane|Doe", "John|Doe"),
    ("Bob|Smith", "Robert|Smith"),
    ("Jnae|Doe", "Jane|Doe"),
    ("Jane M.|Doe", "Jane R.|Doe"),
    ("John|Smith Jr.", "John|Smith, Sr."),
    ("Van|Morrison", "Jim|Morrison"),
]
OTHER = [
    ("Ann|Bee", "Carl|Dunn"),
    ("Ada|Stone", "Ben|Marsh"),
    ("Jane|", "Ben|"),
    ("|Doe", "|Roe"),
    ("Jane|", "Ben|Marsh"),
    ("J.|Doe", "Ben|Marsh"),
    ("A.|Doe", "B.|Marsh"),
    ("Юрий|Петров", "Ira|Petrova"),
    ("Сергей|Иванов", "Anton|Petrov"),
    ("山田|太郎", "鈴木|一郎"),
    ("محمد|علي", "Ben|Marsh"),
    ("김민수|", "Ben|Marsh"),
    ("Dr. Ann|Bee, PhD", "Dr. Carl|Dunn, PhD"),
    ("Anna|van der Berg", "Carl|van der Maas"),
]


def name(text: str) -> Name:
    first, _, last = text.partition("|")
    return Name(first or None, last or None)


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [(*pair, Likeness.SAME) for pair in SAME]
    + [(*pair, Likeness.FAMILY) for pair in FAMILY]
    + [(*pair, Likeness.PARTLY) for pair in PARTLY]
    + [(*pair, Likeness.OTHER) for pair in OTHER],
)
def test_two_names_are_as_alike_as_a_person_would_say(one: str, two: str, expected: Likeness) -> None:
    assert likeness(name(one), name(two)) is expected
    assert likeness(name(two), name(one)) is expected
    assert same_person_name(name(one), name(two)) is (expected is Likeness.SAME)


_names = st.builds(Name, st.none() | st.text(max_size=20), st.none() | st.text(max_size=20))


@settings(deadline=None)
@given(_names, _names)
def test_likeness_does_not_depend_on_who_is_asked_first_and_each_name_is_its_own(
    one: Name, two: Name
) -> None:
    assert likeness(one, two) is likeness(two, one)
    assert likeness(one, Name(one.first, one.last)) is Likeness.SAME


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(["Jane", "Ann", "Doe", "Roe", "Ma", "von", "Ким", "山田", "O'Neil", "J."]), max_size=4
    )
)
def test_the_order_of_a_name_s_words_does_not_matter(words: list[str]) -> None:
    assert same_person_name(Name(" ".join(words)), Name(None, " ".join(reversed(words))))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Jane|Doe", True),
        ("Jane|", True),
        ("|Doe", True),
        ("|王", True),
        ("|", False),
        ("J.|", False),
        ("J.|D.", False),
        ("Unknown|", False),
        ("-|-", False),
        ("jane@acme.example|", False),
        ("123|", False),
    ],
)
def test_only_a_word_names_somebody(text: str, says: bool) -> None:
    assert says_who(name(text)) is says


def test_no_name_names_nobody() -> None:
    assert not says_who(None)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("Dr. Jané", "jane"),
        ("DOE", "doe"),
        ("O'Brien, MD", "obrien"),
        ("Anne-Marie", "anne marie"),
        ("Dr.", "dr"),
    ],
)
def test_a_part_of_a_name_has_one_form_however_it_is_written(text: str, normal: str) -> None:
    assert normal_name(text) == normal


def test_the_fuller_of_two_names_says_more() -> None:
    assert fullness(name("J.|Doe")) < fullness(name("Jane|Doe")) == fullness(name("Dr. Jane|Doe, PhD"))
    assert fullness(name("|")) == 0
