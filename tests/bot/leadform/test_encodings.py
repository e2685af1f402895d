"""Which encoding a file is in: the right one, or none at all. Never another silently."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.leadform.csvfile import CsvUnreadable, open_csv, rows
from bot.leadform.encodings import EncodingUnclear, called, check_encoding, find_encoding, likeliest

DATA = Path(__file__).parent / "data"

NAMES: dict[str, tuple[str, str]] = {
    "German": ("cp1252", "Jürgen Müller Jörg Schäfer Größe Straßenbau Bäcker Köhler Weiß Österreich"),
    "French": ("cp1252", "Hélène Lefèvre François Noël Société Générale Benoît Agnès Jérôme Zoé Gaëlle Cœur"),
    "Spanish": ("cp1252", "José Muñoz Núñez María Peña García Ibáñez Óscar Martín Íñigo Cañas Saldaña"),
    "Portuguese": ("cp1252", "João Conceição Simões Guimarães Inês Magalhães Brandão Falcão Antônio Ação"),
    "Italian": ("cp1252", "Niccolò Società Nicolò Dalò Libertà Università Città Perché Caffè Qualità"),
    "Danish": ("cp1252", "Søren Kjær Jørgensen Bjørn Åse Ærø Rønde Sørensen Højgaard Tromsø Øystein"),
    "Swedish": ("cp1252", "Åsa Björk Söderström Göteborg Malmö Märta Öberg Bergström Håkan Sjögren"),
    "Polish": ("cp1250", "Łukasz Źdźbło Wójcik Paweł Wiśniewski Małgorzata Grażyna Świętokrzyska Żubr"),
    "Czech": ("cp1250", "Jiří Dvořák Kateřina Nováková Zdeněk Novotný Růžička Jméno Společnost Skříň Beneš"),
    "Hungarian": ("cp1250", "Győző Szűcs Béla Erdős Török Zoltánné Főigazgató Ügyvezető Kőszegi Szűts"),
    "Russian": ("cp1251", "Ольга Смирнова Ромашка Директор Иван Петров Сергеевич Москва Общество Компания"),
    "Greek": ("cp1253", "Γιώργος Παπαδόπουλος Μαρία Αθήνα Εταιρεία Διευθυντής Νίκος Ελένη Κωνσταντίνου"),
    "Turkish": ("cp1254", "Ayşe Y\u0131ld\u0131z Özgür Çağlar Şükrü Öztürk İbrahim Müdür Şirket Güneş Doğan"),
    "Chinese": ("gb18030", "王伟 李娜 示例科技有限公司 总监 张敏 刘洋 陈静 上海 北京 产品经理 首席执行官"),
    "Taiwanese": ("big5", "王大明 陳美玲 範例科技有限公司 總監 林志豪 張雅婷 台北 產品經理 執行長"),
    "Japanese": ("cp932", "山田太郎 株式会社サンプル 鈴木さくら 高橋みなみ 営業部マネージャー トヨタ"),
    "Korean": ("cp949", "김민준 예시주식회사 이서연 박지훈 대표이사 서울특별시 최수빈 마케팅"),
}  # fmt: skip
TONGUES = st.sampled_from(sorted(NAMES))


def table(words: list[str]) -> str:
    return "Email;Name;Company\n" + "".join(f"p{n}@x.example;{word};Acme\n" for n, word in enumerate(words))


@pytest.mark.parametrize("tongue", NAMES)
def test_a_list_of_names_is_read_in_its_own_encoding(tmp_path: Path, tongue: str) -> None:
    codec, names = NAMES[tongue]
    path = tmp_path / "leads.csv"
    path.write_bytes(table(names.split()).encode(codec))
    found = find_encoding(path)
    assert found is not None
    assert (found.codec, found.strays) == (codec, 0)


@settings(max_examples=150, deadline=None)
@given(tongue=TONGUES, data=st.data())
def test_even_a_few_names_are_never_read_in_another_encoding(tongue: str, data: st.DataObject) -> None:
    codec, names = NAMES[tongue]
    words = data.draw(st.lists(st.sampled_from(names.split()), min_size=1, max_size=4))
    raw = "\n".join(words).encode(codec)
    with suppress(EncodingUnclear):
        assert raw.decode(likeliest(raw)) == raw.decode(codec)


@pytest.mark.parametrize(
    ("name", "encoding", "values"),
    [
        ("11_encoding_cp1250.csv", "Windows-1250", ("Łukasz", "Źdźbło", "Żubr sp. z o.o.", "Dyrektor")),
        ("11_encoding_cp1251.csv", "Windows-1251", ("Ольга", "Смирнова", "Ромашка", "Директор")),
        ("11_encoding_gbk.csv", "GBK", ("伟", "王", "示例科技有限公司", "总监")),
    ],
)
def test_files_of_one_row_are_read_right(name: str, encoding: str, values: tuple[str, ...]) -> None:
    file = open_csv(DATA / name)
    (row,) = rows(file)
    assert file.encoding.name == encoding
    assert row.cells[1:5] == values


def test_utf_16_is_known_by_its_mark_and_without_one() -> None:
    found = open_csv(DATA / "01_facebook_lead_ads_utf16.csv")
    assert (found.encoding.name, found.delimiter) == ("UTF-16", "\t")


@pytest.mark.parametrize(
    ("word", "codec", "other"), [("Květa", "cp1250", "cp1252"), ("Kvìta", "cp1252", "cp1250")]
)
def test_where_two_are_as_likely_both_are_named(tmp_path: Path, word: str, codec: str, other: str) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(table([word]).encode(codec))
    with pytest.raises(CsvUnreadable) as refused:
        open_csv(path)
    assert {called(codec), called(other), "Květa", "Kvìta"} <= set(
        str(refused.value).replace("(", " ").replace(")", " ").split()
    )
    (row,) = rows(open_csv(path, encoding=codec))
    assert row.cells[1] == word


def test_the_whole_file_is_looked_at_and_not_only_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    plain = "Email;Name;Company\n" + "somebody@x.example;Ann Bee;Acme\n" * 50_000
    path.write_bytes((plain + "p@x.example;Łukasz Źdźbło;Żubr\n").encode("cp1250"))
    assert path.stat().st_size > 1 << 20
    last = list(rows(open_csv(path)))[-1]
    assert last.cells == ("p@x.example", "Łukasz Źdźbło", "Żubr")


def test_a_named_encoding_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(table(["Łukasz"]).encode("cp1250"))
    with pytest.raises(CsvUnreadable, match="It is not in UTF-8; leave the encoding out"):
        open_csv(path, encoding="utf-8")
    with pytest.raises(CsvUnreadable, match='"klingon" is not an encoding that Baton knows'):
        open_csv(path, encoding="klingon")


@pytest.mark.parametrize("name", ["utf-8", "UTF8", "utf-8-sig"])
def test_a_named_utf_8_may_have_a_mark(tmp_path: Path, name: str) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(b"\xef\xbb\xbf" + table(["Łukasz"]).encode())
    (row,) = rows(open_csv(path, encoding=name))
    assert row.values == {"Email": "p0@x.example", "Name": "Łukasz", "Company": "Acme"}


def test_stray_bytes_in_utf_8_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(table(["Zoë", "Łukasz"]).encode() + b"q@x.example;Jos\xe9;Acme\n")
    found = open_csv(path)
    assert (found.encoding.name, found.encoding.strays) == ("UTF-8", 1)
    assert [row.cells[1] for row in rows(found)] == ["Zoë", "Łukasz", "José"]


@pytest.mark.parametrize("raw", [b"\x80\x81\x82\xff\xfe", b"\x01\xc3\x28\xa0\xa1", bytes(range(128, 256))])
def test_noise_is_in_no_encoding(raw: bytes) -> None:
    with pytest.raises(EncodingUnclear):
        likeliest(raw)


@given(raw=st.binary(max_size=200))
def test_no_bytes_break_the_detection(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "leads.csv"
    path.write_bytes(raw)
    try:
        found = find_encoding(path)
    except EncodingUnclear:
        return
    if found and not found.strays and not found.codec.startswith("utf-"):
        assert check_encoding(path, found.codec).name == found.name
