from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.leadform.names import PersonName, is_company, read_name, without_titles

NAMES = [
    ("Jane Doe", "Jane", "Doe"),
    ("Jane   Doe", "Jane", "Doe"),
    ("JANE DOE", "JANE", "DOE"),
    ("doe jane", "doe", "jane"),
    ("Cher", "Cher", None),
    ("O'Neil", "O'Neil", None),
    ("Jane D", "Jane", "D"),
    ("Jane A. Doe", "Jane A.", "Doe"),
    ("J. R. R. Tolkien", "J. R. R.", "Tolkien"),
    ("Mary Ann Smith", "Mary Ann", "Smith"),
    ("Jean-Luc Picard", "Jean-Luc", "Picard"),
    ("Sir Tim Berners-Lee", "Tim", "Berners-Lee"),
    ("Luo Si", "Luo", "Si"),
    ("Jack Ma", "Jack", "Ma"),
    # the family name in front
    ("Smith, John", "John", "Smith"),
    ("Doe,Jane", "Jane", "Doe"),
    ("Doe, Jane A.", "Jane A.", "Doe"),
    ("DOE, JANE", "JANE", "DOE"),
    ("DOE SMITH, JANE", "JANE", "DOE SMITH"),
    ("Smith-Jones, Mary", "Mary", "Smith-Jones"),
    ("Smith, Dr. John", "John", "Smith"),
    ("DOE Jane", "Jane", "DOE"),
    ("Jane DOE", "Jane", "DOE"),
    # titles, degrees, generations
    ("Jane Doe, PhD", "Jane", "Doe"),
    ("Jane doe, phd", "Jane", "doe"),
    ("Jane Doe Ph.D", "Jane", "Doe"),
    ("Ph.D. Jane Doe", "Jane", "Doe"),
    ("Jane Doe, M.D., Ph.D.", "Jane", "Doe"),
    ("Jane Doe, Ph.D., MBA, SHRM-CP", "Jane", "Doe"),
    ("Jane Doe, PMP®, CSM", "Jane", "Doe"),
    ("Jane Doe, CSPO", "Jane", "Doe"),
    ("Jane Doe MBA", "Jane", "Doe"),
    ("Jane Doe, RN, BSN", "Jane", "Doe"),
    ("Amy Wu, CPA", "Amy", "Wu"),
    ("O'Brien, Mary, MD", "Mary", "O'Brien"),
    ("Smith, Mr. John A., PhD", "John A.", "Smith"),
    ("Dr. Erik Holm, MBA, PMP", "Erik", "Holm"),
    ("Mr John Smith Esq", "John", "Smith"),
    ("Mr. Smith", None, "Smith"),
    ("Herr Müller", None, "Müller"),
    ("Frau Dr. Anna Schmidt", "Anna", "Schmidt"),
    ("Prof. Dr. Hans Müller", "Hans", "Müller"),
    ("Dipl.-Ing. Hans Müller", "Hans", "Müller"),
    ("Dr. med. Anna Huber", "Anna", "Huber"),
    ("Dr. h.c. mult. Uwe Kern", "Uwe", "Kern"),
    ("Univ.-Prof. Mag. Dr. Eva Lang", "Eva", "Lang"),
    ("Mag. (FH) Anna Huber", "Anna", "Huber"),
    ("Mme Claire Dubois", "Claire", "Dubois"),
    ("Sr. Juan Pérez", "Juan", "Pérez"),
    ("Doña Ana Ruiz", "Ana", "Ruiz"),
    ("Dott. Paolo Bianchi", "Paolo", "Bianchi"),
    ("Ing. Petr Svoboda, CSc.", "Petr", "Svoboda"),
    ("MUDr. Eva Malá, Ph.D.", "Eva", "Malá"),
    ("Ir. Kees de Vries", "Kees", "de Vries"),
    ("Md. Rahman", "Md.", "Rahman"),
    ("John Smith, Jr.", "John", "Smith"),
    ("Smith, John, Jr.", "John", "Smith"),
    ("Smith Jr., John", "John", "Smith"),
    ("John Smith III", "John", "Smith"),
    ("John Q. Public, III, Esq.", "John Q.", "Public"),
    ("Rev. Dr. Martin Luther King Jr.", "Martin Luther", "King"),
    ("Carlos Souza Filho", "Carlos", "Souza Filho"),
    # particles and double names
    ("van der Berg, Anna", "Anna", "van der Berg"),
    ("Anna van der Berg", "Anna", "van der Berg"),
    ("Max von der Leyen", "Max", "von der Leyen"),
    ("Baron von Münchhausen", None, "von Münchhausen"),
    ("Kees 't Hart", "Kees", "'t Hart"),
    ("DE LA CRUZ, Maria", "Maria", "DE LA CRUZ"),
    ("Jean DE LA FONTAINE", "Jean", "DE LA FONTAINE"),
    ("Ana María de los Ángeles", "Ana María", "de los Ángeles"),
    ("João da Silva Santos", "João", "da Silva Santos"),
    ("María José García López", "María José", "García López"),
    ("Gabriel García Márquez", "Gabriel", "García Márquez"),
    # what people write beside their name
    ("Jane Doe (she/her)", "Jane", "Doe"),
    ("Jane Doe [She/Her/Hers]", "Jane", "Doe"),
    ("Jane Doe, they/them", "Jane", "Doe"),
    ("Jane (she/her) Doe", "Jane", "Doe"),
    ('Robert "Bob" Smith', "Robert", "Smith"),
    ("Smith, John (Johnny)", "John", "Smith"),
    ("Jane Doe (née Smith)", "Jane", "Doe"),
    ("Jane Doe 👋", "Jane", "Doe"),
    ("Jane Doe | Acme", "Jane", "Doe"),
    ("Jane Doe - Acme Inc.", "Jane", "Doe"),
    ("Jane Doe, CEO", "Jane", "Doe"),
    ("Jane Doe, Head of Sales", "Jane", "Doe"),
    ("Jane Doe, CTO, Acme", "Jane", "Doe"),
    ("Jane Doe, Acme Inc.", "Jane", "Doe"),
    # other scripts, and family names in front without a comma
    ("山田太郎", "太郎", "山田"),
    ("山田 太郎", "太郎", "山田"),
    ("高橋みなみ", "みなみ", "高橋"),
    ("佐々木望", "望", "佐々木"),
    ("田中 様", None, "田中"),
    ("王伟", "伟", "王"),
    ("李小龙", "小龙", "李"),
    ("欧阳修", "修", "欧阳"),
    ("王小明 (Xiaoming Wang)", "小明", "王"),
    ("Xiaoming Wang 王小明", "Xiaoming", "Wang"),
    ("김민준", "민준", "김"),
    ("Lee, Min-ho 이민호", "Min-ho", "Lee"),
    ("Lee Min-ho", "Min-ho", "Lee"),
    ("Min-ho Lee", "Min-ho", "Lee"),
    ("Nguyễn Văn An", "Văn An", "Nguyễn"),
    ("Nguyen Van An", "Van An", "Nguyen"),
    ("An Nguyen", "An", "Nguyen"),
    ("Петров Иван Сергеевич", "Иван Сергеевич", "Петров"),
    ("Иван Петров", "Иван", "Петров"),
    ("علي حسن", "علي", "حسن"),
    ("محمد بن سلمان", "محمد", "بن سلمان"),
    ("Émilie Dupont", "Émilie", "Dupont"),
]


@pytest.mark.parametrize(("written", "first", "last"), NAMES, ids=[name for name, _, _ in NAMES])
def test_a_full_name_is_taken_apart(written: str, first: str | None, last: str | None) -> None:
    assert read_name(written) == PersonName(first, last)


@pytest.mark.parametrize(
    "written",
    [
        "Acme, Inc.",
        "Acme GmbH",
        "Tailspin AS",
        "Example S.p.A.",
        "Smith & Sons, Ltd",
        "Żubr sp. z o.o.",
        "株式会社山田",
        "Northwind Solutions",
        "jane@acme.com",
        "https://acme.example",
        "<test lead: dummy data for full_name>",
        "4711",
        "Room 12",
        "N/A",
        "--",
        "unknown",
        "",
        "🙂",
        "(she/her)",
        "x" * 300,
    ],
)
def test_what_is_no_person_has_no_name(written: str) -> None:
    assert read_name(written) is None


@pytest.mark.parametrize(
    ("written", "country", "first", "last"),
    [
        ("高明", "CN", "明", "高"),
        ("林健太郎", "JP", "健太郎", "林"),
        ("Tran Anh", "VN", "Anh", "Tran"),
        ("Park Sora", "KR", "Sora", "Park"),
        ("Park Sora", "GB", "Park", "Sora"),
    ],
)
def test_the_country_settles_what_writing_does_not(written: str, country: str, first: str, last: str) -> None:
    assert read_name(written, country) == PersonName(first, last)


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("Erik", "Erik"),
        ("Dr. Erik", "Erik"),
        ("Prof. Dr. Eva", "Eva"),
        ("Dr.", None),
        ("Herr", None),
        ("Earl", "Earl"),
        ("Mary Ann", "Mary Ann"),
        ("J. R.", "J. R."),
        ("Holm, MBA", "Holm"),
        ("Doe PhD", "Doe"),
        ("Doe, Ph.D., CPA", "Doe"),
        ("Doe (she/her)", "Doe"),
        ("van der Berg", "van der Berg"),
        ("Smith Jr.", "Smith"),
        ("García López", "García López"),
        ("Ma", "Ma"),
        ("De Sa", "De Sa"),
        ("", None),
    ],
)
def test_titles_and_degrees_are_no_part_of_a_name(written: str, left: str | None) -> None:
    assert without_titles(written) == left


def test_a_person_is_no_company() -> None:
    assert not any(is_company(name) for name, _, _ in NAMES if "Acme" not in name)


@given(text=st.text(max_size=60))
def test_no_text_breaks_the_reader_and_no_name_is_empty(text: str) -> None:
    found = read_name(text)
    assert found is None or found.first or found.last
    assert without_titles(text) != ""


@given(
    first=st.sampled_from(["Jane", "Émilie", "Mary Ann", "Jean-Luc"]),
    last=st.sampled_from(["Doe", "van der Berg", "O'Brien", "Smith-Jones"]),
    behind=st.lists(st.sampled_from(["PhD", "MBA", "PMP", "CPA"]), unique=True, max_size=3),
)
def test_both_orders_are_one_person(first: str, last: str, behind: list[str]) -> None:
    straight = ", ".join([f"{first} {last}", *behind])
    turned = ", ".join([last, first, *behind])
    assert read_name(straight) == read_name(turned) == PersonName(first, last)
